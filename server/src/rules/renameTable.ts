import { displayName, objectKey, writtenName } from '../catalog/catalog.ts';
import { keyOfRangeVar, objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
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
  bad: [
    {
      files: ['CREATE TABLE orders (id bigint);', 'ALTER TABLE orders RENAME TO purchases;'],
      fixed:
        'ALTER TABLE orders RENAME TO purchases;\nCREATE OR REPLACE VIEW orders AS SELECT * FROM purchases;',
    },
    {
      files: ['-- +goose Up\nALTER TABLE shop."Orders" RENAME TO purchases;\n'],
      fixed:
        '-- +goose Up\nALTER TABLE shop."Orders" RENAME TO purchases;\nCREATE OR REPLACE VIEW shop."Orders" AS SELECT * FROM shop.purchases;\n',
    },
    { files: ['ALTER VIEW open_orders RENAME TO pending_orders;'] },
    { files: ['ALTER TABLE orders SET SCHEMA archive;'] },
  ],
  good: [
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
    { files: ['ALTER INDEX orders_idx RENAME TO purchases_idx;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE purchases RENAME TO orders;\n'] },
  ],

  scriptConcerns: (step) => newPlace(step) !== undefined,
  *checkScript({ before, after }, _history, concerning) {
    for (const step of concerning) {
      const moved = newPlace(step);
      if (moved === undefined || isNew(step, moved.from) || isMissing(step, moved.from)) continue;
      // The old name stands for something again (a view, or the table that takes its place); or it takes such a place.
      if (after.relations.has(moved.from) || before.relations.has(moved.to)) continue;
      const name = displayName(moved.from);
      yield {
        step,
        span: tokenSpan(step.statement, moved.keyword),
        message: `The application that is still running looks for ${name}, which is ${displayName(moved.to)} from here on.`,
        why: `Its queries on ${name} fail (42P01) until the new version has replaced it everywhere. Leave a view under the old name, and drop it in a later migration.`,
        fixes: (site) => (moved.isTable ? oldNameAsView(site, moved.from, moved.to) : []),
      };
    }
  },
};

interface Move {
  readonly from: string;
  readonly to: string;
  readonly keyword: string;
  readonly isTable: boolean;
}

const RENAMED: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
]);

/** The old and the new key of a table or view that the statement renames or takes to another schema. */
function newPlace(step: Step): Move | undefined {
  if ('RenameStmt' in step.node) {
    const { renameType = '', relation, newname = '' } = step.node.RenameStmt;
    const from = keyOfRangeVar(step.before, step.session, relation);
    // ALTER TABLE renames an index as well.
    if (!RENAMED.has(renameType) || step.before.relations.get(from)?.kind === 'index') return undefined;
    const to = objectKey(objectKeyParts(from).schema, newname);
    return { from, to, keyword: 'rename', isTable: renameType === 'OBJECT_TABLE' };
  }
  if ('AlterObjectSchemaStmt' in step.node) {
    const { objectType = '', relation, newschema = '' } = step.node.AlterObjectSchemaStmt;
    if (!RENAMED.has(objectType)) return undefined;
    const from = keyOfRangeVar(step.before, step.session, relation);
    const to = objectKey(newschema, objectKeyParts(from).name);
    return { from, to, keyword: 'set', isTable: objectType === 'OBJECT_TABLE' };
  }
  return undefined;
}

function oldNameAsView(site: Site, from: string, to: string): readonly Fix[] {
  if (site.step.nested || site.step.conditional) return [];
  const text = `CREATE OR REPLACE VIEW ${writtenName(from)} AS SELECT * FROM ${writtenName(to)}`;
  const undone = site.file.down !== undefined && [...site.file.down.units].length > 0;
  // The down would find the view in its way.
  if (undone) return [];
  return [
    {
      title: `Leave a view under the old name ${displayName(from)}`,
      grade: 'review',
      changes: [{ kind: 'insertAfter', statement: site.statement, text }],
    },
  ];
}
