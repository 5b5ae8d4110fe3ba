import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { AlembicProgram } from '../../server/src/runner/alembicProgram.ts';
import type { Command } from '../../server/src/runner/plan.ts';
import { findPython } from '../../server/src/runner/python.ts';
import type { RunEvent } from '../../server/src/runner/runEvent.ts';
import { RunRefused } from '../../server/src/runner/runRefused.ts';
import { alembicRuntime } from '../../server/src/workspace/alembicRuntime.ts';
import { nodeFileSystem } from '../../server/src/workspace/nodeFileSystem.ts';
import { databaseAt } from '../postgres/databaseAt.ts';
import { failingRevisions, revisionText } from '../runner/alembicRevisions.ts';
import { type Alembic, writeProject } from './realAlembic.ts';

type Check = (what: string, found: unknown, expected: unknown) => void;

/** As `alembic init` writes it: what alembic says is heard. */
const logging = `
[loggers]
keys = root,alembic
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[logger_alembic]
level = INFO
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
`;

const password = 'geheimnis';

/** Skein lets the real alembic run: what it says before, meanwhile and after. */
export async function throughAlembic(port: number, alembic: Alembic, check: Check): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), 'skein-alembic-'));
  const database = await databaseAt(port);
  const before = process.env.DATABASE_URL;
  process.env.DATABASE_URL = database.url.replace('postgres@', `postgres:${password}@`).replace(/\?.*/, '');
  try {
    const sleeping = revisionText({ id: 'ii09', after: ['cc03'], up: 'op.execute("SELECT pg_sleep(120)")' });
    writeProject(project, { ...failingRevisions, 'ii09_x.py': sleeping });
    appendFileSync(join(project, 'alembic.ini'), logging);
    const env = join(project, 'migrations', 'env.py');
    const text = readFileSync(env, 'utf8');
    writeFileSync(
      env,
      `from logging.config import fileConfig\n${text}`.replace(
        'url =',
        'fileConfig(context.config.config_file_name)\nurl =',
      ),
    );
    await play(project, alembic, { name: database.name, query: database.query }, check);
  } finally {
    if (before === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = before;
    await database.drop();
    rmSync(project, { recursive: true });
  }
}

interface Played {
  readonly name: string;
  readonly query: (text: string) => Promise<Record<string, unknown>[]>;
}

async function play(project: string, { python }: Alembic, database: Played, check: Check): Promise<void> {
  const versions = join(project, 'migrations', 'versions');
  const runtime = await alembicRuntime(versions, nodeFileSystem);
  const found = await findPython(project, { setting: python, root: project });
  if (found === undefined) throw new Error('no Python');
  const program = new AlembicProgram(found, runtime, 1_000);
  const events: RunEvent[] = [];
  const inputs = () => ({ files: filesIn(versions), onEvent: (event: RunEvent) => events.push(event) });
  const run = (command: Command, signal?: AbortSignal) =>
    program.run(command, undefined, { ...inputs(), ...(signal && { signal }) }, () => performance.now());
  const rows = async () =>
    (await database.query('SELECT version_num FROM alembic_version')).map((row) => row.version_num);

  const files = inputs().files;
  const standing = await program.standing(inputs());
  check('nothing is applied', standing.status(files).current, undefined);
  check(
    'looking makes no table',
    await database.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'"),
    [],
  );
  check('the database is named', [program.name.database, program.name.user], [database.name, 'postgres']);
  const plan = await program.plan({ kind: 'up', to: 'cc03' }, inputs());
  check(
    'the plan is alembic’s',
    plan.runs.map(({ version }) => version),
    ['aa01', 'bb02', 'cc03'],
  );
  const sql = await program.script({ kind: 'up', to: 'aa01' }, inputs());
  check('its SQL', /CREATE TABLE users/.test(sql), true);

  const up = await run({ kind: 'up', to: 'cc03' });
  check(
    'it runs',
    [up.outcome, up.finished.map(({ version }) => version)],
    ['done', ['aa01', 'bb02', 'cc03']],
  );
  const begun = events.flatMap((event) => (event.kind === 'file' ? `${event.index} of ${event.count}` : []));
  check('its progress', begun, ['1 of 3', '2 of 3', '3 of 3']);
  const redone = await run({ kind: 'redo' });
  check(
    'redo',
    redone.finished.map(({ direction }) => direction),
    ['down', 'up'],
  );

  await refusals(program, run, inputs, check);

  const failed = await run({ kind: 'up', to: 'hh08' });
  check(
    'a failure',
    [failed.outcome, failed.finished.map(({ version }) => version).sort()],
    ['failed', ['dd04', 'ee05', 'ff06']],
  );
  const { title, detail, path, place } = failed.failure ?? {};
  check(
    'its words',
    [title, detail],
    [
      'duplicate key value violates unique constraint "ix_users_email"',
      'Key (email)=(a@example.org:x) already exists.',
    ],
  );
  check('its place', [path?.endsWith('hh08_x.py'), place?.line], [true, 15]);

  await run({ kind: 'stamp', to: ['cc03'], purge: true });
  check('stamp', await rows(), ['cc03']);
  const abort = new AbortController();
  const cancelled = program.run(
    { kind: 'up', to: 'ii09' },
    undefined,
    {
      ...inputs(),
      signal: abort.signal,
      onEvent: (event) => event.kind === 'file' && abort.abort(new Error('enough')),
    },
    () => performance.now(),
  );
  const { outcome, finished } = await cancelled;
  check('cancelled', [outcome, finished, await rows()], ['cancelled', [], ['cc03']]);
  // The server goes on with its statement until it notices.
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()",
  );
  check('no password is said', JSON.stringify([events, program.reason, sql]).includes(password), false);

  writeFileSync(join(project, 'migrations', 'env.py'), 'import os\nimport nosuchmodule\n');
  const other = new AlembicProgram(found, await alembicRuntime(versions, nodeFileSystem));
  const broken = await refusalOf(() => other.plan({ kind: 'up' }, inputs()));
  check(
    'an env.py that fails',
    [broken?.message, broken?.place?.path.endsWith('env.py'), broken?.place?.span.start],
    ["ModuleNotFoundError: No module named 'nosuchmodule'", true, 10],
  );
}

async function refusals(
  program: AlembicProgram,
  run: (command: Command) => Promise<unknown>,
  inputs: () => { readonly files: FileContent[] },
  check: Check,
): Promise<void> {
  const several = await refusalOf(() => run({ kind: 'up' }));
  check(
    'several heads',
    several?.message.startsWith("Multiple head revisions are present for given argument 'head'"),
    true,
  );
  const nowhere = await refusalOf(() => program.plan({ kind: 'down', to: 'nosuch' }, inputs()));
  check('no such revision', nowhere?.message, "Can't locate revision identified by 'nosuch'");
  const heads = await program.print(['heads'], inputs());
  check('heads', heads.split('\n').filter((line) => line.includes('(head)')).length, 3);
}

async function refusalOf(work: () => Promise<unknown>): Promise<RunRefused | undefined> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RunRefused) return error;
    throw error;
  }
  return undefined;
}

function filesIn(folder: string): FileContent[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.py'))
    .map((name) => ({
      path: join(folder, name),
      text: readFileSync(join(folder, name), 'utf8'),
      byteOrderMark: false,
    }));
}
