import { describe, expect, test } from 'vitest';
import { ConnectionLost, type Database } from '../../server/src/database/session.ts';
import type { AlembicRuntime } from '../../server/src/migrations/alembicRuntime.ts';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { alembicTool } from '../../server/src/runner/alembicTool.ts';
import type { Command } from '../../server/src/runner/plan.ts';
import { planScript } from '../../server/src/runner/planScript.ts';
import { previewRun, readStatus, runMigrations } from '../../server/src/runner/runMigrations.ts';
import { RunRefused } from '../../server/src/runner/runRefused.ts';
import type { RunReport } from '../../server/src/runner/runReport.ts';
import type { TestDatabase } from '../postgres/databaseAt.ts';
import { engines, onEmbedded, onServer, using } from '../postgres/testDatabase.ts';
import { failingRevisions, revisionText, shopRevisions } from './alembicRevisions.ts';

const up: Command = { kind: 'up' };
const upHeads: Command = { kind: 'up', to: 'heads' };

function folder(revisions: Readonly<Record<string, string>>): FileContent[] {
  return Object.entries(revisions).map(([name, text]) => file(`migrations/versions/${name}`, text));
}

function file(path: string, text: string): FileContent {
  return { path, text, byteOrderMark: false };
}

/** A folder's surroundings: what env.py says in `context.configure(…)`. */
function runtime(env?: string, namesByConvention = false): AlembicRuntime {
  return {
    ...(env !== undefined && { environment: file('migrations/env.py', env) }),
    namesByConvention: async () => namesByConvention,
  };
}

function configured(options: string, before = ''): string {
  return `from alembic import context\n\n${before}context.configure(connection=connection${options})\n`;
}

function inputs({ database }: Pick<TestDatabase, 'database'>, files: FileContent[], env?: string) {
  return { database, tool: alembicTool(runtime(env)), files };
}

function run(
  on: Pick<TestDatabase, 'database'>,
  files: FileContent[],
  command: Command = up,
  env?: string,
): Promise<RunReport> {
  return runMigrations({ ...inputs(on, files, env), command, now: () => performance.now() });
}

async function refusal(
  on: Pick<TestDatabase, 'database'>,
  files: FileContent[],
  command: Command = up,
  tool = alembicTool(runtime()),
): Promise<{
  readonly message: string;
  readonly at: string;
  readonly reason: string;
  readonly advice: string;
}> {
  try {
    await runMigrations({ database: on.database, tool, files, command, now: () => performance.now() });
  } catch (error) {
    if (!(error instanceof RunRefused)) throw error;
    const { message, place, reason, advice } = error;
    const text = place?.text ?? files.find(({ path }) => path === place?.path)?.text ?? '';
    return { message, reason, advice, at: text.slice(place?.span.start, place?.span.end) };
  }
  throw new Error('not refused');
}

async function rows(on: Pick<TestDatabase, 'query'>): Promise<unknown[]> {
  const found = await on
    .query('SELECT version_num FROM alembic_version ORDER BY 1')
    .catch(() => [{ version_num: 'no table' }]);
  return found.map((row) => row.version_num);
}

async function tables(on: Pick<TestDatabase, 'query'>): Promise<unknown[]> {
  const found = await on.query(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
  );
  return found.map(({ relname }) => relname);
}

const shop = folder(shopRevisions);

