import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { doors } from '../doors.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer } from '../postgres/testDatabase.ts';
import { revisionText, shopRevisions } from '../runner/alembicRevisions.ts';

const env = `from alembic import context
with engine_from_config(section, prefix="sqlalchemy.").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
`;

let project: string;
let database: TestServerDatabase;

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'skein-cli-'));
  database = await onServer(18);
  const secret = database.url
    .replace('postgres@', 'postgres:geheim@')
    .replace('postgres:', 'postgresql+psycopg2:');
  write('alembic.ini', `[alembic]\nscript_location = migrations\nsqlalchemy.url = ${secret}\n`);
  write('migrations/env.py', env);
  for (const [name, text] of Object.entries(shopRevisions)) write(`migrations/versions/${name}`, text);
});

afterEach(async () => {
  rmSync(project, { recursive: true, force: true });
  await database.drop();
});

function write(path: string, text: string): string {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs `skein` in the project, without a terminal. */
async function skein(line: string): Promise<Ended> {
  const { cli } = await doors();
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [cli, ...line.split(' ')], { cwd: project, env: { PATH } });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  child.stdin.end();
  return new Promise((done) => child.once('close', (code) => done({ code, out, error })));
}

test('revisions are run on the database that alembic.ini names, to alembic’s targets', async () => {
  const up = await skein('up --to cc03 --yes');
  expect(up).toMatchObject({ code: 0, out: expect.stringMatching(/cc03_x\.py .*\n3 migrations run\.\n$/) });
  expect(up.error).toContain(`Database: ${database.database.name.text} (from sqlalchemy.url in alembic.ini)`);
  expect(up.error).not.toContain('geheim');
  expect((await skein('current')).out).toBe('cc03\n');
  const status = JSON.parse((await skein('status --format json')).out);
  expect(status).toMatchObject({
    current: 'cc03',
    database: { reason: 'from sqlalchemy.url in alembic.ini' },
  });
  expect(status.migrations).toContainEqual({
    path: 'migrations/versions/dd04_x.py',
    version: 'dd04',
    kind: 'python',
    state: 'pending',
    appliedAt: null,
  });
  const dry = await skein('downgrade --to base --dry-run');
  expect(dry.out).toMatch(/DROP TABLE users;/);
  expect(dry.out.trim().split('\n').at(-1)).toBe('COMMIT;');
  expect((await skein('stamp aa01 --yes')).error).toContain('  stamp migrations/versions/aa01_x.py');
  expect((await skein('current')).out).toBe('aa01\n');
});

test('heads, merge, new', async () => {
  expect((await skein('heads')).out).toBe(
    'ff06 (left) migrations/versions/ff06_x.py\ngg07 (apart) migrations/versions/gg07_x.py\n',
  );
  expect(await skein('up --yes')).toMatchObject({
    code: 2,
    error: expect.stringMatching(/skein: Multiple head revisions are present .*skein merge/),
  });
  expect((await skein('new add-names')).error).toMatch(/^skein: Multiple heads are present/);
  const merged = (await skein('merge --message join')).out.trim();
  expect(readFileSync(join(project, merged), 'utf8')).toMatch(
    /down_revision.* = \(["']ff06["'], ["']gg07["']\)/,
  );
  const made = (await skein('new add-names')).out.trim();
  expect(made).toMatch(/^migrations\/versions\/[0-9a-f]{12}_add_names\.py$/);
  expect((await skein('heads')).out.split('\n')).toHaveLength(2);
  expect((await skein('merge')).error).toMatch(/nothing to merge/);
});

test('a revision that needs Python is refused with file and line', async () => {
  const text = revisionText({ id: 'zz99', after: ['cc03'], up: 'op.execute(statement())' });
  write('migrations/versions/zz99_x.py', text);
  const { code, error } = await skein('up --to zz99 --yes');
  expect(code).toBe(2);
  expect(error).toMatch(
    /^skein: migrations\/versions\/zz99_x\.py:12:16: The SQL that is executed here, statement\(\), .*--alembic/m,
  );
  expect(await database.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
});

test('alembic itself is run only when it is asked for', async () => {
  const told = join(project, 'told.txt');
  const python = write('.venv/bin/python', `#!/bin/sh\necho "$@" >> ${told}\necho 1.20.0\nexit 0\n`);
  chmodSync(python, 0o755);
  await skein('status');
  expect(readdirSync(project)).not.toContain('told.txt');
  const { code, error } = await skein('status --alembic');
  expect(readFileSync(told, 'utf8')).toContain('import alembic');
  // This one says nothing more.
  expect({ code, error }).toEqual({
    code: 2,
    error: expect.stringMatching(/^skein: alembic ended without saying why/),
  });
});

test.each([
  ['status --alembic --embedded', /no --database, no --embedded/],
  [
    'status --alembic --python nowhere/python',
    /nowhere\/python, which the setting skein\.python names, has no alembic/,
  ],
  ['stamp', /needs a REVISION/],
])('%s is refused', async (line, error) => {
  expect(await skein(line)).toMatchObject({ code: 2, error: expect.stringMatching(error) });
});
