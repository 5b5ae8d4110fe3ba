/**
 * Skein's rows in alembic_version and those of the real alembic, on random graphs: on one database the two take turns, on
 * another alembic is alone; after every command both hold the same. npm run test:interop:alembic [SEED]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { RevisionError } from '../../server/src/migrations/revisionError.ts';
import { type Revision, revisionGraph } from '../../server/src/migrations/revisionGraph.ts';
import { downgradePlan, stampPlan, upgradePlan } from '../../server/src/migrations/revisionPlan.ts';
import { AlembicVersionTable } from '../../server/src/runner/tracking/alembicVersionTable.ts';
import { databaseAt, type TestServerDatabase } from '../postgres/databaseAt.ts';
import { startPostgres } from '../postgres/startPostgres.ts';
import {
  type Alembic,
  type AlembicAnswer,
  type Release,
  realAlembic,
  releases,
  writeProject,
} from './realAlembic.ts';

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
const games = 4;
let passed = 0;
let failed = 0;

interface Command {
  readonly verb: 'upgrade' | 'downgrade' | 'stamp';
  readonly target: string;
}

interface Game {
  readonly revisions: readonly Revision[];
  readonly commands: readonly Command[];
}

const names = ['aa01', 'bb02', 'cc03', 'dd04', 'ee05', 'ff06'];

/** Each revision comes after up to two before it, and now and then depends on another; some bear a label. */
const revisions = fc
  .tuple(
    ...names.map((id, i) =>
      fc.record({
        id: fc.constant(id),
        downRevisions: fc.subarray(names.slice(0, i), {
          minLength: Math.min(i, 1),
          maxLength: Math.min(i, 2),
        }),
        dependsOn: fc.oneof(
          { weight: 4, arbitrary: fc.constant([]) },
          fc.subarray(names.slice(0, i), { maxLength: Math.min(i, 1) }),
        ),
        branchLabels: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.constant([`label${i}`])),
      }),
    ),
  )
  .map((all): readonly Revision[] => all);

const target = fc.oneof(
  fc.constantFrom('head', 'heads', 'base', '+1', '+2', ...names),
  fc.constantFrom(...names).map((name) => `${name}@head`),
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: target.map((to) => ({ verb: 'upgrade' as const, target: to })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('base', '-1', '-2', ...names)
      .map((to) => ({ verb: 'downgrade' as const, target: to })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('heads', 'base', ...names)
      .map((to) => ({ verb: 'stamp' as const, target: to })),
  },
);
const game: fc.Arbitrary<Game> = fc.record({
  revisions,
  commands: fc.array(command, { minLength: 6, maxLength: 10 }),
});

async function ours(
  { database }: TestServerDatabase,
  revisions: readonly Revision[],
  { verb, target }: Command,
): Promise<AlembicAnswer> {
  const graph = revisionGraph(revisions);
  const table = new AlembicVersionTable();
  const session = await database.connect();
  try {
    const rows = await table.read(session);
    const before = rows ?? [];
    const plan =
      verb === 'stamp'
        ? stampPlan(graph, before, [target])
        : (verb === 'upgrade' ? upgradePlan : downgradePlan)(graph, before, target);
    await session.run('BEGIN');
    if (rows === undefined) await session.run(table.definition);
    for (const { changes } of plan) for (const change of changes) await table.record(session, change);
    await session.run('COMMIT');
    return { ok: true };
  } catch (error) {
    if (error instanceof RevisionError) return { ok: false, refusal: error.message };
    throw error;
  } finally {
    await session.close();
  }
}

async function rowsOf({ database }: TestServerDatabase): Promise<readonly string[]> {
  const session = await database.connect();
  try {
    return [...((await new AlembicVersionTable().read(session)) ?? [])].sort();
  } finally {
    await session.close();
  }
}

async function play(
  port: number,
  release: Release,
  alembic: Alembic,
  { revisions, commands }: Game,
): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), 'skein-alembic-'));
  const [shared, alone] = [await databaseAt(port), await databaseAt(port)];
  try {
    writeProject(project, revisions);
    for (const [i, command] of commands.entries()) {
      const told = [command.verb, '--', command.target];
      const isOurs = i % 2 === 0;
      const first = isOurs
        ? await ours(shared, revisions, command)
        : alembic.run(shared.url, project, ...told);
      const second = alembic.run(alone.url, project, ...told);
      const words = `alembic ${release}: ${command.verb} ${command.target}, by ${isOurs ? 'Skein' : 'alembic'}`;
      check(words, first.ok, second.ok, revisions);
      const comparable = release === '1.20.0' && second.refusal !== undefined;
      if (comparable) check(`${words}: why not`, first.refusal, second.refusal, revisions);
      check(`${words}: rows`, await rowsOf(shared), await rowsOf(alone), revisions);
    }
  } finally {
    await Promise.all([shared.drop(), alone.drop()]);
    rmSync(project, { recursive: true });
  }
}

function check(what: string, found: unknown, expected: unknown, revisions: readonly Revision[]): void {
  if (isDeepStrictEqual(found, expected)) {
    passed++;
    return;
  }
  failed++;
  console.log(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  console.log(`  in ${JSON.stringify(revisions)}`);
}

console.log(`seed ${seed}`);
const postgres = await startPostgres(18);
try {
  for (const release of Object.keys(releases) as Release[]) {
    const alembic = realAlembic(release);
    for (const each of fc.sample(game, { seed, numRuns: games })) {
      await play(postgres.port, release, alembic, each);
    }
  }
} finally {
  await postgres.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