describe.each(engines.slice(1))('on $name', ({ make }) => {
  test('up, down, redo, stamp, and where it stands', async () => {
    const database = await using(make());
    expect(
      (await run(database, shop, { kind: 'up', to: 'cc03' })).finished.map(({ version }) => version),
    ).toEqual(['aa01', 'bb02', 'cc03']);
    expect(await rows(database)).toEqual(['cc03']);
    expect((await run(database, shop, upHeads)).outcome).toBe('done');
    expect(await rows(database)).toEqual(['ff06', 'gg07']);
    expect((await run(database, shop, upHeads)).finished).toEqual([]);
    const back = await run(database, shop, { kind: 'down', to: 'cc03' });
    expect(back.finished.map(({ version }) => version).sort()).toEqual(['dd04', 'ee05', 'ff06']);
    expect(await rows(database)).toEqual(['cc03', 'gg07']);
    const status = await readStatus(inputs(database, shop));
    const states = status.files.map(({ version, state }) => `${version} ${state}`);
    expect(states.filter((each) => each.endsWith('pending')).sort()).toEqual([
      'dd04 pending',
      'ee05 pending',
      'ff06 pending',
    ]);
    await run(database, shop, { kind: 'stamp', to: ['ff06'] });
    expect(await rows(database)).toEqual(['ff06', 'gg07']);
    await run(database, shop, { kind: 'stamp', to: ['dd04', 'ee05'], purge: true });
    expect(await rows(database)).toEqual(['dd04', 'ee05']);
    await run(database, shop, { kind: 'stamp', to: ['base'], purge: true });
    expect(await rows(database)).toEqual([]);
    await run(database, shop, { kind: 'stamp', to: ['cc03', 'gg07'] });
    expect((await run(database, shop, { kind: 'down', to: 'base' })).outcome).toBe('done');
    expect(await tables(database)).toEqual(['alembic_version']);
    await run(database, shop, { kind: 'up', to: 'bb02' });
    const redone = await run(database, shop, { kind: 'redo' });
    expect(redone.finished.map(({ version, direction }) => `${version} ${direction}`)).toEqual([
      'bb02 down',
      'bb02 up',
    ]);
    expect(await rows(database)).toEqual(['bb02']);
  });

  test('one transaction for all: what fails takes along what ran before it, as far as no block has committed', async () => {
    const database = await using(make());
    const small = folder({
      'a.py': revisionText({ id: 'aa01', up: 'op.create_table("a", sa.Column("n", sa.Integer()))' }),
      'b.py': revisionText({ id: 'bb02', after: ['aa01'], up: 'op.drop_column("nosuch", "n")' }),
    });
    const report = await run(database, small);
    expect(report).toMatchObject({ outcome: 'failed', finished: [] });
    expect(report.failure).toMatchObject({ left: 'nothing-of-run', code: '42P01', place: { line: 12 } });
    const text = small[1]?.text ?? '';
    const span = report.failure?.place?.span ?? { start: 0, end: 0 };
    expect(text.slice(span.start, span.end)).toBe('nosuch');
    expect(await rows(database)).toEqual(['no table']);
    const each = await run(database, small, up, configured(', transaction_per_migration=True'));
    expect(each.finished.map(({ version }) => version)).toEqual(['aa01']);
    expect(await rows(database)).toEqual(['aa01']);
  });

  test('an autocommit block keeps what was before it, under the version before', async () => {
    const database = await using(make());
    const { outcome, failure, finished } = await run(database, folder(failingRevisions), {
      kind: 'up',
      to: 'hh08',
    });
    expect(outcome).toBe('failed');
    expect(failure).toMatchObject({ left: 'statements-before', code: '23505' });
    expect(failure?.place?.statement).toContain('INSERT INTO users');
    expect(finished.map(({ version }) => version)).not.toContain('hh08');
    expect(finished).toHaveLength(6);
    expect(await rows(database)).toEqual(['ff06']);
    expect(await tables(database)).toContain('kept');
  });
});

test('cancelled between two revisions of one transaction, nothing is left', async () => {
  const database = await using(onServer(18));
  const abort = new AbortController();
  const report = await runMigrations({
    ...inputs(database, shop),
    command: upHeads,
    signal: abort.signal,
    onEvent: (event) => event.kind === 'file' && event.index === 2 && abort.abort(new Error('enough')),
    now: () => performance.now(),
  });
  expect(report).toMatchObject({ outcome: 'cancelled', finished: [] });
  expect(await rows(database)).toEqual(['no table']);
});

