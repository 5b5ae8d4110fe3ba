import { displayName, tableOf, tableTree } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { isNew, type Step } from '../replay/step.ts';
import { droppedTables } from './droppedTables.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

const TABLES =
  'CREATE TABLE shops (id int PRIMARY KEY);\nCREATE TABLE orders (id int, shop_id int CONSTRAINT orders_shop REFERENCES shops);';

export const dropLocksReferenced: Rule = {
  id: 'drop-locks-referenced',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['pgfence drop-constraint'],
  summary:
    'Dropping a foreign key, or a table or column with one, also blocks reads and writes of the other table.',
  why: 'A foreign key lives on both tables: to drop it PostgreSQL takes an ACCESS EXCLUSIVE lock on the table it references too. The drop is quick, but it waits for every query that runs on either table, and all new queries on both wait behind it. Drop it in a migration of its own, with a short lock_timeout.',
  bad: () => [
    { files: [TABLES, 'ALTER TABLE orders DROP CONSTRAINT orders_shop;'] },
    { files: [TABLES, '-- +goose Up\nALTER TABLE orders DROP COLUMN shop_id;\n'] },
    { files: [TABLES, 'DROP TABLE orders;'] },
    { files: [TABLES, 'DROP TABLE IF EXISTS orders CASCADE;'] },
    { files: [TABLES, 'ALTER TABLE shops DROP CONSTRAINT shops_pkey CASCADE;'] },
    { files: [TABLES, 'DROP TABLE shops CASCADE;'] },
    { files: [TABLES, 'ALTER TABLE shops DROP COLUMN id CASCADE;'] },
  ],
  good: () => [
    { files: ['ALTER TABLE orders DROP CONSTRAINT orders_shop;'] },
    { files: [TABLES, 'ALTER TABLE orders DROP COLUMN id;'] },
    { files: ['CREATE TABLE a (id int CHECK (id > 0));', 'ALTER TABLE a DROP CONSTRAINT a_id_check;'] },
    { files: [TABLES, 'DROP TABLE orders, shops;'] },
    { files: ['CREATE TABLE a (id int PRIMARY KEY, up int REFERENCES a);', 'DROP TABLE a;'] },
    {
      files: [
        'CREATE TABLE orders (shop_id int);',
        'CREATE TABLE shops (id int PRIMARY KEY);\nALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop_id) REFERENCES shops;\nALTER TABLE orders DROP CONSTRAINT f;',
      ],
    },
    { files: [TABLES, 'CREATE TABLE t (a int);\nDROP TABLE t;'] },
    { files: [TABLES, '-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE orders;\n'] },
  ],

  statements: ['DropStmt', 'AlterTableStmt'],
  *checkStep(step) {
    const own = ownTables(step);
    if (own.length === 0) return;
    const others = otherTables(step, own).map(displayName);
    if (others.length === 0) return;
    const [verb = '', kind = ''] = 'DropStmt' in step.node ? ['drop', 'table'] : ['alter', 'table'];
    const tables = listed(others);
    yield {
      span: keywordsSpan(step.statement, verb, kind),
      message: `This also blocks reads and writes of ${tables}: a foreign key between the tables goes.`,
      why: `It takes an ACCESS EXCLUSIVE lock on ${tables} as well, and waits for all queries that run there, while new ones wait behind it. Run it in a migration of its own with a short lock_timeout; where several foreign keys go, drop one at a time.`,
    };
  },
};

/** The tables that the statement is about, with what is below them. */
function ownTables(step: Step): readonly string[] {
  const { node, before, session } = step;
  if ('DropStmt' in node) return droppedTables(step, node.DropStmt).flatMap((key) => tableTree(before, key));
  if (!('AlterTableStmt' in node)) return [];
  const drops = (node.AlterTableStmt.cmds ?? []).some(
    (each) =>
      'AlterTableCmd' in each &&
      (each.AlterTableCmd.subtype === 'AT_DropConstraint' || each.AlterTableCmd.subtype === 'AT_DropColumn'),
  );
  return drops ? tableTree(before, keyOfRangeVar(before, session, node.AlterTableStmt.relation)) : [];
}

/** Tables on the other side of a foreign key that the statement locks against everything. */
function otherTables(step: Step, own: readonly string[]): readonly string[] {
  const old = own.filter((key) => !isNew(step, key));
  return existingLocks(step).flatMap(({ relation, mode }) => {
    if (mode !== 'ACCESS EXCLUSIVE' || own.includes(relation)) return [];
    const tied = old.some((key) => references(step, key, relation) || references(step, relation, key));
    return tied ? [relation] : [];
  });
}

function references(step: Step, from: string, to: string): boolean {
  return tableOf(step.before, from)?.constraints.some((each) => each.references?.table === to) ?? false;
}
