import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doors } from '../doors.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer } from '../postgres/testDatabase.ts';
import { type GooseText, gooseText } from '../runner/gooseFolder.ts';
import { recorded } from '../runner/runs.ts';

let project: string;
let database: TestServerDatabase;

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'skein-cli-'));
  mkdirSync(join(project, 'migrations'));
  database = await onServer(18);
  write({
    '1_a.sql': { up: 'CREATE TABLE a (id int);', down: 'DROP TABLE a;' },
    '2_b.sql': { up: 'CREATE TABLE b (id int);', down: 'DROP TABLE b;' },
  });
});

afterEach(async () => {
  rmSync(project, { recursive: true, force: true });
  await database.drop();
});

function write(files: Readonly<Record<string, GooseText | string>>): void {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(project, 'migrations', name), typeof text === 'string' ? text : gooseText(text));
  }
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs `skein` in the project, without a terminal. `onOutput` sees what it says on stderr so far. */
async function skein(
  args: readonly string[],
  environment: Record<string, string> = { GOOSE_DBSTRING: database.url },
  onOutput: (error: string, interrupt: () => void) => void = () => undefined,
): Promise<Ended> {
  const { cli } = await doors();
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [cli, ...args], { cwd: project, env: { PATH, ...environment } });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
    onOutput(error, () => child.kill('SIGINT'));
  });
  child.stdin.end();
  return new Promise((done) => child.once('close', (code) => done({ code, out, error })));
}

describe('skein status, up, down, redo', () => {
  test('says which database and why, runs, and tells where it stands', async () => {
    const up = await skein(['up', '--to', '1', '--yes']);
    expect(up).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok {4}1_a\.sql \(.* ms\)\n1 migration run\.\n$/),
    });
    expect(up.error).toContain(`Database: ${database.database.name.text} (from GOOSE_DBSTRING)`);
    expect(up.error).toContain('  up   migrations/1_a.sql (1 statement)');
    const status = await skein(['status', 'migrations']);
    expect(status.out).toMatch(
      /^applied {5}20\S+ \S+ {2}migrations\/1_a\.sql\npending .* migrations\/2_b\.sql\n\nAt version 1: 1 applied, 1 pending\.\n$/,
    );
    expect((await skein(['redo', '--yes'])).code).toBe(0);
    expect((await skein(['down', '--yes'])).out).toContain('1_a.sql rolled back');
    expect((await skein(['down', '--to', '0', '--yes'])).out).toBe('Nothing to run.\n');
    expect(await recorded(database)).toEqual([0]);
  });

  test('a dry run prints what would be sent, and sends nothing', async () => {
    const { code, out } = await skein(['up', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain(
      '-- up: migrations/1_a.sql\nBEGIN;\nCREATE TABLE a (id int);\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true);\nCOMMIT;\n',
    );
    expect(await database.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);

    // As a script it does what the run would do.
    await database.query(out);
    expect(await recorded(database)).toEqual([0, 1, 2]);
    expect(await skein(['up', '--dry-run'])).toMatchObject({
      out: '',
      error: expect.stringMatching(/\nNothing to run\.\n$/),
    });
    expect((await skein(['down', '--dry-run'])).out).toMatch(/^-- down: migrations\/2_b\.sql\nBEGIN;\n/);
  });

  test('json is one object, of the plan and of what has become of it', async () => {
    write({ '2_b.sql': { up: 'CREATE TABLE b (id nosuch);' } });
    const { code, out } = await skein(['up', '--format', 'json', '--yes']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      database: { kind: 'server', database: database.name, reason: 'from GOOSE_DBSTRING' },
      command: 'up',
      outcome: 'failed',
      plan: [{ version: '1', direction: 'up', transaction: true }, { version: '2' }],
      finished: [{ version: '1', statements: 1 }],
      failure: { path: 'migrations/2_b.sql', code: '42704', line: 2, column: 20, left: 'nothing' },
    });
    const status = JSON.parse((await skein(['status', '--format', 'json'])).out);
    expect(status).toMatchObject({ current: '1', migrations: [{ state: 'applied' }, { state: 'pending' }] });
  });

  test('a failure is shown at its place, with exit code 1', async () => {
    write({ '2_b.sql': { up: 'CREATE TABLE b (\n  id nosuch\n);' } });
    const { code, out, error } = await skein(['up', '--yes']);
    expect(code).toBe(1);
    expect(out).toContain('Failed after 1 migration.');
    expect(error).toContain('migrations/2_b.sql:3:6\nerror: type "nosuch" does not exist [SQLSTATE 42704]\n');
    expect(error).toContain('> 3 |   id nosuch\n    |      ^^^^^^\n');
    expect(error).toContain('Nothing of this file is left in the database.');
  });

  test('asks before it runs on a server; without a terminal it says so and does nothing', async () => {
    const { code, out, error } = await skein(['up']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(/skein: apply 2 migrations on .*\? There is no terminal to ask at: say --yes\n$/);
    expect((await skein(['status'])).out).toContain('0 applied, 2 pending');
  });

  test('a protected database wants its name typed, whatever is said', async () => {
    writeFileSync(join(project, 'skein.json'), '{ "protectedDatabases": ["127.0.0.1/t_*"] }');
    const { code, error } = await skein(['up', '--yes']);
    expect(code).toBe(2);
    expect(error).toMatch(
      /is protected \(skein\.json\): its name has to be typed, and there is no terminal\n$/,
    );
    expect((await skein(['status'])).code).toBe(0);
  });

  test.each<[string, string[], RegExp]>([
    ['a missing folder', ['up', 'nowhere'], /^skein: nowhere: no such file or directory$/],
    ['a version that is none', ['up', '--to', 'x'], /"x" is no version: goose's are numbers/],
    ['two databases', ['up', '--embedded', '--database', 'dbname=x'], /exclude each other$/],
    ['an unknown format', ['status', '--format', 'xml'], /--format must be one of text, json, not "xml"$/],
    ['nothing to roll back', ['down', '--yes'], /no migration is applied\. There is nothing to roll back\.$/],
    ['an unknown option', ['up', '--nosuch'], /Unknown option '--nosuch'/],
  ])('cannot run: %s', async (_, args, line) => {
    const { code, out, error } = await skein(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error.trimEnd().split('\n').at(-1)).toMatch(line);
  });

  test('a file that goose cannot read keeps all from running, at its place', async () => {
    write({ '2_b.sql': '-- +goose Up\nCREATE TABLE b (id int)\n' });
    const { code, error } = await skein(['up', '--yes']);
    expect(code).toBe(2);
    expect(error).toContain('skein: migrations/2_b.sql:2:1: goose cannot read migrations/2_b.sql:');
    expect((await skein(['status'])).out).toContain('0 applied');
  });

  test('interrupted, it ends the statement and leaves the database in order', async () => {
    write({
      '2_b.sql': {
        up: "CREATE TABLE b (id int);\nDO $$ BEGIN RAISE NOTICE 'here'; PERFORM pg_sleep(600); END $$;",
      },
    });
    const ended = await skein(['up', '--yes'], undefined, (error, interrupt) => {
      if (error.includes('NOTICE: here')) interrupt();
    });
    expect(ended).toMatchObject({ code: 1, out: expect.stringContaining('Cancelled after 1 migration.') });
    expect(await recorded(database)).toEqual([0, 1]);
  });

  test('a password is in nothing that is printed', async () => {
    const secret = 'hunter2-Zürich';
    await database.query(
      `DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD '${secret}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    );
    await database.query('GRANT ALL ON SCHEMA public TO guarded');
    const url = (password: string) =>
      `postgres://guarded:${encodeURIComponent(password)}@127.0.0.1:${database.port}/${database.name}`;
    writeFileSync(join(project, '.env'), `GOOSE_DBSTRING="${url(secret)}"\n`);
    const ends = [
      await skein(['status'], {}),
      await skein(['up', '--yes', '--to', '1'], {}),
      await skein(['up', '--dry-run', '--format', 'json'], {}),
      await skein(['up', '--yes', '--database', url(`${secret}!`)], {}),
      await skein(['up', '--yes', '--database', `user=guarded password=${secret} host=127.0.0.1 port=1`], {}),
      await skein(['status', '--database', `\${env:DB}`], { DB: `${url(secret)}?sslmode=nonsense` }),
    ];
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 2, 2, 2]);
    for (const { out, error } of ends) {
      for (const text of [secret, encodeURIComponent(secret)]) expect(`${out}${error}`).not.toContain(text);
    }
  });
});