test.each([
  ['after the server has committed', true],
  ['before the server hears of it', false],
])('a connection that is lost at the last COMMIT, %s', async (_, committed) => {
  const database = await using(onServer(18));
  let lose = true;
  const losing: Database = {
    ...database.database,
    connect: async (options) => {
      const session = await database.database.connect(options);
      if (!lose) return session;
      let lost = false;
      return {
        get capabilities() {
          return session.capabilities;
        },
        get transactionStatus() {
          return session.transactionStatus;
        },
        get lost() {
          return lost;
        },
        run: async (text) => {
          if (text !== 'COMMIT') return session.run(text);
          if (committed) await session.run(text);
          lose = false;
          lost = true;
          await session.close();
          throw new ConnectionLost('gone');
        },
        query: (text, values) => session.query(text, values),
        cancel: () => session.cancel(),
        onNotice: (listener) => session.onNotice(listener),
        close: () => session.close(),
      };
    },
  };
  const small = folder({
    'a.py': revisionText({ id: 'aa01', up: 'op.create_table("a", sa.Column("n", sa.Integer()))' }),
    'b.py': revisionText({
      id: 'bb02',
      after: ['aa01'],
      up: 'op.create_table("b", sa.Column("n", sa.Integer()))',
    }),
  });
  const { outcome, finished, failure } = await run({ database: losing }, small);
  expect([outcome, finished.map(({ version }) => version)]).toEqual(
    committed ? ['done', ['aa01', 'bb02']] : ['failed', []],
  );
  expect(failure?.left).toBe(committed ? undefined : 'nothing-of-run');
  expect(await rows(database)).toEqual([committed ? 'bb02' : 'no table']);
});

test('env.py says where the version table is', async () => {
  const database = await using(onServer(15));
  await database.query('CREATE SCHEMA "App"');
  const env = configured(', version_table="Versions", version_table_schema="App", version_table_pk=False');
  await run(database, shop, { kind: 'up', to: 'bb02' }, env);
  expect(await database.query('SELECT version_num FROM "App"."Versions"')).toEqual([{ version_num: 'bb02' }]);
  expect(await database.query("SELECT 1 FROM pg_constraint WHERE conname = 'Versions_pkc'")).toEqual([]);
});

test('the script of a plan does the same', async () => {
  const [ran, scripted] = [await using(onServer(18)), await using(onServer(18))];
  const plan = await previewRun(inputs(scripted, shop), upHeads);
  const script = planScript(plan);
  expect(script).toMatch(/COMMIT;\nCREATE INDEX CONCURRENTLY orders_state/);
  expect(script).toContain('\\gset');
  await run(ran, shop, upHeads);
  // psql's own commands stand around the types that may be there: the first is made, the second is not.
  const plain = script
    .replace(/^SELECT EXISTS .*\n\\if.*\n(.*\n)\\endif\n/m, '$1')
    .replace(/^SELECT EXISTS .*\n\\if.*\n.*\n\\endif\n/gm, '');
  const session = await scripted.database.connect();
  for (const part of plain.split(/(?<=^(?:COMMIT|BEGIN);\n)|(?<=CONCURRENTLY .*;\n)/m))
    await session.run(part);
  await session.close();
  expect(await rows(scripted)).toEqual(await rows(ran));
  expect(await tables(scripted)).toEqual(await tables(ran));
});

