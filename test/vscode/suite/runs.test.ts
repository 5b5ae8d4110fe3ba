import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { FolderMigrations, RunResult } from '../../../server/src/languageServer/protocol.ts';
import { diagnosticsIn, migrations, open, replace, until, write } from './editor.ts';

const users = `-- +goose Up
CREATE TABLE users (id bigint PRIMARY KEY, email text);

-- +goose Down
DROP TABLE users;
`;
const posts = `-- +goose Up
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint);

-- +goose Down
DROP TABLE posts;
`;
const wrong = `-- +goose Up
CREATE TABLE comments (id bigint PRIMARY KEY);
ALTER TABLE posts ADD COLUMN title text, DROP COLUMN subtitle;

-- +goose Down
ALTER TABLE posts DROP COLUMN title;
DROP TABLE comments;
`;

/** A migration folder with an embedded database of its own, as the commands are given it. */
async function project(name: string, files: Readonly<Record<string, string>>): Promise<Project> {
  const path = await migrations(name, { 'skein.json': '{}', ...files });
  return { path, folder: pathToFileURL(path).href };
}

interface Project {
  readonly path: string;
  readonly folder: string;
}

/** Runs a command of the palette with its questions answered beforehand. */
async function run(command: string, { folder }: Project, version?: string): Promise<RunResult> {
  const result = await vscode.commands.executeCommand<RunResult | undefined>(`skein.${command}`, {
    folder,
    version,
    yes: true,
  });
  assert.ok(result, `${command} did not run`);
  return result;
}

async function states({ folder }: Project): Promise<string[]> {
  const found = await vscode.commands.executeCommand<FolderMigrations | undefined>('skein.showStatus', {
    folder,
  });
  assert.ok(found);
  assert.equal(found.problem, undefined);
  return found.migrations.map(({ name, state }) => `${name} ${state}`);
}

async function lenses(path: string): Promise<string[]> {
  const uri = vscode.Uri.file(path);
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    uri,
    10,
  );
  return found.map(({ range, command }) => `${range.start.line} ${command?.title ?? ''}`);
}