test('the embedded PostgreSQL is started once, and serves the next command', async () => {
  const before = await skein(['status'], {});
  expect(before.out).toContain('0 applied, 2 pending');
  // To look at what is not there does not make it.
  expect(existsSync(join(project, '.skein'))).toBe(false);
  const up = await skein(['up', '--to', '1'], {});
  expect(up.code).toBe(0);
  expect(up.error).toMatch(
    /^Database: the embedded database in \.skein\/[0-9a-f]{12} \(because no other database is configured\)\n/,
  );
  expect(up.error.match(/the embedded PostgreSQL/g)).toHaveLength(1);
  const redo = await skein(['redo', '--embedded'], {});
  expect(redo.out).toMatch(/1_a\.sql rolled back .*\nok .*\n2 migrations run\.\n$/);
  expect(redo.error.match(/Starting the embedded PostgreSQL/g)).toHaveLength(1);
});

test('skein new writes a revision behind the head', async () => {
  mkdirSync(join(project, 'versions'));
  writeFileSync(join(project, 'alembic.ini'), '[alembic]\nscript_location = .\n');
  writeFileSync(join(project, 'versions/a1_start.py'), 'revision = "a1"\ndown_revision = None\n');
  const { code, out } = await skein(['new', 'Add more', 'versions']);
  expect(code).toBe(0);
  expect(out).toMatch(/^versions\/[0-9a-f]{12}_add_more\.py\n$/);
  const text = readFileSync(join(project, out.trim()), 'utf8');
  expect(text).toMatch(/^down_revision\b.* = ["']a1["']$/m);
  expect(text).toMatch(/^def upgrade\(\).*:$/m);
});

test('skein new writes a file after all others', async () => {
  const { code, out } = await skein(['new', 'Add order-items']);
  expect({ code, out }).toEqual({ code: 0, out: 'migrations/3_add_order_items.sql\n' });
  expect(readFileSync(join(project, 'migrations/3_add_order_items.sql'), 'utf8')).toBe(
    '-- +goose Up\n\n-- +goose Down\n',
  );
  expect((await skein(['up', '--yes'])).out).toContain('empty 3_add_order_items.sql');
});