describe('refused before anything is run, at its place', () => {
  const one = (body: string, down?: string) =>
    folder({
      'a.py': revisionText({ id: 'aa01', up: 'op.create_table("a", sa.Column("n", sa.Integer()))' }),
      'b.py': revisionText({ id: 'bb02', after: ['aa01'], up: body, ...(down !== undefined && { down }) }),
    });

  test.each<[string, string, RegExp, string]>([
    [
      'a value from elsewhere',
      'op.execute(f"DROP TABLE {name()}")',
      /known only when Python runs/,
      '{name()}',
    ],
    [
      'a condition',
      'if sa.inspect(op.get_bind()).has_table("x"):\n    op.drop_table("x")',
      /only when Python runs/,
      'op.drop_table("x")',
    ],
    ['an exception', 'raise ValueError("no")', /exception/, 'raise ValueError("no")'],
    ['an unbound parameter', 'op.execute("DELETE FROM a WHERE n = :n")', /:n a value/, ':n'],
    [
      'values for the driver, by name',
      'op.get_bind().execute("DELETE FROM a WHERE n = %(n)s", n=1)',
      /driver puts in these values/,
      'op.get_bind().execute("DELETE FROM a WHERE n = %(n)s", n=1)',
    ],
    ['code from elsewhere', 'fill(op.get_bind())', /cannot be seen/, 'fill(op.get_bind())'],
    [
      'rows as parameters',
      'op.get_bind().execute(sa.text("INSERT INTO a VALUES (:n)"), [{"n": 1}, {"n": 2}])',
      /:n a value/,
      ':n',
    ],
    [
      'a directive that is handed on',
      'list(map(op.drop_table, ["a"]))',
      /cannot be seen/,
      'map(op.drop_table, ["a"])',
    ],
    [
      'a directive by its name',
      'getattr(op, "drop_table")("a")',
      /cannot be seen/,
      'getattr(op, "drop_table")',
    ],
    [
      'what the driver puts in',
      'op.get_bind().exec_driver_sql("DELETE FROM a WHERE n = %(n)s", {"n": 1})',
      /the driver/,
      '{"n": 1}',
    ],
    [
      'a loop over rows',
      'for row in op.get_bind().execute(sa.text("SELECT 1")):\n    op.execute("SELECT 2")',
      /its body was read once/,
      'for row in op.get_bind().execute(sa.text("SELECT 1"))',
    ],
  ])('%s', async (_, body, message, at) => {
    const database = await using(onServer(18));
    const found = await refusal(database, one(body));
    expect(found.message).toMatch(message);
    expect(found).toMatchObject({ reason: 'unclear', at });
    expect(await rows(database)).toEqual(['no table']);
  });

  test('only the direction that is run', async () => {
    const database = await using(onServer(18));
    const files = one('pass', 'raise NotImplementedError()');
    expect((await run(database, files)).outcome).toBe('done');
    expect(await refusal(database, files, { kind: 'down' })).toMatchObject({
      at: 'raise NotImplementedError()',
    });
    expect(await rows(database)).toEqual(['bb02']);
  });

  test('what alembic could not load, also where it would not run', async () => {
    const database = await using(onServer(18));
    const files = [
      ...shop,
      file('migrations/versions/zz.py', 'revision = "zz"\ndown_revision = None\ndef (:\n'),
    ];
    expect(await refusal(database, files, { kind: 'up', to: 'aa01' })).toMatchObject({
      reason: 'unparsable',
    });
    const nameless = [...shop, file('migrations/versions/helper.py', 'x = 1\n')];
    expect((await refusal(database, nameless)).message).toMatch(/Could not determine revision id/);
  });

  test('alembic’s refusals in its words', async () => {
    const database = await using(onServer(18));
    expect((await refusal(database, shop)).message).toMatch(
      /^Multiple head revisions are present for given argument 'head'/,
    );
    expect((await refusal(database, shop, { kind: 'up', to: 'nosuch' })).message).toBe(
      "Can't locate revision identified by 'nosuch'",
    );
    expect((await refusal(database, shop, { kind: 'down' })).message).toBe(
      "Relative revision -1 didn't produce 1 migrations",
    );
    await database.query(
      "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('gone')",
    );
    const lost = await refusal(database, shop, upHeads);
    expect(lost.message).toMatch(/^Can't locate revision identified by 'gone': the database has it/);
    expect(lost.advice).toMatch(/stamp --purge/);
    expect((await readStatus(inputs(database, shop))).withoutFile).toEqual([{ version: 'gone' }]);
  });

  test.each<[string, string, RegExp]>([
    ['what env.py does not tell', configured(', version_table=NAME'), /value of version_table/],
    ['SQL of env.py', configured('', 'connection.execute("SET search_path TO x")\n'), /SQL of its own/],
    [
      'one of two configurations',
      `${configured('')}if x():\n    context.configure(transaction_per_migration=True)\n`,
      /several ways/,
    ],
  ])('%s', async (_, env, message) => {
    const database = await using(onServer(18));
    expect((await refusal(database, shop, upHeads, alembicTool(runtime(env)))).message).toMatch(message);
  });

  test('names that a naming convention may give', async () => {
    const database = await using(onServer(18));
    const env = configured(', target_metadata=Base.metadata');
    expect(await refusal(database, shop, upHeads, alembicTool(runtime(env, true)))).toMatchObject({
      message: expect.stringContaining('naming convention'),
    });
    expect((await run(database, shop, upHeads, env)).outcome).toBe('done');
  });
});

test('the embedded database, made and opened again', async () => {
  const database = await using(onEmbedded());
  const on = inputs(database, shop);
  expect((await previewRun(on, upHeads)).runs).toHaveLength(7);
  expect((await run(database, shop, upHeads)).finished).toHaveLength(7);
  expect((await readStatus(on)).current?.split(', ').sort()).toEqual(['ff06', 'gg07']);
});
