import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExplainedError, explainError } from '../../server/src/database/explainError.ts';
import type { Session } from '../../server/src/database/session.ts';
import { databaseOf, type TestServerDatabase } from '../postgres/databaseAt.ts';
import { onEmbedded, onServer } from '../postgres/testDatabase.ts';

const password = 'hunter2-Zürich';

let home: TestServerDatabase;

beforeAll(async () => {
  home = await onServer(18);
  await home.query(`
    DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD '${password}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    CREATE TABLE t (id int PRIMARY KEY, n int);
    INSERT INTO t VALUES (1, NULL), (2, 2), (3, 2);
    CREATE TABLE child (t_id int);
    INSERT INTO child VALUES (99);`);
});

afterAll(() => home.drop());

/** How the first thing that goes wrong on a database is explained, everything of it as one text too. */
async function explained(
  url: string,
  ...texts: readonly string[]
): Promise<{ error: ExplainedError; everything: string }> {
  const database = databaseOf(url);
  let session: Session | undefined;
  try {
    session = await database.connect();
    for (const text of texts) await session.run(text);
  } catch (caught) {
    const error = explainError(caught, database.name);
    return {
      error,
      everything: `${JSON.stringify(error)} ${(caught as Error).stack} ${JSON.stringify(caught)}`,
    };
  } finally {
    await session?.close();
  }
  throw new Error('nothing went wrong');
}

function as(user: string, secret: string, database = home.name): string {
  return `postgres://${user}:${encodeURIComponent(secret)}@127.0.0.1:${home.port}/${database}`;
}

describe('no connection', () => {
  test('refused', async () => {
    const free = await portNobodyListensOn();
    const { error } = await explained(`postgres://u:${password}@127.0.0.1:${free}/d`);
    expect(error.title).toMatch(/^d on 127\.0\.0\.1:\d+ as u cannot be reached: connect ECONNREFUSED/);
    expect(error.advice).toMatch(/^Start the server/);
  });

  test('unknown host', async () => {
    // RFC 2606: no such name exists.
    const { error } = await explained(`postgres://u:${password}@nowhere.invalid/d`);
    expect(error.title).toMatch(/^d on nowhere\.invalid:5432 as u cannot be reached: getaddrinfo/);
    expect(error.advice).toMatch(/^Correct the host/);
  });

  test('wrong password', async () => {
    const { error } = await explained(as('guarded', 'wrong'));
    expect(error).toMatchObject({ code: '28P01', advice: 'Check the password of guarded.' });
  });

  test('no password', async () => {
    const { error } = await explained(as('guarded', '').replace(':@', '@'));
    expect(error.title).toMatch(/asks for a password, and none is given$/);
  });

  test('turned away', async () => {
    const { error } = await explained(as('unwelcome', 'x'));
    expect(error).toMatchObject({ code: '28000', advice: expect.stringContaining('pg_hba.conf') });
  });

  test('unknown database', async () => {
    const { error } = await explained(as('postgres', '', 'no_such_database'));
    expect(error).toMatchObject({
      code: '3D000',
      advice: expect.stringContaining('createdb no_such_database'),
    });
  });

  test('TLS asked of a server that has none', async () => {
    const { error } = await explained(`${as('postgres', '')}?sslmode=require`);
    expect(error.title).toMatch(/cannot be reached: The server does not support SSL connections$/);
    expect(error.advice).toMatch(/sslmode .* "disable"/);
  });

  test('a root certificate that is not there', async () => {
    const { error } = await explained(
      `${as('postgres', '')}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`,
    );
    expect(error.title).toContain('/nowhere/ca.pem');
    expect(error.advice).toMatch(/^Correct its path/);
  });

  test('a server that never answers', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const { error } = await explained(
      `postgres://u@127.0.0.1:${port}/d?sslmode=disable&connect_timeout=0.05`,
    );
    expect(error.advice).toMatch(/firewall/);
    silent.close();
  });

  test('a password is nowhere in what is said', async () => {
    const free = await portNobodyListensOn();
    const urls = [
      `postgres://u:${password}@127.0.0.1:${free}/d`,
      as('guarded', password, 'no_such_database'),
      as('unwelcome', password),
      `${as('guarded', password)}?sslmode=require`,
      `${as('guarded', `${password}!`)}`,
      `${as('guarded', password)}?nosuchsetting=1`,
    ];
    for (const url of urls) {
      const { everything } = await explained(url);
      for (const secret of [password, encodeURIComponent(password)]) expect(everything).not.toContain(secret);
    }
    const { everything } = await explained(as('guarded', password), 'SELECT nothing');
    expect(everything).not.toContain(password);
  });
});

