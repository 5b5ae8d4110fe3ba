import { describe, expect, it } from 'vitest';
import { ConfigFiles } from '../../server/src/workspace/configFiles.ts';
import { discover, migrationFolderAt } from '../../server/src/workspace/discovery.ts';
import { MemoryFileSystem } from './memoryFileSystem.ts';

const goose = '-- +goose Up\nSELECT 1;\n';
const sql = 'CREATE TABLE t (id int);\n';

/** The folders that are found at and below /r, as `path tool`. */
async function found(contents: Record<string, string>): Promise<string[]> {
  const files = new MemoryFileSystem(contents);
  const { folders } = await discover('/r', files, new ConfigFiles(files));
  return folders.map(({ path, tool, pairs }) => `${path} ${tool}${pairs ? ' pairs' : ''}`);
}

describe('discover', () => {
  it('finds goose folders of any name, and numbered SQL in folders named for it', async () => {
    const folders = await found({
      '/r/sql/schema/001_users.sql': goose,
      '/r/db/migrations/001_a.sql': sql,
      '/r/db/migrations/002-b.sql': sql,
      '/r/svc/migrate/20240101120000_a.sql': sql,
      '/r/migrations/00001_a.sql': `-- a licence\n\n  -- +goose Up\n${sql}`,
      '/r/readme.md': '',
    });
    expect(folders).toEqual([
      '/r/db/migrations plain',
      '/r/migrations goose',
      '/r/sql/schema goose',
      '/r/svc/migrate plain',
    ]);
  });

  it('sees one annotated file among others', async () => {
    expect(await found({ '/r/x/1_a.sql': '', '/r/x/2_b.sql': goose, '/r/x/3_c.sql': '' })).toEqual([
      '/r/x goose',
    ]);
  });

  it.each([
    ['SQL elsewhere', { '/r/queries/001_a.sql': sql, '/r/schema.sql': sql }],
    ['names without a number', { '/r/migrations/init.sql': sql, '/r/migrations/v2_x.sql': sql }],
    [
      'other code',
      { '/r/node_modules/x/migrations/1_a.sql': sql, '/r/vendor/m/1_a.sql': goose, '/r/dist/1_a.sql': goose },
    ],
    ['hidden directories', { '/r/.git/migrations/1_a.sql': sql, '/r/.cache/1_a.sql': goose }],
    ['pairs', { '/r/migrations/1_a.up.sql': sql, '/r/migrations/1_a.down.sql': sql }],
    ['flyway', { '/r/migrations/V1__a.sql': sql, '/r/migrations/2_b.sql': sql }],
    ['dbmate', { '/r/db/migrations/20200101_a.sql': `-- migrate:up\n${sql}-- migrate:down\n` }],
    ['node-pg-migrate', { '/r/migrations/17_a.sql': `-- Up Migration\n${sql}\n-- Down Migration\n` }],
    [
      'prisma',
      {
        '/r/migrations/migration_lock.toml': '',
        '/r/migrations/1_a.sql': sql,
        '/r/migrations/2_b/migration.sql': sql,
      },
    ],
    ['supabase', { '/r/supabase/config.toml': '', '/r/supabase/migrations/2023_a.sql': sql }],
    ['sqlx', { '/r/Cargo.toml': '[dependencies]\nsqlx = "0.8"\n', '/r/migrations/1_a.sql': sql }],
    ['a sqlx file', { '/r/migrations/1_a.sql': `-- no-transaction\n${sql}` }],
    ['sql-migrate', { '/r/migrations/1_a.sql': `-- +migrate Up\n${sql}` }],
    ['the word in a string', { '/r/x/1_a.sql': "SELECT '+goose Up';\n" }],
  ])('leaves %s alone', async (_, contents) => {
    expect(await found(contents)).toEqual([]);
  });

  it('is not led astray by a Cargo.toml without sqlx, or by a mark in another folder', async () => {
    const folders = await found({
      '/r/Cargo.toml': '[dependencies]\ntokio = "1"\n',
      '/r/migrations/1_a.sql': sql,
      '/r/other/migrations/1_a.up.sql': sql,
    });
    expect(folders).toEqual(['/r/migrations plain']);
  });

  it('follows skein.json before anything else, also where it would not look', async () => {
    const config = `{"folders": [
      {"path": "sql", "tool": "plain"}, {"path": "pairs", "tool": "plain", "pairs": true},
      {"path": "vendor/db", "tool": "goose"}, {"path": "migrations", "tool": "dbmate"}, {"path": "../out", "tool": "plain"}]}`;
    const folders = await found({
      '/r/skein.json': config,
      '/r/sql/1_a.sql': sql,
      '/r/pairs/1_a.up.sql': sql,
      '/r/vendor/db/1_a.sql': sql,
      '/r/migrations/1_a.sql': sql,
      '/out/1_a.sql': sql,
    });
    expect(folders).toEqual(['/r/pairs plain pairs', '/r/sql plain', '/r/vendor/db goose']);
  });

  it('gives each folder the nearest skein.json at or above it', async () => {
    const files = new MemoryFileSystem({
      '/r/skein.json': '{"postgresVersion": 12}',
      '/r/a/migrations/1_a.sql': sql,
      '/r/b/skein.json': '{"postgresVersion": 17}',
      '/r/b/migrations/1_a.sql': sql,
    });
    const { folders } = await discover('/r', files, new ConfigFiles(files));
    expect(folders.map(({ config }) => config?.config.postgresVersion)).toEqual([12, 17]);
    const below = await discover('/r/a/migrations', files, new ConfigFiles(files));
    expect(below.folders[0]?.config?.path).toBe('/r/skein.json');
  });

  it('names the directories it cannot look into, and looks into the others', async () => {
    const files = new MemoryFileSystem({ '/r/closed/x/1_a.sql': goose, '/r/open/1_a.sql': goose });
    files.block('/r/closed', 'no-permission');
    const { folders, unreadable } = await discover('/r', files, new ConfigFiles(files));
    expect(folders.map((folder) => folder.path)).toEqual(['/r/open']);
    expect(unreadable).toEqual([{ path: '/r/closed', reason: 'permission denied' }]);
  });

  it('can be cancelled', async () => {
    const files = new MemoryFileSystem({ '/r/a/1_a.sql': goose });
    const cancelled = discover('/r', files, new ConfigFiles(files), AbortSignal.abort(new Error('enough')));
    await expect(cancelled).rejects.toThrow('enough');
  });
});

