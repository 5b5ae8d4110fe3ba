import * as assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { FolderMigrations, RunResult } from '../../../server/src/languageServer/protocol.ts';
import { apply, finding, migrations, noFinding, open, quickFixes, until } from './editor.ts';

const env = `import os
from alembic import context
from sqlalchemy import create_engine

url = os.environ["SKEIN_TEST_DATABASE"].replace("postgres://", "postgresql+psycopg2://")
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
`;

function revision(id: string, parent: string | undefined, up: string, down: string): string {
  return `from alembic import op
import sqlalchemy as sa

revision = "${id}"
down_revision = ${parent === undefined ? 'None' : `"${parent}"`}


def upgrade():
    ${up}


def downgrade():
    ${down}
`;
}

const users = revision(
  'aa01',
  undefined,
  'op.create_table("users", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("email", sa.Text()))',
  'op.drop_table("users")',
);
const index = revision(
  'bb02',
  'aa01',
  'op.create_index("users_email", "users", ["email"])',
  'op.drop_index("users_email")',
);

/** A project of alembic: its folder of revisions, as the commands are given it. */
async function project(
  name: string,
  revisions: Readonly<Record<string, string>>,
  withEnvironment = false,
): Promise<Project> {
  const files = Object.entries(revisions).map(([file, text]) => [`versions/${file}`, text] as const);
  const home = await migrations(name, {
    'alembic.ini': '[alembic]\nscript_location = %(here)s\n',
    ...(withEnvironment && { 'env.py': env }),
    ...Object.fromEntries(files),
  });
  const path = join(home, 'versions');
  return { path, folder: pathToFileURL(path).href };
}

interface Project {
  readonly path: string;
  readonly folder: string;
}

async function run(command: string, { folder }: Project, version?: string): Promise<RunResult | undefined> {
  return vscode.commands.executeCommand(`skein.${command}`, { folder, version, yes: true });
}

async function status({ folder }: Project): Promise<FolderMigrations> {
  const found = await vscode.commands.executeCommand<FolderMigrations | undefined>('skein.showStatus', {
    folder,
  });
  assert.ok(found);
  assert.equal(found.problem, undefined);
  return found;
}

async function states(shop: Project): Promise<string[]> {
  return (await status(shop)).migrations.map(({ version, state }) => `${version} ${state}`);
}

/** Does something with settings of the workspace folder. */
async function withSettings(
  { path }: Project,
  settings: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  const target = vscode.ConfigurationTarget.WorkspaceFolder;
  const configuration = () => vscode.workspace.getConfiguration('skein', vscode.Uri.file(path));
  for (const [name, value] of Object.entries(settings)) await configuration().update(name, value, target);
  try {
    await work();
  } finally {
    for (const name of Object.keys(settings)) await configuration().update(name, undefined, target);
  }
}