describe('a statement', () => {
  test.each<[string, string, RegExp]>([
    ['CREATE TABLE t (id int)', '42P07', /IF NOT EXISTS/],
    ['ALTER TABLE t ADD COLUMN n int', '42701', /ADD COLUMN IF NOT EXISTS/],
    ['ALTER TABLE nosuch ADD COLUMN n int', '42P01', /earlier migration/],
    ['ALTER TABLE t DROP COLUMN nosuch', '42703', /Correct the name/],
    ['DROP TYPE nosuch', '42704', /Correct the name/],
    ['SELEC 1', '42601', /Correct the statement/],
    ['BEGIN; CREATE INDEX CONCURRENTLY ON t (n)', '25001', /outside a transaction/],
    ['ALTER TABLE t ALTER COLUMN n SET NOT NULL', '23502', /^Give "n" of "t" a value/],
    ['CREATE UNIQUE INDEX t_n ON t (n)', '23505', /^Remove the duplicates.*"t_n"/],
    [
      'ALTER TABLE child ADD CONSTRAINT child_t FOREIGN KEY (t_id) REFERENCES t',
      '23503',
      /"child_t" as NOT VALID/,
    ],
    ['ALTER TABLE t ADD CONSTRAINT big CHECK (id > 5)', '23514', /"big"/],
    ["CREATE TYPE mood AS ENUM ('a'); DROP TYPE mood; SELECT 'x'::int", '22P02', /Correct the value/],
    ['CREATE EXTENSION nosuch', '0A000', /another way/],
    ["DO $$ BEGIN RAISE EXCEPTION 'mine' USING HINT = 'do this'; END $$", 'P0001', /run it again/],
  ])('%s', async (text, code, advice) => {
    const { error } = await explained(home.url, text);
    expect(error).toMatchObject({ code, advice: expect.stringMatching(advice) });
  });

  test('missing permission', async () => {
    const { error } = await explained(as('guarded', password), 'CREATE TABLE x (id int)');
    expect(error).toMatchObject({ code: '42501', advice: expect.stringContaining('guarded') });
  });

  test('what the server says is kept: detail, hint, where', async () => {
    const { error } = await explained(
      home.url,
      "DO $$ BEGIN RAISE EXCEPTION 'mine' USING HINT = 'do this', DETAIL = 'so it is'; END $$",
    );
    expect(error).toMatchObject({ title: 'mine', hint: 'do this', detail: 'so it is' });
    expect(error.where).toMatch(/line 1 at RAISE/);
  });

  test('lock timeout', async () => {
    const holder = await home.database.connect();
    await holder.run('BEGIN; LOCK TABLE t');
    const { error } = await explained(home.url, 'SET lock_timeout = 20; DROP TABLE t');
    expect(error).toMatchObject({ code: '55P03', advice: expect.stringContaining('lock_timeout') });
    await holder.close();
  });

  test('deadlock', async () => {
    const [a, b] = await Promise.all([home.database.connect(), home.database.connect()]);
    await a.run("SET deadlock_timeout = '20ms'; BEGIN; LOCK TABLE t");
    await b.run("SET deadlock_timeout = '1min'; BEGIN; LOCK TABLE child");
    const other = b.run('LOCK TABLE t').catch(() => undefined);
    const error = await a.run('LOCK TABLE child').catch((caught) => explainError(caught, home.database.name));
    expect(error).toMatchObject({ code: '40P01', advice: expect.stringMatching(/^Run it again/) });
    await a.close();
    await other;
    await b.close();
  });

  test('statement timeout and a session that was ended', async () => {
    const { error } = await explained(home.url, 'SET statement_timeout = 20; SELECT pg_sleep(60)');
    expect(error).toMatchObject({ code: '57014', advice: expect.stringContaining('statement_timeout') });
    const ended = await explained(home.url, 'SELECT pg_terminate_backend(pg_backend_pid())');
    expect(ended.error).toMatchObject({ code: '57P01', advice: expect.stringContaining('run it again') });
  });

  test('an extension that only a server can have', async () => {
    const { database, drop } = await onEmbedded();
    const session = await database.connect();
    const error = await session
      .run('CREATE EXTENSION postgis')
      .catch((caught) => explainError(caught, database.name));
    expect(error).toMatchObject({
      code: '0A000',
      advice: expect.stringContaining('choose a database on a server'),
    });
    await session.close();
    await drop();
  });
});

async function portNobodyListensOn(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