describe('migrationFolderAt', () => {
  it('goes by the text in the editor, also of a file that is not on disk yet', async () => {
    const files = new MemoryFileSystem({ '/r/x/readme.md': '' });
    const at = (head: string) =>
      migrationFolderAt('/r/x', files, new ConfigFiles(files), { open: ['1_a.sql'], head: async () => head });
    expect((await at(goose))?.tool).toBe('goose');
    expect(await at(sql)).toBeUndefined();
  });
});

describe('alembic', () => {
  const revision = (id: string, down: string) => `revision = "${id}"\ndown_revision = ${down}\n`;
  const locations = async (contents: Record<string, string>) => {
    const files = new MemoryFileSystem(contents);
    const { folders } = await discover('/r', files, new ConfigFiles(files));
    return folders.map(({ path, tool, elsewhere }) => [tool, path, ...elsewhere.map((each) => each.path)]);
  };

  it('is known by its revisions, wherever they are', async () => {
    const typed = '"""x"""\nrevision: str = "a"\ndown_revision: Union[str, None] = None\n';
    const folders = await found({
      '/r/app/versions/__init__.py': '',
      '/r/app/versions/a_b.py': typed,
      '/r/app/models.py': 'revision = 1\n',
    });
    expect(folders).toEqual(['/r/app/versions alembic']);
  });

  it('is not what stands beside versions, unless somebody says so', async () => {
    const contents = {
      '/r/db/env.py': '',
      '/r/db/versions/a.py': revision('a', 'None'),
      '/r/db/drafts/b.py': revision('b', '"a"'),
    };
    expect(await locations(contents)).toEqual([['alembic', '/r/db/versions']]);
    const files = new MemoryFileSystem(contents);
    expect(await migrationFolderAt('/r/db/drafts', files, new ConfigFiles(files))).toBeUndefined();
    const drafts = ['alembic', '/r/db/drafts'];
    const ini = '[alembic]\nscript_location = db\nversion_locations = db/drafts\n';
    expect(await locations({ ...contents, '/r/alembic.ini': ini })).toContainEqual(drafts);
    const config = JSON.stringify({ folders: [{ path: 'db/drafts', tool: 'alembic' }] });
    expect(await locations({ ...contents, '/r/skein.json': config })).toContainEqual(drafts);
  });

  it('has one history in all the folders that alembic.ini names', async () => {
    const ini = '[alembic]\nscript_location = db\nversion_locations = db/core db/plugin\n';
    const contents = {
      '/r/alembic.ini': ini,
      '/r/db/core/a.py': revision('a', 'None'),
      '/r/db/plugin/b.py': revision('b', '"a"'),
      '/r/db/other/c.py': revision('c', 'None'),
    };
    expect(await locations(contents)).toEqual([
      ['alembic', '/r/db/core', '/r/db/plugin'],
      ['alembic', '/r/db/other'],
    ]);
    const files = new MemoryFileSystem(contents);
    const folder = await migrationFolderAt('/r/db/plugin', files, new ConfigFiles(files));
    expect(folder?.path).toBe('/r/db/core');
  });

  it('goes through subfolders where the configuration says so', async () => {
    const toml = '[tool.alembic]\nscript_location = "%(here)s/db"\nrecursive_version_locations = true\n';
    const files = {
      '/r/db/versions/2025/a.py': revision('a', 'None'),
      '/r/db/versions/2026/b.py': revision('b', '"a"'),
    };
    expect(await locations({ ...files, '/r/pyproject.toml': toml })).toEqual([
      ['alembic', '/r/db/versions', '/r/db/versions/2025', '/r/db/versions/2026'],
    ]);
    expect(await locations(files)).toHaveLength(2);
  });
});
