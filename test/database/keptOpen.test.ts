import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keptOpen } from '../../server/src/database/keptOpen.ts';
import type { Session } from '../../server/src/database/session.ts';
import { engines, onEmbedded, onServer, using } from '../postgres/testDatabase.ts';

async function backend(session: Session): Promise<string | null | undefined> {
  const [row] = await session.query('SELECT pg_backend_pid() AS pid');
  return row?.pid;
}

describe.each(engines)('on $name', ({ make }) => {
  test('the next session has nothing of the one before it', async () => {
    const database = keptOpen((await using(make())).database);
    const first = await database.connect();
    const usual = await first.query('SHOW search_path');
    await first.run("SET search_path = ''; CREATE TEMP TABLE t (id int); PREPARE p AS SELECT 1");
    await first.run('BEGIN; CREATE TABLE public.half (id int)');
    await first.close();

    const second = await database.connect();
    expect(second.transactionStatus).toBe('idle');
    expect(await second.query('SHOW search_path')).toEqual(usual);
    expect(await second.query("SELECT relname FROM pg_class WHERE relname IN ('t', 'half')")).toEqual([]);
    expect(await second.query('SELECT name FROM pg_prepared_statements')).toEqual([]);
    await second.close();
    await database.release();
  });

  test('notices go to the session that is open', async () => {
    const database = keptOpen((await using(make())).database);
    const heard: string[] = [];
    for (const name of ['first', 'second']) {
      const session = await database.connect();
      session.onNotice(({ message }) => heard.push(`${name}: ${message}`));
      await session.run("DO $$ BEGIN RAISE NOTICE 'here'; END $$");
      await session.close();
    }
    await database.release();
    expect(heard).toEqual(['first: here', 'second: here']);
  });
});

test('one connection serves all sessions, until it is let go', async () => {
  const database = keptOpen((await using(onServer(18))).database);
  const pids: (string | null | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    if (i === 2) await database.release();
    const session = await database.connect();
    pids.push(await backend(session));
    await session.close();
  }
  await database.release();
  expect(pids[1]).toBe(pids[0]);
  expect(pids[2]).not.toBe(pids[0]);
});

test('a session that was lost is not given out again', async () => {
  const database = keptOpen((await using(onServer(18))).database);
  const first = await database.connect();
  await expect(first.run('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toThrow();
  expect(first.lost).toBe(true);
  await first.close();
  const second = await database.connect();
  expect(await second.run('SELECT 1')).toEqual(['SELECT']);
  await second.close();
  await database.release();
});

test('the embedded database is in use until it is let go', async () => {
  const { database: embedded, directory } = await using(onEmbedded());
  const database = keptOpen(embedded);
  await (await database.connect()).close();
  expect(existsSync(directory.lock)).toBe(true);
  await database.release();
  expect(existsSync(directory.lock)).toBe(false);
});
