import { columnOf, displayName, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { renameColumn as rewriteRenameColumn } from '../rewrites/renameColumn.ts';
import { renameSpans } from '../sql/spans/renamed.ts';
import { isMissing, isOldColumn } from './alteredTable.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const renameColumn: Rule = {
  id: 'rename-column',
  category: 'compatibility',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk renaming-column', 'strong_migrations rename_column', 'Atlas BC102'],
  summary: 'The application that is still running reads and writes the column under its old name.',
  why: 'Between the migration and the last instance of the old application version, each of its queries that names the old column fails with 42703. Let a view in which the column has both names take the table’s place until then. Or add the new column, keep both in step with a trigger while you fill it, let the application use the new one, and drop the old one in a later migration.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint, note text);',
        'ALTER TABLE orders RENAME COLUMN note TO remark;',
      ],
    },
    { files: ['ALTER TABLE orders RENAME note TO remark;'] },
    { files: ['ALTER VIEW open_orders RENAME COLUMN note TO remark;'] },
    { files: ['DO $$ BEGIN\n  ALTER TABLE orders RENAME COLUMN note TO remark;\nEND $$;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE o (id bigint, note text);\nALTER TABLE o RENAME COLUMN note TO remark;'] },
    { files: ['ALTER TABLE o ADD COLUMN note text;\nALTER TABLE o RENAME COLUMN note TO remark;'] },
    {
      files: [
        'CREATE TABLE o (id int, id_new bigint);',
        'ALTER TABLE o RENAME COLUMN id TO id_old;\nALTER TABLE o RENAME COLUMN id_new TO id;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (id bigint, note text);',
        'ALTER TABLE o RENAME COLUMN note TO remark;\nALTER TABLE o RENAME TO o_base;\nCREATE VIEW o AS SELECT *, remark AS note FROM o_base;',
      ],
    },
    { files: ['ALTER TABLE o RENAME CONSTRAINT a TO b;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o RENAME COLUMN remark TO note;\n'] },
  ],

  scriptConcerns: ({ node }) => 'RenameStmt' in node,
  *checkScript({ before, after }, history, concerning) {
    for (const step of concerning) {
      if (!('RenameStmt' in step.node) || step.node.RenameStmt.renameType !== 'OBJECT_COLUMN') continue;
      const { relation, subname: column = '', newname = '' } = step.node.RenameStmt;
      const key = keyOfRangeVar(step.before, step.session, relation);
      if (isMissing(step, key) || !isOldColumn(step, key, column)) continue;
      // A column of the old name takes its place, or it takes that of another.
      if (columnOf(tableOf(after, key), column) ?? columnOf(tableOf(before, key), newname)) continue;
      // Or a view with both names takes the table's place.
      const view = after.relations.get(key);
      if (view?.kind === 'view' && view.columns?.includes(column) !== false) continue;
      yield {
        step,
        span: renameSpans(step.statement)?.oldName ?? keywordsSpan(step.statement, 'alter'),
        message: `The application that is still running reads and writes ${displayName(key)}.${column}, which is ${newname} from here on.`,
        why: `Its queries that name ${column} fail (42703) until the new version has replaced it everywhere. Let a view with both names take the table’s place until then; or add ${newname} beside it, keep both in step with a trigger, and drop ${column} in a later migration.`,
        fixes: (site) => rewriteRenameColumn(site, history, key, column, newname),
      };
    }
  },
};
