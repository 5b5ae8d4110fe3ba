import { afterEach, beforeEach, expect, test } from 'vitest';
import type {
  AlembicRunner,
  FolderMigrations,
  NewFile,
  Refused,
  RunPlan,
  RunResult,
  Sql,
} from '../../server/src/languageServer/protocol.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer } from '../postgres/testDatabase.ts';
import { revisionText, shopRevisions } from '../runner/alembicRevisions.ts';
import { Editor, pullClient } from './editor.ts';

const versions = 'migrations/versions';
let editor: Editor;
let database: TestServerDatabase;

beforeEach(async () => {
  const files = Object.entries(shopRevisions).map(([name, text]) => [`${versions}/${name}`, text]);
  editor = new Editor().write({
    'alembic.ini': '[alembic]\nscript_location = migrations\n',
    ...Object.fromEntries(files),
  });
  database = await onServer(18);
  await editor.start(pullClient, { trusted: true });
});
afterEach(async () => {
  await editor.stop();
  await database.drop();
});

function use(alembic: AlembicRunner, python?: string): void {
  void editor.connection?.sendNotification('skein/settings', {
    folders: [{ uri: editor.uri(''), database: database.url, alembic, python }],
    passwords: {},
    codeLens: true,
  });
}

function ask<T>(method: string, params: object): Promise<T> {
  return editor.connection?.sendRequest<T>(method, params) ?? Promise.reject(new Error('not connected'));
}

const folder = () => editor.uri(versions);

async function states(): Promise<string[]> {
  const [found] = await ask<FolderMigrations[]>('skein/migrations', { read: true });
  return (found?.migrations ?? []).map(({ version, state }) => `${version} ${state}`).sort();
}

async function lenses(name: string): Promise<string[]> {
  const found = await ask<{ range: { start: { line: number } }; command: Lens }[]>('textDocument/codeLens', {
    textDocument: { uri: editor.uri(`${versions}/${name}`) },
  });
  return found.map(
    ({ range, command }) => `${range.start.line} ${command.title} ${command.arguments[0].version}`,
  );
}

interface Lens {
  readonly title: string;
  readonly arguments: readonly [{ readonly version: string }];
}

async function run(command: object): Promise<RunResult | Refused> {
  const plan = await ask<RunPlan | Refused>('skein/plan', { folder: folder(), command });
  return plan.kind === 'refused' ? plan : await ask('skein/run', { plan: plan.id });
}

test('revisions are run as goose migrations are: states, lenses over both functions, stamps, SQL', async () => {
  use('auto');
  editor.open(`${versions}/cc03_x.py`, shopRevisions['cc03_x.py'] ?? '');
  expect(await states()).toContain('cc03 pending');
  expect(await lenses('cc03_x.py')).toEqual([
    '10 $(play) Apply up to here (and 2 before it) cc03',
    '10 pending cc03',
  ]);
  const sql = await ask<Sql>('skein/sql', { folder: folder(), command: { kind: 'up', to: 'aa01' } });
  expect(sql.text).toMatch(/^-- t_\w+ on .*\n-- Written by Skein\.\n/);
  expect(sql.text).toContain("INSERT INTO alembic_version (version_num) VALUES ('aa01')");
  expect(sql.text).not.toContain('postgres:');

  expect(await run({ kind: 'up', to: 'heads' })).toMatchObject({ outcome: 'done', finished: 7 });
  expect(await states()).toHaveLength(7);
  expect(await lenses('cc03_x.py')).toEqual([
    '10 applied cc03',
    // Of the other branch nothing is rolled back.
    '18 $(discard) Roll back to here (3 after it) cc03',
  ]);
  editor.open(`${versions}/gg07_x.py`, shopRevisions['gg07_x.py'] ?? '');
  expect(await lenses('gg07_x.py')).toEqual(['10 applied gg07', '14 $(discard) Roll back gg07@gg07-1']);
  expect(await run({ kind: 'down', to: 'gg07@gg07-1' })).toMatchObject({ outcome: 'done', finished: 1 });
  expect(await run({ kind: 'down', to: 'dd04' })).toMatchObject({ outcome: 'done', finished: 1 });
  expect(await states()).toEqual([
    'aa01 applied',
    'bb02 applied',
    'cc03 applied',
    'dd04 applied',
    'ee05 applied',
    'ff06 pending',
    'gg07 pending',
  ]);
  const plan = await ask<RunPlan>('skein/plan', {
    folder: folder(),
    command: { kind: 'stamp', to: ['ff06'] },
  });
  expect(plan.stamps).toBe(true);
  expect(await ask<RunResult>('skein/run', { plan: plan.id })).toMatchObject({ outcome: 'done' });
  expect(await states()).toContain('ff06 applied');
});

test('what cannot be read completely is refused at its place', async () => {
  const text = revisionText({ id: 'zz99', after: ['ff06'], up: 'op.execute(f"DROP TABLE {name()}")' });
  editor.write({ [`${versions}/zz99_x.py`]: text });
  use('skein');
  expect(await run({ kind: 'up', to: 'heads' })).toMatchObject({
    kind: 'refused',
    refusal: {
      message: 'A part of this statement is known only when Python runs',
      place: { uri: editor.uri(`${versions}/zz99_x.py`), range: { start: { line: 11, character: 28 } } },
    },
  });
  expect(await database.query("SELECT 1 FROM pg_tables WHERE tablename = 'users'")).toEqual([]);
});

test('heads are merged', async () => {
  use('skein');
  const files = await ask<NewFile[]>('skein/mergeHeads', { folder: folder() });
  expect(files).toHaveLength(1);
  expect(files[0]?.text).toMatch(/down_revision.* = \(["']ff06["'], ["']gg07["']\)/);
  expect(await ask('skein/newMigration', { folder: folder(), name: 'x' })).toMatchObject({ kind: 'refused' });
});

test('alembic itself, where there is none, is refused with what was looked for', async () => {
  use('alembic', 'nowhere/python');
  const [found] = await ask<FolderMigrations[]>('skein/migrations', { read: true });
  expect(found?.problem?.message).toMatch(
    /nowhere\/python, which the setting skein\.python names, has no alembic/,
  );
  expect(found?.migrations).toHaveLength(7);
});
