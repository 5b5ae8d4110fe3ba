import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { embeddedDirectory, resetDirectory } from '../../server/src/database/embeddedDirectory.ts';
import { extensionsIn } from '../../server/src/database/embeddedExtensions.ts';
import { ConnectionLost } from '../../server/src/database/session.ts';
import { onEmbedded } from '../postgres/testDatabase.ts';

describe('where it lives', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'skein-project-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const at = async (folder: string) => {
    mkdirSync(join(root, folder), { recursive: true });
    return embeddedDirectory(join(root, folder));
  };

  test('below .skein of the project, one per migration folder', async () => {
    mkdirSync(join(root, '.git'));
    const shop = await at('shop/migrations');
    const billing = await at('billing/migrations');
    expect(shop.path).toMatch(/\/\.skein\/[0-9a-f]{12}$/);
    expect(shop.path.startsWith(`${root}/.skein/`)).toBe(true);
    expect(billing.path).not.toBe(shop.path);
    expect(await at('shop/migrations')).toEqual(shop);
    expect(shop.path.endsWith(shop.shown)).toBe(true);
  });

  test('stays the same when the project moves', async () => {
    mkdirSync(join(root, 'a', '.git'), { recursive: true });
    mkdirSync(join(root, 'b', '.git'), { recursive: true });
    expect((await at('a/migrations')).shown).toBe((await at('b/migrations')).shown);
  });

  test('beside the folder when nothing marks a project', async () => {
    const directory = await at('migrations');
    expect(directory.path.startsWith(root)).toBe(true);
  });
});

describe('extensions', () => {
  const available = ['citext', 'cube', 'earthdistance', 'uuid-ossp', 'pg_trgm'];

  test.each<[string, string[]]>([
    ['CREATE EXTENSION citext;', ['citext']],
    ['create extension if not exists "uuid-ossp" with schema public;', ['uuid-ossp']],
    ['CREATE EXTENSION earthdistance CASCADE;', ['cube', 'earthdistance']],
    ["DO $$ BEGIN EXECUTE 'create  extension ' || quote_ident('pg_trgm'); END $$;", ['pg_trgm']],
    ['CREATE EXTENSION postgis;', []],
    ['CREATE TABLE citext (cube int);', []],
  ])('%s', (text, names) => {
    expect(extensionsIn(['SELECT 1;', text], available)).toEqual(names);
  });
});

describe('sessions', () => {
  test('keeps its data, its extensions too when no file creates them any more, and is not kept in git', async () => {
    const first = await onEmbedded(['CREATE EXTENSION citext']);
    const session = await first.database.connect();
    expect(session.capabilities).toMatchObject({ secondSession: false, timeouts: false });
    await session.run("CREATE EXTENSION citext; CREATE TABLE t (a citext); INSERT INTO t VALUES ('A')");
    await session.close();
    const reopened = await first.reopened([]).connect();
    expect(await reopened.query("SELECT count(*) FROM t WHERE a = 'a'")).toEqual([{ count: '1' }]);
    await reopened.close();
    expect(readFileSync(join(first.folder, '..', '.skein', '.gitignore'), 'utf8')).toBe('*\n');
    await first.drop();
  });

  test('is open once: the second is refused with the reason, and let in afterwards', async () => {
    const { database, drop } = await onEmbedded();
    const session = await database.connect();
    await expect(database.connect()).rejects.toMatchObject({
      reason: 'in-use',
      message: expect.stringMatching(
        /is open in another command of this program; if that no longer runs, delete /,
      ),
    });
    await session.close();
    await (await database.connect()).close();
    await drop();
  });

  test('a statement that only seems to succeed fails, and nothing of it is left', async () => {
    const { database, drop } = await onEmbedded();
    const traps = [
      'CREATE FUNCTION deep() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN deep(); END$$; SELECT deep()',
      "CREATE TABLE x (a int); COPY x TO PROGRAM 'cat'",
    ];
    for (const trap of traps) {
      const session = await database.connect();
      await expect(session.run(trap)).rejects.toThrow(ConnectionLost);
      expect(session.lost).toBe(true);
      await session.close();
    }
    const session = await database.connect();
    expect(await session.query("SELECT relname FROM pg_class WHERE relname IN ('x', 'deep')")).toEqual([]);
    await session.close();
    await drop();
  });

  test('COPY FROM STDIN fails as it does on a server, and the session goes on', async () => {
    const { database, drop } = await onEmbedded();
    const session = await database.connect();
    await expect(session.run('CREATE TEMP TABLE t (a int); COPY t FROM STDIN')).rejects.toMatchObject({
      fields: { code: '57014' },
    });
    expect(await session.run('SELECT 1')).toEqual(['SELECT']);
    await session.close();
    await drop();
  });

  test('cancelling before it has started leaves it usable', async () => {
    const { database, directory, drop } = await onEmbedded();
    const abort = new AbortController();
    const opening = database.connect({ signal: abort.signal, onProgress: () => abort.abort() });
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    expect(existsSync(directory.lock)).toBe(false);
    await (await database.connect()).close();
    await drop();
  });

  test('reset deletes everything, but not under a session', async () => {
    const { database, directory, drop } = await onEmbedded();
    const session = await database.connect();
    await expect(resetDirectory(directory)).rejects.toThrow(/is held by process/);
    await session.close();
    await resetDirectory(directory);
    expect(existsSync(directory.data)).toBe(false);
    await drop();
  });
});
