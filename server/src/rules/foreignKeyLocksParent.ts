import type { Constraint as ConstraintNode } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { columnConstraints } from '../catalog/defineTable.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { isNew, type Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { tableElements } from '../sql/spans/createTable.ts';
import { addedConstraint } from './addedConstraint.ts';
import { existingLocks } from './existingLocks.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const foreignKeyLocksParent: Rule = {
  id: 'foreign-key-locks-parent',
  category: 'locking',
  level: 'hint',
  since: '0.1.0',
  peers: [],
  summary: 'A new table that references an existing one blocks writes to that one for a moment.',
  why: 'A foreign key puts triggers on the table it references, and for that takes a SHARE ROW EXCLUSIVE lock on it. Nothing is read, since the new table is empty; but the lock waits for running transactions, and every write waits behind it. Set a short lock_timeout; NOT VALID would change nothing.',
  bad: () => [
    { files: ['CREATE TABLE orders (id int, shop_id int REFERENCES shops (id));'] },
    {
      files: [
        '-- +goose Up\nCREATE TABLE orders (shop_id int, CONSTRAINT s FOREIGN KEY (shop_id) REFERENCES shops);\n',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (shop_id int);\nALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops;',
      ],
    },
    { files: ['CREATE TABLE orders (id int);\nALTER TABLE orders ADD COLUMN shop_id int REFERENCES shops;'] },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE shops (id int PRIMARY KEY);\nCREATE TABLE orders (shop_id int REFERENCES shops);',
      ],
    },
    { files: ['CREATE TABLE nodes (id int PRIMARY KEY, parent int REFERENCES nodes);'] },
    { files: ['CREATE TABLE orders (id int);'] },
    {
      files: [
        'CREATE TABLE shops (id int PRIMARY KEY);\nCREATE TABLE orders (shop_id int REFERENCES shops);',
        'CREATE TABLE IF NOT EXISTS orders (shop_id int REFERENCES shops);',
      ],
    },
    { files: ['ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;'] },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE TABLE orders (shop_id int REFERENCES shops);\n',
      ],
    },
  ],

  statements: ['CreateStmt', 'AlterTableStmt'],
  *checkStep(step) {
    const locked = new Set(existingLocks(step).map(({ relation }) => relation));
    for (const { node, span } of newForeignKeys(step)) {
      const key = keyOfRangeVar(step.before, step.session, node.pktable);
      // One lock, however many foreign keys of the statement take it.
      if (!locked.delete(key)) continue;
      const name = displayName(key);
      yield {
        span: tokenSpan(step.statement, 'references', span.start),
        message: `This foreign key blocks writes to ${name} for a moment.`,
        why: `It takes ${lockInWords(step, key)}: it waits for the transactions that write to ${name}, while new writes wait behind it. Set a short lock_timeout.`,
      };
    }
  },
};

/** The foreign keys that a statement gives to a table that is new. */
function newForeignKeys(step: Step): readonly { node: ConstraintNode; span: Span }[] {
  const all: { node: ConstraintNode; span: Span }[] = [];
  if ('CreateStmt' in step.node) {
    for (const { element, span } of tableElements(step.statement)) {
      if ('Constraint' in element) all.push({ node: element.Constraint, span });
      else if ('ColumnDef' in element) {
        for (const node of columnConstraints(element.ColumnDef))
          all.push({ node, span: { start: node.location ?? span.start, end: span.end } });
      }
    }
  } else if ('AlterTableStmt' in step.node) {
    const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
    if (!isNew(step, table)) return [];
    for (const spans of alterTableCommands(step.statement)) {
      const { command, span } = spans;
      const node = addedConstraint(spans);
      if (node !== undefined) all.push({ node, span });
      else if (command.def !== undefined && 'ColumnDef' in command.def) {
        for (const each of columnConstraints(command.def.ColumnDef)) all.push({ node: each, span });
      }
    }
  }
  return all.filter(({ node }) => node.contype === 'CONSTR_FOREIGN');
}
