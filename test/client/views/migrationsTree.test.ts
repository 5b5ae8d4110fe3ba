import { describe, expect, test } from 'vitest';
import { databaseItem, standing } from '../../../client/src/views/databaseText.ts';
import { migrationRows } from '../../../client/src/views/migrationsTree.ts';
import type { FolderMigrations, MigrationState } from '../../../server/src/languageServer/protocol.ts';

function migration(version: string, state: MigrationState['state'], more: Partial<MigrationState> = {}) {
  return { uri: `file:///shop/${version}_a.sql`, name: `${version}_a.sql`, version, state, ...more };
}

const shop: FolderMigrations = {
  folder: 'file:///shop',
  name: 'shop/migrations',
  tool: 'goose',
  database: { name: 'shop on db:5432 as app', reason: 'from DATABASE_URL', embedded: false },
  known: true,
  migrations: [
    migration('1', 'applied', { appliedAt: '2026-01-02 03:04:05' }),
    migration('2', 'missing', { note: 'Not applied, though a later migration is' }),
    migration('3', 'failed', { note: 'no such table' }),
    migration('4', 'pending'),
  ],
  withoutFile: [{ version: '9', appliedAt: '2026-01-03 00:00:00' }],
};

describe('the Migrations view', () => {
  test('a folder with its database, and a row for each migration that says how it stands', () => {
    const [folder] = migrationRows([shop]);
    expect(folder).toMatchObject({
      label: 'shop/migrations',
      description: 'shop on db:5432 as app',
      context: 'folder',
    });
    expect(
      folder?.children.map(({ label, description, context, icon }) => [label, description, context, icon]),
    ).toEqual([
      ['1_a.sql', '2026-01-02', 'migration.applied', 'pass'],
      ['2_a.sql', 'missing', 'migration.missing', 'warning'],
      ['3_a.sql', 'failed', 'migration.failed', 'error'],
      ['4_a.sql', 'pending', 'migration.pending', 'circle-large-outline'],
      ['version 9', 'no file, applied 2026-01-03 00:00:00', 'lost', 'question'],
    ]);
    expect(folder?.children[2]?.tooltip).toContain('no such table');
  });

  test('a database that does not answer is a row of its own, and its password can be given', () => {
    const problem = { message: 'shop asks for a password', advice: 'Give it.', needsPassword: 'shop' };
    const [folder] = migrationRows([{ ...shop, known: false, problem }]);
    expect(folder?.children[0]).toMatchObject({
      label: 'shop asks for a password',
      context: 'problem.password',
    });
  });

  test('quiet: migrations that Skein does not run have no actions', () => {
    const [folder] = migrationRows([{ ...shop, tool: 'plain', database: undefined, known: false }]);
    expect(folder).toMatchObject({ context: 'folder.other', description: 'not run by Skein' });
    expect(new Set(folder?.children.slice(0, 4).map(({ context }) => context))).toEqual(
      new Set(['migration']),
    );
  });
});

describe('the database in the status bar', () => {
  test('is named with how many migrations it lacks', () => {
    expect(databaseItem(shop)?.text).toBe('$(database) shop 3 pending');
    expect(databaseItem({ ...shop, migrations: shop.migrations.slice(0, 1) })?.text).toBe(
      '$(database) shop $(check)',
    );
    expect(standing(shop)).toBe(
      'shop/migrations: 1 applied, 1 pending, 1 missing, 1 failed, 1 applied without a file (shop on db:5432 as app, from DATABASE_URL).',
    );
  });

  test('quiet: no number before it has been asked, nothing at all without a database', () => {
    expect(databaseItem({ ...shop, known: false })?.text).toBe('$(database) shop');
    expect(databaseItem({ ...shop, database: undefined })).toBeUndefined();
    expect(databaseItem(undefined)).toBeUndefined();
  });
});
