import * as assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  diagnosticsIn,
  finding,
  migrations,
  noFinding,
  open,
  replace,
  rulesIn,
  until,
  workspaceFolder,
  write,
} from './editor.ts';

const users = `-- +goose Up
CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text NOT NULL);

-- +goose Down
DROP TABLE IF EXISTS users;
`;
const usersEmail = `-- +goose Up
CREATE INDEX IF NOT EXISTS users_email_idx ON users (email);

-- +goose Down
DROP INDEX IF EXISTS users_email_idx;
`;

suite('diagnostics', () => {
  test('a blocking index is marked in its statement, with the lock and what it blocks', async () => {
    const { uri } = await open(join(workspaceFolder('shop'), 'migrations/00002_products_sku.sql'));
    const diagnostic = await finding(uri, 'index-not-concurrent');
    assert.equal(diagnostic.source, 'skein');
    assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(diagnostic.range.start.line, 1);
    assert.match(diagnostic.message, /lock/i);
    assert.match(diagnostic.message, /CONCURRENTLY/);
  });

  test('quiet: the migration that creates the table', async () => {
    const document = await open(join(workspaceFolder('shop'), 'migrations/00001_products.sql'));
    // A mistake at the end shows that the file has been looked at.
    await replace(document, 'DROP TABLE IF EXISTS products;', 'DROP TABLE IF EXISTS products; SELEC 1;');
    await finding(document.uri, 'syntax-error');
    assert.deepEqual(rulesIn(document.uri), ['syntax-error']);
  });

  test('quiet: SQL that is no migration', async () => {
    const folder = await migrations('noMigration', {
      '00001_users.sql': users,
      '00002_email.sql': usersEmail,
    });
    const report = join(folder, 'reports/top.sql');
    await write(report, 'CREATE INDEX ON users (email);\nSELEC 1;\n');
    const { uri } = await open(report);
    await finding((await open(join(folder, '00002_email.sql'))).uri, 'index-not-concurrent');
    assert.deepEqual(rulesIn(uri), []);
  });

  test('each workspace folder is checked, also one that is added later', async () => {
    const billing = await open(join(workspaceFolder('billing'), 'migrations/00002_invoices_paid.sql'));
    await finding(billing.uri, 'add-column-not-null');

    const added = join(workspaceFolder('shop'), '../added');
    await write(join(added, 'migrations/00001_users.sql'), users);
    await write(join(added, 'migrations/00002_email.sql'), usersEmail);
    const count = vscode.workspace.workspaceFolders?.length ?? 0;
    vscode.workspace.updateWorkspaceFolders(count, 0, { uri: vscode.Uri.file(added) });
    await finding((await open(join(added, 'migrations/00002_email.sql'))).uri, 'index-not-concurrent');
  });

  test('findings follow what is typed, saved or not', async () => {
    const folder = await migrations('typed', { '00001_users.sql': users, '00002_email.sql': usersEmail });
    const document = await open(join(folder, '00002_email.sql'));
    await finding(document.uri, 'index-not-concurrent');

    await replace(document, 'users (email)', 'users (email');
    const broken = await finding(document.uri, 'syntax-error');
    assert.equal(broken.severity, vscode.DiagnosticSeverity.Error);

    await replace(document, 'users (email', 'users (email)');
    await noFinding(document.uri, 'syntax-error');
    await replace(document, '-- +goose Up', '-- +goose NO TRANSACTION\n-- +goose Up');
    await replace(document, 'CREATE INDEX', 'CREATE INDEX CONCURRENTLY');
    await noFinding(document.uri, 'index-not-concurrent');
    assert.equal(document.isDirty, true);
  });

  test('an unsaved edit of one file changes the findings of another', async () => {
    const folder = await migrations('history', { '00001_users.sql': users, '00002_email.sql': usersEmail });
    const second = await open(join(folder, '00002_email.sql'));
    await finding(second.uri, 'index-not-concurrent');
    assert.ok(!rulesIn(second.uri).includes('unknown-object'));
    const first = await open(join(folder, '00001_users.sql'));

    await replace(first, 'email text', 'mail text');
    await finding(second.uri, 'unknown-object');
    await replace(first, 'mail text', 'email text');
    await noFinding(second.uri, 'unknown-object');
  });

  test('a file that appears on disk and goes again changes the findings of its neighbour', async () => {
    const folder = await migrations('twins', { '00001_users.sql': users, '00002_email.sql': usersEmail });
    const { uri } = await open(join(folder, '00002_email.sql'));
    await finding(uri, 'index-not-concurrent');
    assert.ok(!rulesIn(uri).includes('duplicate-version'));

    const twin = join(folder, '00002_names.sql');
    await write(twin, '-- +goose Up\nALTER TABLE users ADD COLUMN IF NOT EXISTS name text;\n');
    const diagnostic = await finding(uri, 'duplicate-version');
    assert.ok(diagnostic.message.includes('00002_names.sql'), diagnostic.message);

    await rm(twin);
    await noFinding(uri, 'duplicate-version');
  });

  test('skein.json decides, as soon as it is saved', async () => {
    const folder = await migrations('configured', {
      '00001_users.sql': users,
      '00002_email.sql': usersEmail,
    });
    const { uri } = await open(join(folder, '00002_email.sql'));
    await finding(uri, 'index-not-concurrent');

    await write(join(folder, 'skein.json'), '{ "rules": { "index-not-concurrent": "off" } }');
    await noFinding(uri, 'index-not-concurrent');
    await write(join(folder, 'skein.json'), '{ "rules": { "index-not-concurrent": "error" } }');
    assert.equal((await finding(uri, 'index-not-concurrent')).severity, vscode.DiagnosticSeverity.Error);
  });

  test('skein.json itself is checked, once', async () => {
    const folder = await migrations('schema', { '00001_users.sql': users });
    const path = join(folder, 'skein.json');
    await write(path, '// Comments may stand here.\n{ "rulez": {}, "postgresVersion": 14 }\n');
    const { uri, languageId } = await open(path);
    assert.equal(languageId, 'jsonc');
    const found = await until(
      () => vscode.languages.getDiagnostics(uri).find(({ message }) => message.includes('rulez')),
      () => 'a word on the key "rulez"',
    );
    assert.equal(found.range.start.line, 1);
    assert.equal(vscode.languages.getDiagnostics(uri).length, 1);
  });

  test('a byte order mark, which VS Code hides, is seen: goose does not skip it', async () => {
    const folder = await migrations('mark', { '00001_users.sql': `\uFEFF${users}` });
    const document = await open(join(folder, '00001_users.sql'));
    assert.ok(document.getText().startsWith('-- +goose Up'));
    await finding(document.uri, 'goose-annotation');
  });

  test('a file in another encoding is told as such, and the other files are still served', async () => {
    const folder = await migrations('bytes', { '00001_users.sql': users, '00003_email.sql': usersEmail });
    const latin1 = Buffer.from(`${usersEmail}-- Zürich\n`, 'latin1');
    await write(join(folder, '00002_city.sql'), latin1);
    const { uri } = await open(join(folder, '00003_email.sql'));
    await finding(uri, 'index-not-concurrent');
    const city = await open(join(folder, '00002_city.sql'));
    await finding(city.uri, 'unreadable-file');
    assert.deepEqual(rulesIn(city.uri), ['unreadable-file']);
  });

  test('findings come back after a restart of the server, and follow what is typed', async () => {
    const folder = await migrations('restarted', { '00001_users.sql': users, '00002_email.sql': usersEmail });
    const document = await open(join(folder, '00002_email.sql'));
    await finding(document.uri, 'index-not-concurrent');

    const gone = new Promise<void>((resolve) => {
      const listener = vscode.languages.onDidChangeDiagnostics(() => {
        if (diagnosticsIn(document.uri).length > 0) return;
        listener.dispose();
        resolve();
      });
    });
    await vscode.commands.executeCommand('skein.restartServer');
    await gone;
    await finding(document.uri, 'index-not-concurrent');
    await replace(document, 'CREATE INDEX', 'CREATE INDEXX');
    await finding(document.uri, 'syntax-error');
  });
});
