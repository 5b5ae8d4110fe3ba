import type { Constraint as ConstraintNode } from '@pgsql/types';
import type { ScanReason } from '../effects/effect.ts';
import { addedColumns } from './addedColumns.ts';
import { alteredTable } from './alteredTable.ts';
import type { Rule } from './rule.ts';
import { isScannedFor } from './tableWork.ts';
import { lockInWords } from './wording.ts';

export const addColumnConstraintScan: Rule = {
  id: 'add-column-constraint-scan',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk disallowed-unique-constraint', 'pgfence add-column-inline-foreign-key'],
  summary:
    'A constraint in a new column’s definition reads the whole table while it blocks reads and writes.',
  why: 'ADD COLUMN takes an ACCESS EXCLUSIVE lock, and what stands in the column’s definition is done under it: CHECK tests every row, UNIQUE and PRIMARY KEY build an index, REFERENCES with a DEFAULT looks up every row. Add the column alone, which takes a moment, and the constraint by itself: NOT VALID and VALIDATE, or from an index built CONCURRENTLY.',
  bad: [
    { files: ['ALTER TABLE orders ADD COLUMN qty int CHECK (qty > 0);'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN code text UNIQUE;\n'] },
    { files: ['ALTER TABLE orders ADD COLUMN id uuid PRIMARY KEY;'] },
    { files: ['ALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES shops (id);'] },
    { files: ['ALTER TABLE orders ADD a int, ADD b int CONSTRAINT b_pos CHECK (b > 0), ADD c int UNIQUE;'] },
  ],
  good: [
    { files: ['ALTER TABLE orders ADD COLUMN qty int;'] },
    { files: ['ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops (id);'] },
    { files: ["ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT '';"] },
    {
      files: ['ALTER TABLE orders ADD COLUMN qty int CHECK (qty > 0) NOT ENFORCED;'],
      postgresVersion: 18,
    },
    { files: ['CREATE TABLE orders (id int);\nALTER TABLE orders ADD COLUMN qty int CHECK (qty > 0);'] },
    {
      files: [
        'CREATE TABLE orders (qty int);',
        'ALTER TABLE orders ADD COLUMN IF NOT EXISTS qty int CHECK (qty > 0);',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD COLUMN code text UNIQUE;\n'] },
  ],

  *checkStep(step) {
    const altered = alteredTable(step);
    if (altered === undefined) return;
    const { key: table } = altered;
    for (const { spans, name, constraints } of addedColumns(altered)) {
      for (const [i, constraint] of constraints.entries()) {
        const work = WORK[constraint.contype ?? ''];
        if (work === undefined || isUnenforced(constraints, i) || !isScannedFor(step, table, work.reason))
          continue;
        yield {
          span: spans.column?.constraints[i] ?? spans.span,
          message: `${work.what} in the definition of ${name} ${work.does(altered.name)} while it blocks reads and writes.`,
          why: `It takes ${lockInWords(step, table)}, and holds it meanwhile. Add the column without it, then ${work.instead}.`,
        };
      }
    }
  },
};

interface Work {
  readonly what: string;
  readonly reason: ScanReason;
  does(table: string): string;
  readonly instead: string;
}

const NOT_VALID = 'add the constraint NOT VALID and VALIDATE it in the next migration';
const FROM_INDEX =
  'CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own, and add the constraint USING INDEX';

const WORK: Readonly<Record<string, Work>> = {
  CONSTR_CHECK: {
    what: 'CHECK',
    reason: 'check',
    does: (table) => `tests every row of ${table}`,
    instead: NOT_VALID,
  },
  CONSTR_UNIQUE: {
    what: 'UNIQUE',
    reason: 'indexBuild',
    does: (table) => `builds an index over all of ${table}`,
    instead: FROM_INDEX,
  },
  CONSTR_PRIMARY: {
    what: 'PRIMARY KEY',
    reason: 'indexBuild',
    does: (table) => `builds an index over all of ${table}`,
    instead: FROM_INDEX,
  },
  CONSTR_FOREIGN: {
    what: 'REFERENCES with a default',
    reason: 'foreignKey',
    does: (table) => `looks up every row of ${table}`,
    instead: NOT_VALID,
  },
};

/** NOT ENFORCED (18) follows its constraint as a node of its own, as DEFERRABLE does. */
function isUnenforced(constraints: readonly ConstraintNode[], index: number): boolean {
  for (const { contype } of constraints.slice(index + 1)) {
    if (contype === 'CONSTR_ATTR_NOT_ENFORCED') return true;
    if (contype?.startsWith('CONSTR_ATTR_') !== true) return false;
  }
  return false;
}
