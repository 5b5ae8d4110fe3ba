/**
 * Breaks runs in every way that machines break them, and looks whether the version table and the schema agree after
 * each, whether the report was true, and whether the next run completes: npm run test:faults [SEED]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { embeddedDatabase } from '../../server/src/database/embeddedDatabase.ts';
import { embeddedProgram } from '../../server/src/database/embeddedProgram.ts';
import { keptOpen } from '../../server/src/database/keptOpen.ts';
import type { Database, Session } from '../../server/src/database/session.ts';
import type { RunReport } from '../../server/src/runner/runReport.ts';
import { databaseAt, databaseOf, type TestServerDatabase } from '../postgres/databaseAt.ts';
import { type EmbeddedBundle, embeddedBundle, embeddedFolder } from '../postgres/embeddedBundle.ts';
import { type RunningPostgres, startPostgres } from '../postgres/startPostgres.ts';
import { runOn } from '../runner/runs.ts';
import type { ChildOrder } from './child.ts';
import { cuttingProxy } from './cuttingProxy.ts';
import { complaints, files, prepare, type Scenario, scenarios } from './scenario.ts';

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
let passed = 0;
const failures: string[] = [];

/** A small generator of numbers from 0 to 1 that a seed repeats. */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What is left to chance. Faults of different kinds run at the same time: each kind has its own, or no seed would repeat them. */
class Chance {
  readonly #random: () => number;

  constructor(start: number) {
    this.#random = mulberry32(start);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  scenario(): Scenario {
    const [up] = scenarios;
    const scenario = scenarios[this.below(scenarios.length)] ?? up;
    if (!scenario) throw new Error('there are no scenarios');
    return scenario;
  }
}

async function fault(name: string, work: () => Promise<string[]>): Promise<void> {
  const found = await work().catch((error: Error) => [error.stack ?? error.message]);
  if (found.length === 0) passed++;
  else {
    failures.push(name);
    console.log(`FAILED ${name}\n  ${found.join('\n  ')}`);
  }
}

/** A run that may end in any way. It rejects only when it has not begun. */
function ended(run: Promise<RunReport>): Promise<RunReport | undefined> {
  return run.catch(() => undefined);
}

async function onFresh(
  postgres: RunningPostgres,
  scenario: Scenario,
  work: (database: TestServerDatabase) => Promise<RunReport | undefined>,
): Promise<string[]> {
  const database = await databaseAt(postgres.port);
  try {
    await prepare(database, scenario);
    const report = await work(database);
    return await complaints(database, report, scenario);
  } finally {
    await database.drop();
  }
}

/** Cuts at every place there is between two messages, until a run passes uncut. */
async function cutConnections(
  postgres: RunningPostgres,
  scenario: Scenario,
  first: number,
  step: number,
): Promise<void> {
  const proxy = await cuttingProxy(postgres.port);
  const through = (url: string) => databaseOf(url.replace(`:${postgres.port}/`, `:${proxy.port}/`));
  let whole = false;
  for (let at = first; !whole; at += step) {
    await fault(`PostgreSQL ${postgres.version}, ${scenario.name}: cut before message ${at}`, () =>
      onFresh(postgres, scenario, async ({ url }) => {
        proxy.cutAt(at);
        const report = await ended(runOn({ database: through(url) }, files, scenario.command));
        whole = !proxy.hasCut();
        proxy.cutAt(undefined);
        return report;
      }),
    );
  }
  await proxy.close();
}

/** Breaks in while the session is at its n-th text: `strike` runs at the same time as the text. */
function striking(database: Database, at: number, strike: (session: Session) => Promise<unknown>): Database {
  let texts = 0;
  return {
    ...database,
    connect: async (options) => {
      const session = await database.connect(options);
      const count = <A extends unknown[], T>(send: (...args: A) => Promise<T>) => {
        return async (...args: A): Promise<T> => {
          if (++texts !== at) return send(...args);
          const [sent] = await Promise.allSettled([send(...args), strike(session)]);
          if (sent.status === 'rejected') throw sent.reason;
          return sent.value;
        };
      };
      return Object.create(session, {
        run: { value: count(session.run.bind(session)) },
        query: { value: count(session.query.bind(session)) },
      });
    },
  };
}

/** About as many as a run of a scenario sends. */
const textsOfARun = 20;

async function terminateBackends(postgres: RunningPostgres, chance: Chance, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const scenario = chance.scenario();
    const at = 1 + chance.below(textsOfARun);
    await fault(`PostgreSQL ${postgres.version}, ${scenario.name}: backend terminated at text ${at}`, () =>
      onFresh(postgres, scenario, (database) => {
        const strike = () =>
          database.query(
            'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          );
        return ended(runOn({ database: striking(database.database, at, strike) }, files, scenario.command));
      }),
    );
  }
}

async function stopServers(postgres: RunningPostgres, chance: Chance, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const scenario = chance.scenario();
    const at = 1 + chance.below(textsOfARun);
    await fault(`PostgreSQL ${postgres.version}, ${scenario.name}: server stopped at text ${at}`, () =>
      onFresh(postgres, scenario, async ({ database }) => {
        let back: Promise<void> | undefined;
        const strike = async () => {
          await postgres.crash();
          back = postgres.restart();
        };
        const report = await ended(
          runOn({ database: striking(database, at, strike) }, files, scenario.command),
        );
        await back;
        return report;
      }),
    );
  }
}

/** Kills a process that runs migrations, after so many lines of what it says. */
function killAfter(child: string, order: ChildOrder, lines: number): Promise<string> {
  return new Promise((done) => {
    const running = spawn(process.execPath, [child, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    running.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.split('\n').length > lines) running.kill('SIGKILL');
    });
    running.stderr.on('data', (chunk) => {
      output += chunk;
    });
    running.once('exit', () => done(output));
  });
}

