/**
 * Skein's runs of revisions and those of the real alembic, on random graphs and on a shop: on one database the two take turns, on
 * another alembic is alone; after every command both hold the same. npm run test:interop:alembic [SEED]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { reachable } from '../../server/src/migrations/reachable.ts';
import { type Revision, revisionGraph } from '../../server/src/migrations/revisionGraph.ts';
import { alembicTool } from '../../server/src/runner/alembicTool.ts';
import type { Command as OwnCommand } from '../../server/src/runner/plan.ts';
import { type RunOptions, runMigrations } from '../../server/src/runner/runMigrations.ts';
import { RunRefused } from '../../server/src/runner/runRefused.ts';
import { AlembicVersionTable } from '../../server/src/runner/tracking/alembicVersionTable.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { alembicRuntime } from '../../server/src/workspace/alembicRuntime.ts';
import { nodeFileSystem } from '../../server/src/workspace/nodeFileSystem.ts';
import { databaseAt, type TestServerDatabase } from '../postgres/databaseAt.ts';
import { startPostgres } from '../postgres/startPostgres.ts';
import { failingRevisions, shopRevisions } from '../runner/alembicRevisions.ts';
import {
  type Alembic,
  type AlembicAnswer,
  emptyRevisions,
  type Release,
  realAlembic,
  releases,
  writeProject,
} from './realAlembic.ts';
import { schemaOf } from './schema.ts';
import { stoppingRevisions } from './stoppingRevisions.ts';
import { throughAlembic } from './throughAlembic.ts';

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

/** A project on disk, as Skein reads it. */
async function projectIn(folder: string): Promise<Pick<RunOptions, 'tool' | 'files'>> {
  const versions = join(folder, 'migrations', 'versions');
  const files = readdirSync(versions)
    .filter((name) => name.endsWith('.py'))
    .map((name) => ({
      path: join(versions, name),
      text: readFileSync(join(versions, name), 'utf8'),
      byteOrderMark: false,
    }));
  return { tool: alembicTool(await alembicRuntime(versions, nodeFileSystem)), files };
}

async function ours(
  { database }: TestServerDatabase,
  folder: string,
  command: Command,
): Promise<AlembicAnswer> {
  const { tool, files } = await projectIn(folder);
  try {
    const now = () => performance.now();
    const options = { database, tool, files, command: ownCommand(command), now };
    const { outcome, failure } = await runMigrations(options);
    return { ok: outcome === 'done', ...(failure && { failed: failure.title }) };
  } catch (error) {
    if (error instanceof RunRefused) return { ok: false, refusal: error.message };
    throw error;
  }
}

function ownCommand({ verb, target }: Command): OwnCommand {
  if (verb === 'stamp') return { kind: 'stamp', to: [target] };
  return { kind: verb === 'upgrade' ? 'up' : 'down', to: target };
}

/**
 * The revisions without parents that another parent implies. When such a merge is rolled back, 1.8.1 writes both, which it
 * then refuses to go on from; 1.20 and Skein write the one that implies the other.
 */
function withoutImplied(revisions: readonly Revision[]): readonly Revision[] {
  const { nodes } = revisionGraph(revisions);
  return revisions.map((revision) => {
    const parents = nodes.get(revision.id)?.parents ?? [];
    const implied = reachable(
      parents.flatMap((parent) => parent.needs),
      ({ needs }) => needs,
    );
    const left = parents.filter((parent) => !implied.has(parent));
    return { ...revision, downRevisions: left.map(({ id }) => id) };
  });
}

