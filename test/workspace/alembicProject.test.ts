import { describe, expect, test } from 'vitest';
import { alembicProject } from '../../server/src/workspace/alembicLocations.ts';
import { MemoryFileSystem } from './memoryFileSystem.ts';

const versions = '/repo/db/versions';
const files = (more: Readonly<Record<string, string>>) =>
  new MemoryFileSystem({ '/repo/.git/HEAD': '', [`${versions}/a_x.py`]: '', ...more });

describe('what a project says of its revisions', () => {
  test('a template, names and a time zone', async () => {
    const { locations, revisions } = await alembicProject(
      versions,
      files({
        '/repo/alembic.ini': '[alembic]\nscript_location = db\nfile_template = %%(rev)s\ntimezone = UTC\n',
        '/repo/db/env.py':
          'from alembic import context\ncontext.configure(\n    transaction_per_migration=True,\n)\n',
        '/repo/db/script.py.mako': 'import sqlalchemy as sa\n',
      }),
    );
    expect(locations?.map(({ path }) => path)).toEqual([versions]);
    expect(revisions).toEqual({
      naming: { fileTemplate: '%(rev)s', truncateSlugLength: 40, timezone: 'UTC' },
      transactionPerMigration: true,
      template: 'import sqlalchemy as sa\n',
    });
  });

  test('without a script location it is the folder of env.py, as Flask-Migrate has it', async () => {
    const ini = '[alembic]\nfile_template = %%(slug)s\nversion_locations = %(here)s/versions %(here)s/more\n';
    const more = { '/repo/db/alembic.ini': ini, '/repo/db/more/b_y.py': '' };
    const beside = await alembicProject(versions, files({ ...more, '/repo/db/env.py': '' }));
    expect(beside.locations?.map(({ path }) => path)).toEqual([versions, '/repo/db/more']);
    expect(beside.revisions.naming.fileTemplate).toBe('%(slug)s');
    expect((await alembicProject(versions, files(more))).locations).toBeUndefined();
  });

  test.each([
    ['the usual one', '"alembic_version"', undefined],
    ['another', '"billing_version"', true],
  ])('a version table, %s, says whether the database has other histories', async (_, table, shares) => {
    const env = `from alembic import context\ncontext.configure(version_table=${table})\n`;
    const { revisions } = await alembicProject(versions, files({ '/repo/db/env.py': env }));
    expect(revisions.sharesDatabase).toBe(shares);
  });

  test.each([
    [
      'what is installed goes first',
      '1.9.4',
      {
        '/repo/.venv/lib/python3.12/site-packages/alembic-1.9.4.dist-info/METADATA': '',
        '/repo/db/requirements.txt': 'alembic==1.2.0\n',
      },
    ],
    ['on Windows too', '1.9.4', { '/repo/venv/Lib/site-packages/alembic-1.9.4.dist-info/METADATA': '' }],
    [
      'then what is locked',
      '1.13.2',
      {
        '/repo/uv.lock': '[[package]]\nname = "alembic"\nversion = "1.13.2"\n',
        '/repo/db/requirements.txt': 'alembic==1.2.0\n',
      },
    ],
    [
      'then what is wanted, nearest first',
      '1.2.0',
      {
        '/repo/pyproject.toml': '[project]\ndependencies = ["alembic>=1.16"]\n',
        '/repo/db/requirements.txt': 'alembic==1.2.0\n',
      },
    ],
    ['nothing outside of the repository', undefined, { '/requirements.txt': 'alembic==1.2.0\n' }],
  ])('the release: %s', async (_, release, more) => {
    expect((await alembicProject(versions, files(more))).revisions.release).toBe(release);
  });
});
