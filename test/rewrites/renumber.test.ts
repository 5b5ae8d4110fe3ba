import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../server/src/cli/commandLine.ts';
import { revisionFile } from '../../server/src/rules/revisionExample.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer, serverVersions } from '../postgres/testDatabase.ts';
import { analysisOf } from '../rules/exampleHistory.ts';
import { runOn } from '../runner/runs.ts';
import { rewriteIn } from './original.ts';

beforeAll(loadParser);

const goose = (up: string) => `-- +goose Up\n${up}\n\n-- +goose Down\nSELECT 1;\n`;

/** The folder after the named file has got another number. */
function renumbered(rule: string, path: string, files: Readonly<Record<string, string>>, base?: string[]) {
  const all = Object.entries(files).map(([name, text]) => ({ path: `migrations/${name}`, text }));
  const analysis = analysisOf(all, {}, base === undefined ? {} : { base });
  const contents = new Map(all.map((file) => [file.path, { ...file, byteOrderMark: false }]));
  const result = rewriteIn(analysis, contents, `migrations/${path}`, [rule], () => undefined);
  expect(result?.refusals).toEqual([]);
  return Object.fromEntries([...contents.values()].map(({ path: at, text }) => [at.slice(11), text]));
}

const names = (folder: Readonly<Record<string, string>>) => Object.keys(folder).sort();

describe('duplicate-version', () => {
  test.each<[string, string, string, string[], string]>([
    [
      'the older one, since it was named',
      '00002_a.sql',
      goose('SELECT 1;'),
      ['00002_a.sql', '00002_b.sql'],
      '00003_a.sql',
    ],
    ['the newer one', '00002_b.sql', goose('SELECT 1;'), ['00002_a.sql', '00002_b.sql'], '00003_b.sql'],
    [
      'with later ones there',
      '00002_b.sql',
      goose('SELECT 1;'),
      ['00002_a.sql', '00002_b.sql', '00007_c.sql'],
      '00008_b.sql',
    ],
    ['other padding', '2_b.sql', goose('SELECT 1;'), ['0002_a.sql', '2_b.sql'], '0003_b.sql'],
    ['no padding', '9_b.sql', goose('SELECT 1;'), ['9_a.sql', '9_b.sql'], '10_b.sql'],
    ['padding that runs out', '999_b.sql', goose('SELECT 1;'), ['999_a.sql', '999_b.sql'], '1000_b.sql'],
    [
      'times',
      '20240101000000_b.sql',
      goose('SELECT 1;'),
      ['20240101000000_a.sql', '20240101000000_b.sql'],
      '20260102030405_b.sql',
    ],
    ['days', '20260102_b.sql', goose('SELECT 1;'), ['20260102_a.sql', '20260102_b.sql'], '20260103_b.sql'],
    ['plain SQL', '0002_b.sql', 'SELECT 1;', ['0002_a.sql', '0002_b.sql'], '0003_b.sql'],
    ['plain SQL with hyphens', '0002-b.sql', 'SELECT 1;', ['0002-a.sql', '0002-b.sql'], '0003-b.sql'],
    [
      'letters of other scripts',
      '00002_größe.sql',
      goose('SELECT 1;'),
      ['00002_a.sql', '00002_größe.sql'],
      '00003_größe.sql',
    ],
    [
      'three that claim it',
      '00002_b.sql',
      goose('SELECT 1;'),
      ['00002_a.sql', '00002_b.sql', '00002_c.sql'],
      '00003_b.sql',
    ],
  ])('%s', (_, path, text, all, to) => {
    const folder = renumbered('duplicate-version', path, Object.fromEntries(all.map((each) => [each, text])));
    expect(names(folder)).toEqual([...all.filter((each) => each !== path), to].sort());
  });

  test('the file speaks of itself by its new number', () => {
    const text = `-- 00002_b.sql: after 00002_a.sql (version 00002)\n${goose("SELECT '00002', 00002;")}`;
    const folder = renumbered('duplicate-version', '00002_b.sql', {
      '00002_a.sql': goose('SELECT 1;'),
      '00002_b.sql': text,
    });
    expect(folder['00003_b.sql']).toBe(
      `-- 00003_b.sql: after 00002_a.sql (version 00003)\n${goose("SELECT '00002', 00002;")}`,
    );
  });

  test('a revision of alembic: its id, its file and its place', () => {
    const copy = { ...revisionFile('1975ea83b712'), name: '1975ea83b712_step_copy.py' };
    const original = revisionFile('1975ea83b712');
    const folder = renumbered('alembic-duplicate-revision', original.name, {
      [original.name]: original.text,
      [copy.name]: copy.text,
    });
    const [kept, moved = ''] = names(folder);
    expect([kept, moved].sort()).toContain(copy.name);
    const other = names(folder).find((each) => each !== copy.name) ?? '';
    const id = other.slice(0, 12);
    expect(id).not.toBe('1975ea83b712');
    expect(folder[other]).toContain(`"${id}"`);
    expect(folder[other]).toContain('down_revision = "1975ea83b712"');
  });
});

test.each<[string, string, string[], string[], string]>([
  [
    'goose',
    '00002_b.sql',
    ['00001_a.sql', '00002_b.sql', '00003_c.sql'],
    ['00001_a.sql', '00003_c.sql'],
    '00004_b.sql',
  ],
  [
    'times',
    '20240101000000_b.sql',
    ['20240101000000_b.sql', '20240201000000_c.sql'],
    ['20240201000000_c.sql'],
    '20260102030405_b.sql',
  ],
])('out-of-order-version: %s', (_, path, all, base, to) => {
  const folder = renumbered(
    'out-of-order-version',
    path,
    Object.fromEntries(all.map((each) => [each, goose('SELECT 1;')])),
    base,
  );
  expect(names(folder)).toEqual([...all.filter((each) => each !== path), to].sort());
});

