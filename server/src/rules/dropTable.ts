import { displayName, tableOf } from '../catalog/catalog.ts';
import { isNew, type Step } from '../replay/step.ts';
import { dropTable as rewriteDropTable } from '../rewrites/dropTable.ts';
import { isMissing } from './alteredTable.ts';
import { backupFirst } from './backupTable.ts';
import { mentionSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const dropTable: Rule = {
  id: 'drop-table',
  category: 'compatibility',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk ban-drop-table', 'Atlas DS102'],
  summary: 'The rows of the table are lost, and the application that is still running fails on it.',
  why: 'Queries of the application version that is still running fail with 42P01. First deploy a version that no longer uses the table, then drop it in a migration of its own. Its rows are gone for good: keep a copy where they could be wanted.',
  bad: () => [
    {
      files: ['CREATE TABLE carts (id bigint);', 'DROP TABLE IF EXISTS carts;'],
      fixed:
        "-- Drop carts. Phase 1 of 2, deploy 1: renames to deprecated_carts: what still uses it fails, and its down mends that without loss.\n-- What must be true before: no version of the application runs any more that names carts.\n-- skein:ignore-file rename-table no version of the application names it any more\n\nBEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE IF EXISTS carts RENAME TO deprecated_carts;\nCOMMIT;",
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE carts (id bigint);\n',
        '-- +goose Up\nDROP TABLE IF EXISTS carts;\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE IF NOT EXISTS carts_backup AS TABLE carts;\nDROP TABLE IF EXISTS carts;\n',
    },
    { files: ['-- +goose Up\nDROP TABLE shop.carts, "Old Carts" CASCADE;\n'] },
    { files: ['ALTER TABLE orders RENAME TO orders_old;\nDROP TABLE orders_old;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE carts (id bigint);\nDROP TABLE carts;'] },
    { files: ['CREATE TEMP TABLE carts (id bigint);\nDROP TABLE carts;'] },
    { files: ['CREATE TABLE a (id bigint);', 'DROP TABLE IF EXISTS carts;'] },
    { files: ['DROP VIEW open_orders;'] },
    { files: ['-- +goose Up\nCREATE TABLE carts (id bigint);\n-- +goose Down\nDROP TABLE carts;\n'] },
  ],

  statements: ['DropStmt'],
  *checkStep(step, context) {
    for (const mention of droppedTables(step)) {
      const { key } = mention;
      if (isNew(step, key) || isMissing(step, key)) continue;
      if (tableOf(step.before, key)?.persistence === 'temporary') continue;
      yield {
        span: mentionSpan(step.statement, mention),
        message: `Dropping ${displayName(key)} loses its rows, and breaks the application that still uses it.`,
        why: 'Queries of the version that is still running fail (42P01). Deploy a version that does not use the table first, then drop it in a migration of its own.',
        fixes: (site) => [
          ...rewriteDropTable(
            site,
            context,
            droppedTables(step).map((each) => each.key),
          ),
          ...backupFirst(site, key),
        ],
      };
    }
  },
};

function droppedTables(step: Step): Step['mentions'] {
  if (!('DropStmt' in step.node)) return [];
  const { removeType } = step.node.DropStmt;
  return removeType === 'OBJECT_TABLE' || removeType === 'OBJECT_FOREIGN_TABLE' ? step.mentions : [];
}