async function killProcesses(
  postgres: RunningPostgres,
  chance: Chance,
  child: string,
  bundle: EmbeddedBundle,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const scenario = chance.scenario();
    const lines = 1 + chance.below(12);
    await fault(`PostgreSQL ${postgres.version}, ${scenario.name}: killed after ${lines} lines`, () =>
      onFresh(postgres, scenario, async ({ url }) => {
        await killAfter(child, { ...bundle, scenario: scenario.name, url }, lines);
        return undefined;
      }),
    );
  }
}

async function onEmbedded(
  bundle: EmbeddedBundle,
  scenario: Scenario,
  work: (database: Database, folder: string) => Promise<RunReport | undefined>,
): Promise<string[]> {
  const { folder, directory, remove } = await embeddedFolder(bundle);
  const program = embeddedProgramOf(bundle);
  // As both doors open it.
  const database = keptOpen(embeddedDatabase({ directory, program, texts: [] }));
  const query = async (text: string) => {
    const session = await database.connect();
    try {
      return [...(await session.query(text))];
    } finally {
      await session.close();
    }
  };
  try {
    await prepare({ database }, scenario);
    // Another process may be the next.
    await database.release();
    const report = await work(database, folder);
    return await complaints({ database, query }, report, scenario);
  } finally {
    await database.release();
    remove();
  }
}

const programs = new Map<string, ReturnType<typeof embeddedProgram>>();

function embeddedProgramOf({ worker, assets }: EmbeddedBundle): ReturnType<typeof embeddedProgram> {
  const program = programs.get(worker) ?? embeddedProgram(worker, assets);
  programs.set(worker, program);
  return program;
}

async function killEmbedded(
  bundle: EmbeddedBundle,
  chance: Chance,
  child: string,
  threads: number,
  processes: number,
): Promise<void> {
  for (let i = 0; i < threads; i++) {
    const scenario = chance.scenario();
    const at = 1 + chance.below(textsOfARun);
    await fault(`embedded, ${scenario.name}: thread killed at text ${at}`, () =>
      onEmbedded(bundle, scenario, (database) => {
        const strike = (session: Session) => session.cancel();
        return ended(runOn({ database: striking(database, at, strike) }, files, scenario.command));
      }),
    );
  }
  for (let i = 0; i < processes; i++) {
    const scenario = chance.scenario();
    const lines = 1 + chance.below(10);
    await fault(`embedded, ${scenario.name}: process killed after ${lines} lines`, () =>
      onEmbedded(bundle, scenario, async (_, folder) => {
        await killAfter(child, { ...bundle, scenario: scenario.name, folder }, lines);
        return undefined;
      }),
    );
  }
}

/** Of two runs on one server one waits. */
async function twoRuns(postgres: RunningPostgres): Promise<void> {
  for (const scenario of scenarios) {
    await fault(`PostgreSQL ${postgres.version}, ${scenario.name}: two at once`, () =>
      onFresh(postgres, scenario, async ({ database }) => {
        const run = () => ended(runOn({ database }, files, scenario.command));
        const [first] = await Promise.all([run(), run()]);
        return first;
      }),
    );
  }
}

/** Of two processes on one embedded database the second is refused. */
async function twoProcesses(bundle: EmbeddedBundle, child: string, scenario: Scenario): Promise<void> {
  await fault(`embedded, ${scenario.name}: a second process`, () =>
    onEmbedded(bundle, scenario, async (database, folder) => {
      const session = await database.connect();
      const output = await killAfter(child, { ...bundle, scenario: 'up', folder }, Number.POSITIVE_INFINITY);
      await session.close();
      if (!/end: the embedded database in \S+ is open in another program \(process \d+/.test(output)) {
        throw new Error(`the second process was not refused: ${output}`);
      }
      return undefined;
    }),
  );
}

async function bundleChild(out: string): Promise<string> {
  const outfile = join(out, 'child.mjs');
  await build({
    absWorkingDir: resolve('.'),
    entryPoints: ['test/faults/child.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

console.log(`seed ${seed}`);
const start = performance.now();
// The child imports packages: it must stand where they are found.
mkdirSync('dist-test', { recursive: true });
const out = mkdtempSync(join(resolve('dist-test'), 'faults-'));
const embeddedOut = mkdtempSync(join(tmpdir(), 'skein-faults-'));
const servers = await Promise.all([startPostgres(15), startPostgres(18)]);
try {
  const child = await bundleChild(out);
  const bundle = await embeddedBundle(embeddedOut);
  const onServer = async (postgres: RunningPostgres, chance: Chance, step: number) => {
    for (const scenario of scenarios) await cutConnections(postgres, scenario, chance.below(step), step);
    await terminateBackends(postgres, chance, 20);
    await stopServers(postgres, chance, 6);
    await killProcesses(postgres, chance, child, bundle, 8);
    await twoRuns(postgres);
  };
  const embedded = async (chance: Chance) => {
    await killEmbedded(bundle, chance, child, 20, 6);
    await twoProcesses(bundle, child, chance.scenario());
  };
  const [older, newer] = servers;
  await Promise.all([
    // Every place between two messages on one server, some of them on the other.
    onServer(older, new Chance(seed), 1),
    onServer(newer, new Chance(seed + 1), 4),
    embedded(new Chance(seed + 2)),
  ]);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(out, { recursive: true, force: true });
  rmSync(embeddedOut, { recursive: true, force: true });
}
for (const name of failures) console.log(`failed: ${name} (seed ${seed})`);
const seconds = Math.round((performance.now() - start) / 1000);
console.log(`${passed + failures.length} faults in ${seconds} s`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