describe('what a database has keeps its version', () => {
  let folder: string;
  const shared = new Map<number, TestServerDatabase>();
  beforeAll(async () => {
    for (const version of serverVersions) shared.set(version, await onServer(version));
  });
  afterAll(async () => {
    for (const database of shared.values()) await database.drop();
  });
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'skein-renumber-')), 'migrations');
    mkdirSync(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function skein(...args: readonly string[]) {
    let error = '';
    const code = await run(args, {
      out: () => undefined,
      error: (text) => {
        error += text;
      },
      colour: false,
      width: 100,
    });
    return { code, error };
  }

  test.each(serverVersions)('on PostgreSQL %i', async (version) => {
    const database = shared.get(version);
    if (database === undefined) throw new Error(`no server ${version}`);
    const a = { path: '00001_a.sql', text: goose('CREATE TABLE a (id int);'), byteOrderMark: false };
    expect((await runOn(database, [a])).failure).toBeUndefined();
    writeFileSync(join(folder, a.path), a.text);
    writeFileSync(join(folder, '00001_b.sql'), goose('CREATE TABLE b (id int);'));
    const fix = ['fix', '--rewrite', '--rule', 'duplicate-version', '--database', database.url];
    const refused = await skein(...fix, join(folder, '00001_a.sql'));
    expect(refused.code).toBe(2);
    expect(refused.error).toContain('00001_a.sql keeps its version: it is applied in');
    expect(refused.error.trimEnd()).not.toContain('\n');
    expect(readdirSync(folder).sort()).toEqual(['00001_a.sql', '00001_b.sql']);
    expect(await skein(...fix, join(folder, '00001_b.sql'))).toEqual({ code: 0, error: '' });
    expect(readdirSync(folder).sort()).toEqual(['00001_a.sql', '00002_b.sql']);
    expect(readFileSync(join(folder, '00002_b.sql'), 'utf8')).toContain('CREATE TABLE b');
  });

  test('of several that nothing tells apart, none is renumbered', async () => {
    const database = shared.get(18);
    if (database === undefined) throw new Error('no server 18');
    await database.query('DROP TABLE IF EXISTS goose_db_version, a');
    const seed = { path: '00001_a.sql', text: goose('SELECT 1;'), byteOrderMark: false };
    expect((await runOn(database, [seed])).failure).toBeUndefined();
    for (const name of ['00001_a.sql', '00001_b.sql']) writeFileSync(join(folder, name), goose('SELECT 1;'));
    const { code, error } = await skein(
      'fix',
      '--rewrite',
      '--database',
      database.url,
      join(folder, '00001_b.sql'),
    );
    expect(code).toBe(2);
    expect(error).toContain('keeps its version');
  });

  test('a migration that is applied is not split, but repaired in its place', async () => {
    const database = shared.get(18);
    if (database === undefined) throw new Error('no server 18');
    await database.query('DROP TABLE IF EXISTS goose_db_version, a, s');
    const files = {
      '00001_a.sql': goose('CREATE TABLE s (id int PRIMARY KEY, v int);'),
      '00002_b.sql': '-- +goose Up\nALTER TABLE s ADD CHECK (v > 0);\n',
    };
    const contents = Object.entries(files).map(([path, text]) => ({ path, text, byteOrderMark: false }));
    for (const { path, text } of contents) writeFileSync(join(folder, path), text);
    const path = join(folder, '00002_b.sql');
    const fix = (rule: string) => skein('fix', '--rewrite', '--rule', rule, '--database', database.url, path);
    expect((await runOn(database, contents)).failure).toBeUndefined();
    const refused = await fix('add-check');
    expect(refused.code).toBe(2);
    expect(refused.error).toMatch(
      /00002_b\.sql stays one migration: it is applied in .* as it is; roll it back there first, or write a new migration\n$/,
    );
    expect(readFileSync(path, 'utf8')).toBe(files['00002_b.sql']);
    expect(await fix('down-missing')).toEqual({ code: 0, error: '' });
    expect(readFileSync(path, 'utf8')).toContain('DROP CONSTRAINT');
    expect((await runOn(database, contents, { kind: 'down' })).failure).toBeUndefined();
    expect(await fix('add-check')).toEqual({ code: 0, error: '' });
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test.each(serverVersions)('the version of server %i decides how a rewrite is written', async (version) => {
    const path = join(folder, '00002_b.sql');
    writeFileSync(join(folder, '00001_a.sql'), goose('CREATE TABLE n (id int PRIMARY KEY, v int);'));
    writeFileSync(path, goose('ALTER TABLE n ALTER v SET NOT NULL;'));
    const url = shared.get(version)?.url ?? '';
    expect((await skein('fix', '--rewrite', '--database', url, path)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain(
      version >= 18 ? 'NOT NULL v NOT VALID' : 'CHECK (v IS NOT NULL)',
    );
  });

  test('a database that was named and cannot be reached', async () => {
    const path = join(folder, '00001_a.sql');
    writeFileSync(path, goose('SELECT 1;'));
    const { code, error } = await skein('plan', '--database', 'postgres://nobody@127.0.0.1:1/none', path);
    expect(code).toBe(2);
    expect(error.trimEnd()).not.toContain('\n');
  });
});
