import { displayName } from '../catalog/catalog.ts';
import { isNew } from '../replay/step.ts';
import { moveOf } from '../rewrites/movedRelation.ts';
import { renameTable as rewriteRenameTable } from '../rewrites/renameTable.ts';
import { isMissing } from './alteredTable.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const renameTable: Rule = {
  id: 'rename-table',
  category: 'compatibility',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk renaming-table', 'strong_migrations rename_table', 'Atlas BC101'],
  summary: 'The application that is still running looks for the table under its old name.',
  why: 'Between the migration and the last instance of the old application version, each of its queries on the old name fails with 42P01. A view under the old name keeps it working (a simple view takes INSERT, UPDATE and DELETE too); drop the view in a later migration, when nothing uses it any more.',
  bad: () => [
    {
      files: ['CREATE TABLE orders (id bigint);', 'ALTER TABLE orders RENAME TO purchases;'],
    },
    {
      files: ['-- +goose Up\nALTER TABLE shop."Orders" RENAME TO purchases;\n'],
    },
    { files: ['ALTER VIEW open_orders RENAME TO pending_orders;'] },
    { files: ['ALTER TABLE orders SET SCHEMA archive;'] },
  ],
  good: () => [
    {
      files: [
        'ALTER TABLE orders RENAME TO purchases;\nCREATE VIEW orders AS SELECT id, note FROM purchases;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders_new (id bigint);\nALTER TABLE orders RENAME TO orders_old;\nALTER TABLE orders_new RENAME TO orders;',
      ],
    },
    { files: ['CREATE TABLE a (id bigint);\nALTER TABLE a RENAME TO b;'] },
    { files: ['CREATE TABLE a (id bigint);', 'ALTER TABLE IF EXISTS b RENAME TO c;'] },
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        '-- skein:ignore rename-table\nALTER TABLE orders SET SCHEMA shop;\nALTER TABLE shop.orders RENAME TO purchases;',
      ],
    },
    { files: ['ALTER INDEX orders_idx RENAME TO purchases_idx;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE purchases RENAME TO orders;\n'] },
  ],

  scriptConcerns: (step) => moveOf(step) !== undefined,
  *checkScript({ before, after }, history, concerning) {
    const names = new Set<string>();
    for (const step of concerning) {
      const moved = moveOf(step);
      if (moved === undefined) continue;
      names.add(moved.to);
      // A name that it has only been given here is in nobody's queries.
      if (names.has(moved.from) || isNew(step, moved.from) || isMissing(step, moved.from)) continue;
      // The old name stands for something again (a view, or the table that takes its place); or it takes such a place.
      if (after.relations.has(moved.from) || before.relations.has(moved.to)) continue;
      const name = displayName(moved.from);
      yield {
        step,
        span: tokenSpan(step.statement, moved.keyword),
        message: `The application that is still running looks for ${name}, which is ${displayName(moved.to)} from here on.`,
        why: `Its queries on ${name} fail (42P01) until the new version has replaced it everywhere. Leave a view under the old name, and drop it in a later migration.`,
        fixes: (site) => rewriteRenameTable(site, history, moved),
      };
    }
  },
};
