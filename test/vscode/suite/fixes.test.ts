import * as assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { apply, finding, migrations, noFinding, open, quickFixes, rulesIn, until } from './editor.ts';

const users = `-- +goose Up
CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text NOT NULL, name text);

-- +goose Down
DROP TABLE IF EXISTS users;
`;

suite('fixes', () => {
  test('a quick fix writes the safe form, and the finding goes', async () => {
    const folder = await migrations('quickFix', {
      '00001_users.sql': users,
      '00002_email.sql': `-- +goose Up
CREATE INDEX IF NOT EXISTS users_email_idx ON users (email);
`,
    });
    const document = await open(join(folder, '00002_email.sql'));
    const diagnostic = await finding(document.uri, 'index-not-concurrent');
    const offered = await quickFixes(document.uri, diagnostic);
    const fix = offered.find(({ title }) => title.includes('CONCURRENTLY'));
    assert.ok(fix, offered.map(({ title }) => title).join(', '));
    await apply(fix);

    assert.match(document.getText(), /CREATE INDEX CONCURRENTLY IF NOT EXISTS users_email_idx/);
    assert.match(document.getText(), /^-- \+goose NO TRANSACTION$/m);
    await noFinding(document.uri, 'index-not-concurrent');
    assert.ok(!rulesIn(document.uri).includes('concurrently-in-transaction'));
  });

  test('quiet: nothing is offered where nothing is wrong', async () => {
    const folder = await migrations('nothing', { '00001_users.sql': users });
    const document = await open(join(folder, '00001_users.sql'));
    const everything = new vscode.Range(0, 0, document.lineCount, 0);
    assert.deepEqual(await quickFixes(document.uri, new vscode.Diagnostic(everything, 'all of it')), []);
  });

  test('Fix All writes every safe fix of the file, and no other', async () => {
    const folder = await migrations('fixAll', {
      '00001_users.sql': users,
      '00002_more.sql': `-- +goose Up
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
CREATE FUNCTION initial(name text) RETURNS text AS $$
BEGIN
  RETURN left(name, 1);
END;
$$ LANGUAGE plpgsql;

-- +goose Down
DROP FUNCTION initial(text)
`,
    });
    const document = await open(join(folder, '00002_more.sql'));
    await finding(document.uri, 'goose-statement-block');
    await finding(document.uri, 'goose-unterminated');
    // The command behind "Source Action… > Fix All" and behind editor.codeActionsOnSave.
    const fixAll = async (): Promise<void> => {
      await vscode.commands.executeCommand('editor.action.sourceAction', {
        kind: 'source.fixAll.skein',
        apply: 'first',
      });
      await noFinding(document.uri, 'goose-statement-block');
    };
    // VS Code drops the question when diagnostics come in while it waits for the answer.
    await fixAll().catch(fixAll);
    await noFinding(document.uri, 'goose-unterminated');
    assert.match(document.getText(), /^-- \+goose StatementBegin\nCREATE FUNCTION/m);
    assert.match(document.getText(), /plpgsql;\n-- \+goose StatementEnd\n/);
    assert.match(document.getText(), /DROP FUNCTION initial\(text\);\n$/);
    assert.match(document.getText(), /ALTER COLUMN name SET NOT NULL;/);
  });

  test('a statement that needs a migration of its own gets one', async () => {
    const folder = await migrations('ownMigration', {
      '00001_users.sql': users,
      '00002_phone.sql': `-- +goose Up
ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;
CREATE INDEX CONCURRENTLY IF NOT EXISTS users_phone_idx ON users (phone);
`,
    });
    const document = await open(join(folder, '00002_phone.sql'));
    const diagnostic = await finding(document.uri, 'concurrently-in-transaction');
    const offered = await quickFixes(document.uri, diagnostic);
    const fix = offered.find(({ edit }) => newFiles(edit).length > 0);
    assert.ok(fix, offered.map(({ title }) => title).join(', '));
    const [created] = newFiles(fix.edit);
    assert.ok(created);
    await apply(fix);

    assert.ok(existsSync(created.fsPath));
    assert.match(basename(created.fsPath), /^\d+_\w+\.sql$/);
    const text = (await vscode.workspace.openTextDocument(created)).getText();
    assert.match(text, /^-- \+goose NO TRANSACTION$/m);
    assert.match(text, /CREATE INDEX CONCURRENTLY IF NOT EXISTS users_phone_idx ON users \(phone\);/);
    assert.doesNotMatch(document.getText(), /CONCURRENTLY/);
    await noFinding(document.uri, 'concurrently-in-transaction');
    await open(created.fsPath);
    assert.ok(!rulesIn(created).includes('concurrently-in-transaction'));
  });

  test('a change split into migrations is shown before it is made, and taken back by one undo', async () => {
    const change = '-- +goose Up\nALTER TABLE users ALTER COLUMN name SET NOT NULL;\n';
    const folder = await migrations('split', { '00001_users.sql': users, '00002_name.sql': change });
    const document = await open(join(folder, '00002_name.sql'));
    const diagnostic = await finding(document.uri, 'set-not-null');
    const offered = await quickFixes(document.uri, diagnostic);
    const fix = offered.find(({ title }) => title.startsWith('Split into 2 migrations'));
    assert.ok(fix, offered.map(({ title }) => title).join(', '));
    const [created] = newFiles(fix.edit);
    assert.ok(created);

    const applied = apply(fix);
    let shown = true;
    void applied.finally(() => {
      shown = false;
    });
    assert.equal(document.getText(), change);
    // The preview's own button: it does nothing before there is a preview.
    while (shown) await vscode.commands.executeCommand('refactorPreview.apply');
    await applied;
    assert.match(document.getText(), /^-- Set name of users NOT NULL\. Phase 1 of 2/);
    for (const each of [document, await vscode.workspace.openTextDocument(created)])
      assert.ok(await each.save());
    assert.match(await readFile(created.fsPath, 'utf8'), /^-- Set name of users NOT NULL\. Phase 2 of 2/m);
    await noFinding(document.uri, 'set-not-null');

    await vscode.window.showTextDocument(document, { preview: false });
    await vscode.commands.executeCommand('undo');
    await until(
      () => !existsSync(created.fsPath) || undefined,
      () => `no ${created.fsPath}`,
    );
    assert.equal(document.getText(), change);
  });

  test('a fix on save: Fix All runs when the person asked VS Code to', async () => {
    const folder = await migrations('onSave', {
      '00001_users.sql': users,
      '00002_teams.sql': '-- +goose Up\nCREATE TABLE teams (id bigint PRIMARY KEY)\n',
    });
    const document = await open(join(folder, '00002_teams.sql'));
    await finding(document.uri, 'goose-unterminated');
    const settings = vscode.workspace.getConfiguration('editor', document.uri);
    await settings.update(
      'codeActionsOnSave',
      { 'source.fixAll.skein': 'explicit' },
      vscode.ConfigurationTarget.Workspace,
    );
    try {
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), '-- Teams of the shop.\n');
      await vscode.workspace.applyEdit(edit);
      await until(
        () => document.isDirty || undefined,
        () => 'an unsaved document',
      );
      await vscode.commands.executeCommand('workbench.action.files.save');
      await until(
        () => !document.isDirty || undefined,
        () => 'a saved document',
      );
      assert.match(document.getText(), /\(id bigint PRIMARY KEY\);\n/);
    } finally {
      await settings.update('codeActionsOnSave', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});

/** The files an edit makes: those with text for a path where there is none. */
function newFiles(edit: vscode.WorkspaceEdit | undefined): vscode.Uri[] {
  return (edit?.entries() ?? []).map(([uri]) => uri).filter(({ fsPath }) => !existsSync(fsPath));
}