suite('alembic', () => {
  test('findings stand at the Python, and a fix writes Python', async () => {
    const { path } = await project('alembicFindings', { 'aa01_users.py': users, 'bb02_index.py': index });
    const document = await open(join(path, 'bb02_index.py'));
    const diagnostic = await finding(document.uri, 'index-not-concurrent');
    assert.equal(document.getText(diagnostic.range), 'op.create_index');
    const [fix] = (await quickFixes(document.uri, diagnostic)).filter(({ edit }) => edit !== undefined);
    assert.ok(fix);
    await apply(fix);
    await noFinding(document.uri, 'index-not-concurrent');
    assert.match(
      document.getText(),
      /with op\.get_context\(\)\.autocommit_block\(\):\n.*postgresql_concurrently=True/,
    );
  });

  test('a fork of the history is marked, and merged by a quick fix', async () => {
    const other = revision('cc03', 'aa01', 'pass', 'pass');
    const { path } = await project('alembicFork', {
      'aa01_users.py': users,
      'bb02_index.py': index,
      'cc03_other.py': other,
    });
    const document = await open(join(path, 'cc03_other.py'));
    const diagnostic = await finding(document.uri, 'alembic-multiple-heads');
    const offered = await quickFixes(document.uri, diagnostic);
    const fix = offered.find(({ title }) => /merge/i.test(title));
    assert.ok(fix, offered.map(({ title }) => title).join(', '));
    await apply(fix);
    const [made] = fix.edit?.entries().map(([uri]) => uri.fsPath) ?? [];
    assert.match(made ?? '', /_merge_bb02_and_cc03\.py$/);
    // Looked at before it is saved.
    const merge = await open(made ?? '');
    assert.match(merge.getText(), /^down_revision = \("bb02", "cc03"\)$/m);
    await noFinding(document.uri, 'alembic-multiple-heads');
  });

  test('applied, looked at and rolled back on the embedded database', async () => {
    const shop = await project('alembicRuns', {
      'aa01_users.py': users,
      'bb02_index.py': index,
    });
    await withSettings(shop, { database: 'embedded' }, async () => {
      assert.deepEqual(await states(shop), ['aa01 pending', 'bb02 pending']);
      assert.deepEqual(await run('applyNext', shop), { kind: 'ended', outcome: 'done', finished: 1 });
      assert.equal((await run('applyAllPending', shop))?.finished, 1);
      const found = await status(shop);
      assert.ok(found.database?.embedded);
      assert.deepEqual(
        found.migrations.map(({ state }) => state),
        ['applied', 'applied'],
      );
      assert.equal((await run('redoLast', shop))?.finished, 2);
      assert.equal((await run('rollBackTo', shop, 'aa01'))?.finished, 1);
      assert.deepEqual(await states(shop), ['aa01 applied', 'bb02 pending']);
      assert.equal((await run('stamp', shop, 'heads'))?.outcome, 'done');
      assert.deepEqual(await states(shop), ['aa01 applied', 'bb02 applied']);
      const sql = await vscode.commands.executeCommand<string>('skein.showSql', { folder: shop.folder });
      assert.match(sql, /^-- the embedded database .*\n-- Written by Skein\./);
    });
  });

  test('what needs Python is refused by Skein, and nothing is run', async () => {
    const shop = await project('alembicRefused', {
      'aa01_users.py': users,
      'bb02_python.py': revision('bb02', 'aa01', 'op.execute(statement_of("users"))', 'pass'),
    });
    await withSettings(shop, { database: 'embedded' }, async () => {
      assert.equal(await run('applyAllPending', shop), undefined);
      assert.deepEqual(await states(shop), ['aa01 pending', 'bb02 pending']);
    });
  });

  test('through the real alembic, on the database that env.py names', async () => {
    const { SKEIN_TEST_PYTHON: python, SKEIN_TEST_DATABASE: url } = process.env;
    assert.ok(python !== undefined && url !== undefined, 'the real alembic and its database');
    const broken = 'op.execute("ALTER TABLE users ADD COLUMN email text")';
    const revisions = {
      'aa01_users.py': users,
      'bb02_index.py': index,
      'cc03_email.py': revision('cc03', 'bb02', broken, 'pass'),
    };
    const shop = await project('alembicReal', revisions, true);
    await withSettings(shop, { alembic: 'alembic', python }, async () => {
      const found = await status(shop);
      assert.match(found.database?.reason ?? '', /^as env\.py says, run by alembic 1\.20\.0/);
      assert.equal(found.database?.name.split(' on ')[0], new URL(url).pathname.slice(1));
      assert.deepEqual(await run('applyUpTo', shop, 'bb02'), { kind: 'ended', outcome: 'done', finished: 2 });
      assert.deepEqual(await states(shop), ['aa01 applied', 'bb02 applied', 'cc03 pending']);

      const failed = await run('applyAllPending', shop);
      assert.equal(failed?.outcome, 'failed');
      assert.equal(failed.failure?.file, 'cc03_email.py');
      const uri = vscode.Uri.file(join(shop.path, 'cc03_email.py'));
      const diagnostic = await until(
        () => vscode.languages.getDiagnostics(uri).find(({ message }) => /already exists/.test(message)),
        () => 'the failure',
      );
      const document = await open(uri.fsPath);
      assert.equal(document.getText(diagnostic.range), broken);

      assert.equal((await run('rollBackTo', shop, 'base'))?.finished, 2);
      assert.deepEqual(await states(shop), ['aa01 pending', 'bb02 pending', 'cc03 failed']);
    });
  });

  test('a new revision comes after the last', async () => {
    const shop = await project('alembicNew', { 'aa01_users.py': users });
    const made = await vscode.commands.executeCommand<string>('skein.newMigration', {
      folder: shop.folder,
      name: 'Add names',
    });
    assert.match(made, /_add_names\.py$/);
    assert.match(await readFile(vscode.Uri.parse(made).fsPath, 'utf8'), /^down_revision.* = ["']aa01["']$/m);
  });
});