suite('runs', () => {
  test('apply next, apply all, status, roll back, redo on the embedded database', async () => {
    const shop = await project('runShop', { '00001_users.sql': users, '00002_posts.sql': posts });
    assert.deepEqual(await states(shop), ['00001_users.sql pending', '00002_posts.sql pending']);

    assert.deepEqual(await run('applyNext', shop), { kind: 'ended', outcome: 'done', finished: 1 });
    assert.deepEqual(await states(shop), ['00001_users.sql applied', '00002_posts.sql pending']);
    assert.equal((await run('applyAllPending', shop)).finished, 1);
    assert.equal((await run('applyAllPending', shop)).finished, 0);
    assert.equal((await run('redoLast', shop)).finished, 2);
    assert.deepEqual(await states(shop), ['00001_users.sql applied', '00002_posts.sql applied']);

    assert.equal((await run('rollBackLast', shop)).finished, 1);
    assert.deepEqual(await states(shop), ['00001_users.sql applied', '00002_posts.sql pending']);
    assert.equal((await run('applyUpTo', shop, '2')).finished, 1);
    assert.equal((await run('rollBackTo', shop, '0')).finished, 2);
    assert.deepEqual(await states(shop), ['00001_users.sql pending', '00002_posts.sql pending']);
    assert.equal(readFileSync(join(shop.path, '.skein/.gitignore'), 'utf8'), '*\n');
  });

  test('a migration that fails is marked at the failing token, until it is edited', async () => {
    const shop = await project('runFails', { '00001_posts.sql': posts, '00002_comments.sql': wrong });
    const result = await run('applyAllPending', shop);
    assert.equal(result.outcome, 'failed');
    assert.equal(result.finished, 1);
    assert.equal(result.failure?.file, '00002_comments.sql');
    const path = join(shop.path, '00002_comments.sql');
    const uri = vscode.Uri.file(path);
    const failed = (): vscode.Diagnostic | undefined =>
      vscode.languages.getDiagnostics(uri).find(({ code }) => code === '42703');
    // Before anyone has opened the file.
    const diagnostic = await until(failed, () => 'the failure');
    const document = await open(path);
    assert.equal(document.getText(diagnostic.range), 'subtitle');
    assert.match(diagnostic.message, /column "subtitle" of relation "posts" does not exist/);
    assert.match(diagnostic.message, /Nothing of this file is left/);
    assert.deepEqual(await states(shop), ['00001_posts.sql applied', '00002_comments.sql failed']);

    await replace(document, ', DROP COLUMN subtitle', '');
    await until(
      () => failed() === undefined || undefined,
      () => 'the failure to go',
    );
    // What is in the editor is saved before it is run.
    assert.equal((await run('applyAllPending', shop)).outcome, 'done');
    assert.equal(document.isDirty, false);
    assert.deepEqual(await states(shop), ['00001_posts.sql applied', '00002_comments.sql applied']);
  });

  test('the failure goes with the next run, too', async () => {
    const shop = await project('runAgain', { '00001_comments.sql': wrong });
    assert.equal((await run('applyAllPending', shop)).outcome, 'failed');
    const uri = vscode.Uri.file(join(shop.path, '00001_comments.sql'));
    await until(
      () => vscode.languages.getDiagnostics(uri).find(({ code }) => code === '42P01'),
      () => 'the failure',
    );
    await write(uri.fsPath, wrong.replace(/ALTER TABLE.*;\n/, '').replace(/ALTER TABLE.*;\n/, ''));
    assert.equal((await run('applyAllPending', shop)).outcome, 'done');
    assert.equal(
      vscode.languages.getDiagnostics(uri).find(({ code }) => code === '42P01'),
      undefined,
    );
  });

  test('a statement that runs for long is cancelled, and the next run goes on', async () => {
    const sleep = `-- +goose Up
CREATE TABLE naps (id bigint);
-- +goose StatementBegin
DO $$ BEGIN
  EXECUTE format('COPY (SELECT 1) TO %L', current_setting('data_directory') || '/asleep');
  PERFORM pg_sleep(600);
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE naps;
`;
    const shop = await project('runCancel', { '00001_users.sql': users, '00002_naps.sql': sleep });
    const running = run('applyAllPending', shop);
    await until(
      () => inEmbedded(shop, 'data/asleep'),
      () => 'the migration to sleep',
    );
    await vscode.commands.executeCommand('skein.cancelRun');
    assert.deepEqual(await running, { kind: 'ended', outcome: 'cancelled', finished: 1 });
    assert.deepEqual(await states(shop), ['00001_users.sql applied', '00002_naps.sql pending']);

    await write(join(shop.path, '00002_naps.sql'), sleep.replace('pg_sleep(600)', 'pg_sleep(0)'));
    assert.equal((await run('applyAllPending', shop)).outcome, 'done');
    assert.deepEqual(await states(shop), ['00001_users.sql applied', '00002_naps.sql applied']);
  });

  test('quiet: a file that does not parse keeps all of them from running', async () => {
    const shop = await project('runBroken', {
      '00001_users.sql': users,
      '00002_open.sql': '-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n',
    });
    const result = await vscode.commands.executeCommand('skein.applyAllPending', {
      folder: shop.folder,
      yes: true,
    });
    assert.equal(result, undefined);
    assert.deepEqual(await states(shop), ['00001_users.sql pending', '00002_open.sql pending']);
  });

  test('lenses over Up and Down say how a migration stands and what can be done', async () => {
    const shop = await project('runLenses', { '00001_users.sql': users, '00002_posts.sql': posts });
    const [first, second] = ['00001_users.sql', '00002_posts.sql'].map((name) => join(shop.path, name));
    assert.ok(first && second);
    await open(first);
    await open(second);
    await states(shop);
    assert.deepEqual(await lenses(second), ['0 $(play) Apply up to here (and 1 before it)', '0 pending']);

    await run('applyAllPending', shop);
    await states(shop);
    const [applied, undo] = await lenses(first);
    assert.match(applied ?? '', /^0 applied at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    assert.equal(undo, '3 $(discard) Roll back to here (1 after it)');
    assert.equal((await lenses(second))[1], '3 $(discard) Roll back');

    const settings = vscode.workspace.getConfiguration('skein');
    await settings.update('codeLens', false, vscode.ConfigurationTarget.Workspace);
    let left = await lenses(first);
    for (let tries = 0; left.length > 0 && tries < 100; tries += 1) left = await lenses(first);
    await settings.update('codeLens', undefined, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(left, []);
  });

  test('a new migration stands after all others, and what is dirty beside it stays as it is', async () => {
    const shop = await project('runNew', { '00001_users.sql': users });
    const made = await vscode.commands.executeCommand<string>('skein.newMigration', {
      folder: shop.folder,
      name: 'Add user names',
    });
    const path = vscode.Uri.parse(made).fsPath;
    assert.equal(basename(path), '00002_add_user_names.sql');
    assert.equal(await readFile(path, 'utf8'), '-- +goose Up\n\n-- +goose Down\n');
    assert.deepEqual(diagnosticsIn(vscode.Uri.file(join(shop.path, '00001_users.sql'))), []);
  });

  test('the embedded database can be thrown away', async () => {
    const shop = await project('runReset', { '00001_users.sql': users });
    await run('applyAllPending', shop);
    assert.equal(
      await vscode.commands.executeCommand('skein.resetEmbeddedDatabase', { folder: shop.folder, yes: true }),
      true,
    );
    assert.deepEqual(await states(shop), ['00001_users.sql pending']);
  });

  test('a database that cannot be reached is said by name, and the migrations are still listed', async () => {
    const shop = await project('runRefused', { '00001_users.sql': users });
    const settings = vscode.workspace.getConfiguration('skein', vscode.Uri.file(shop.path));
    const target = vscode.ConfigurationTarget.WorkspaceFolder;
    await settings.update('database', 'postgres://app:geheim@127.0.0.1:9/shop?sslmode=disable', target);
    try {
      const found = await vscode.commands.executeCommand<FolderMigrations>('skein.showStatus', {
        folder: shop.folder,
      });
      assert.equal(found.database?.name, 'shop on 127.0.0.1:9 as app');
      assert.match(found.problem?.message ?? '', /127\.0\.0\.1:9/);
      assert.deepEqual(
        found.migrations.map(({ state }) => state),
        ['unknown'],
      );
      assert.ok(!JSON.stringify(found).includes('geheim'));
    } finally {
      await settings.update('database', undefined, target);
    }
  });
});

/** A file of the embedded database of a project, once it is there. */
function inEmbedded({ path }: Project, file: string): string | undefined {
  const home = join(path, '.skein');
  if (!existsSync(home)) return undefined;
  return readdirSync(home)
    .map((name) => join(home, name, file))
    .find((found) => existsSync(found));
}