async function rowsOf({ database }: TestServerDatabase): Promise<readonly string[]> {
  const session = await database.connect();
  try {
    const usual = await new AlembicVersionTable().read(session);
    const other = await new AlembicVersionTable({ table: 'Versions', schema: 'side' }).read(session);
    return [...(usual ?? other ?? [])].sort();
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
    writeProject(project, emptyRevisions(revisions));
    for (const [i, command] of commands.entries()) {
      const told = [command.verb, '--', command.target];
      const isOurs = i % 2 === 0;
      const first = isOurs ? await ours(shared, project, command) : alembic.run(shared.url, project, ...told);
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

function check(what: string, found: unknown, expected: unknown, circumstances: unknown): void {
  if (isDeepStrictEqual(found, expected)) {
    passed++;
    return;
  }
  failed++;
  console.log(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  console.log(`  in ${JSON.stringify(circumstances)}`);
}

/** What two databases can differ in, the version table apart. */
async function contentsOf(database: TestServerDatabase): Promise<unknown> {
  const rows = await database.query('SELECT id, email FROM users ORDER BY id').catch(() => 'no users');
  return { rows, ...(await schemaOf(database)) };
}

/** Both take turns at a shop with all kinds of directives, Skein first or second; alembic alone does the same. */
async function playShop(
  port: number,
  alembic: Alembic,
  { name, configures = '', revisions, commands, skeinFirst }: ShopGame,
): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), 'skein-alembic-'));
  const [shared, alone] = [await databaseAt(port), await databaseAt(port)];
  try {
    for (const each of [shared, alone]) await each.query('CREATE SCHEMA side');
    writeProject(project, revisions, configures);
    for (const [i, command] of commands.entries()) {
      const told = [command.verb, '--', command.target];
      const isOurs = (i % 2 === 0) === skeinFirst;
      const first = isOurs ? await ours(shared, project, command) : alembic.run(shared.url, project, ...told);
      const second = alembic.run(alone.url, project, ...told);
      const words = `${name}: ${command.verb} ${command.target}, by ${isOurs ? 'Skein' : 'alembic'}`;
      check(words, [first.ok, second.ok], [command.ok, command.ok], first);
      check(`${words}: rows`, await rowsOf(shared), await rowsOf(alone), []);
      check(`${words}: schema`, await contentsOf(shared), await contentsOf(alone), []);
    }
  } finally {
    await Promise.all([shared.drop(), alone.drop()]);
    rmSync(project, { recursive: true });
  }
}

interface ShopCommand extends Command {
  readonly ok: boolean;
}

interface ShopGame {
  readonly name: string;
  readonly configures?: string;
  readonly revisions: Readonly<Record<string, string>>;
  readonly commands: readonly ShopCommand[];
  readonly skeinFirst: boolean;
}

const walk = [
  ['upgrade', 'aa01'],
  ['upgrade', '+1'],
  ['upgrade', 'cc03'],
  ['upgrade', 'left@head'],
  ['upgrade', 'head', 'several heads'],
  ['upgrade', 'heads'],
  ['downgrade', 'dd04'],
  ['upgrade', 'heads'],
  ['downgrade', 'cc03'],
  ['stamp', 'heads'],
  ['stamp', 'cc03'],
  ['stamp', 'gg07'],
  ['downgrade', 'base'],
  ['upgrade', 'heads'],
  ['downgrade', 'base'],
].map(([verb, target, refused]) => ({ verb, target, ok: refused === undefined }) as ShopCommand);

const towardsFailure: readonly ShopCommand[] = [
  { verb: 'upgrade', target: 'bb02', ok: true },
  { verb: 'upgrade', target: 'heads', ok: false },
  { verb: 'downgrade', target: 'bb02', ok: true },
];

const shopGames: readonly ShopGame[] = [true, false].flatMap((skeinFirst) => [
  { name: 'shop', revisions: shopRevisions, commands: walk, skeinFirst },
  {
    name: 'shop, a transaction each, another version table',
    configures: ', transaction_per_migration=True, version_table="Versions", version_table_schema="side"',
    revisions: shopRevisions,
    commands: walk,
    skeinFirst,
  },
  { name: 'failing', revisions: failingRevisions, commands: towardsFailure, skeinFirst },
  {
    name: 'failing, a transaction each',
    configures: ', transaction_per_migration=True',
    revisions: failingRevisions,
    commands: towardsFailure,
    skeinFirst,
  },
]);

await loadParser();
console.log(`seed ${seed}`);
const postgres = await startPostgres(18);
try {
  for (const release of Object.keys(releases) as Release[]) {
    const alembic = realAlembic(release);
    for (const each of fc.sample(game, { seed, numRuns: games })) {
      const revisions = release === '1.8.1' ? withoutImplied(each.revisions) : each.revisions;
      await play(postgres.port, release, alembic, { ...each, revisions });
    }
    await throughAlembic(postgres.port, alembic, (what, found, expected) =>
      check(`through alembic ${release}: ${what}`, found, expected, []),
    );
    await stoppingRevisions(postgres.port, alembic, (what, found, expected) =>
      check(`stopped by ${release}: ${what}`, found, expected, []),
    );
    for (const each of shopGames) {
      await playShop(postgres.port, alembic, { ...each, name: `alembic ${release}, ${each.name}` });
    }
  }
} finally {
  await postgres.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
