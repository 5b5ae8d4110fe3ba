import { columnOf } from '../catalog/catalog.ts';
import { dropColumn as rewriteDropColumn } from '../rewrites/dropColumn.ts';
import { alteredTable, isOldColumn } from './alteredTable.ts';
import { backupFirst } from './backupTable.ts';
import type { Rule } from './rule.ts';

export const dropColumn: Rule = {
  id: 'drop-column',
  category: 'compatibility',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk ban-drop-column', 'strong_migrations remove_column', 'Atlas DS103'],
  summary: 'The values of the column are lost, and the application that is still running fails on it.',
  why: 'Queries of the application version that is still running which name the column fail with 42703; many mappers name every column they know, even where nobody uses it. First deploy a version that no longer reads or writes it, then drop it in a migration of its own. What was in it is gone for good: keep a copy where it could be wanted.',
  bad: () => [
    {
      files: [
        '-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n',
        '-- +goose NO TRANSACTION\n-- +goose Up\nALTER TABLE orders DROP COLUMN IF EXISTS note;\n',
      ],
      fixed:
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE IF NOT EXISTS orders_note_backup AS SELECT id, note FROM orders;\nALTER TABLE orders DROP COLUMN IF EXISTS note;\n',
    },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, note text);',
        'ALTER TABLE orders DROP COLUMN IF EXISTS note;',
      ],
      fixed:
        "-- Drop orders.note. Phase 1 of 2, deploy 1: renames the column to deprecated_note: what still uses it fails, and its down mends that without loss.\n-- What must be true before: no version of the application runs any more that names orders.note.\n-- skein:ignore-file rename-column no version of the application names it any more\n\nBEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders RENAME COLUMN note TO deprecated_note;\nCOMMIT;",
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n',
        '-- +goose Up\nALTER TABLE orders DROP COLUMN IF EXISTS note;\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS orders_note_backup AS SELECT id, note FROM orders;\nALTER TABLE orders DROP COLUMN IF EXISTS note;\n',
    },
    { files: ['ALTER TABLE p DROP COLUMN IF EXISTS x;'] },
    { files: ['-- +goose Up\nALTER TABLE orders DROP note, DROP COLUMN code CASCADE;\n'] },
  ],
  good: () => [
    { files: ['CREATE TABLE o (id bigint, note text);\nALTER TABLE o DROP COLUMN note;'] },
    { files: ['ALTER TABLE o ADD COLUMN note text;\nALTER TABLE o DROP COLUMN note;'] },
    { files: ['CREATE TABLE o (id bigint);', 'ALTER TABLE o DROP COLUMN IF EXISTS note;'] },
    { files: ['CREATE TABLE o (id bigint);', 'ALTER TABLE IF EXISTS orders DROP COLUMN note;'] },
    { files: ['CREATE TEMP TABLE batch (id bigint, note text);\nALTER TABLE batch DROP COLUMN note;'] },
    { files: ['ALTER TABLE o DROP CONSTRAINT o_note_check;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o DROP COLUMN note;\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    const altered = alteredTable(step);
    for (const spans of altered?.commands ?? []) {
      const { command, name, span } = spans;
      const column = command.name ?? '';
      if (altered === undefined || command.subtype !== 'AT_DropColumn') continue;
      if (!isOldColumn(step, altered.key, column)) continue;
      const key = altered.table?.constraints.find((each) => each.kind === 'primaryKey')?.columns;
      const known = columnOf(altered.table, column) !== undefined && key !== undefined;
      yield {
        span: name ?? span,
        message: `Dropping ${altered.name}.${column} loses what is in it, and breaks the application that still names it.`,
        why: 'Queries of the version that is still running fail (42703) where they name the column. Deploy a version that does not use it first, then drop it in a migration of its own.',
        fixes: (site) => [
          ...rewriteDropColumn(site, context, altered.key, spans),
          ...(known && !key.includes(column)
            ? backupFirst(site, altered.key, { columns: [...key, column], of: column })
            : []),
        ],
      };
    }
  },
};
