import type { Constraint as ConstraintNode } from '@pgsql/types';
import { constraintKind } from '../catalog/addConstraint.ts';
import { apply } from '../catalog/apply.ts';
import { tableOf, writtenName } from '../catalog/catalog.ts';
import type { ScanReason } from '../effects/effect.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, type Step } from '../replay/step.ts';
import { mayBegin } from '../rewrites/transactionPlace.ts';
import { quoteName } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import { type AddedColumn, addedColumns } from './addedColumns.ts';
import { alteredTable } from './alteredTable.ts';
import { tokenSpan } from './place.ts';
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
  bad: () => [
    { files: ['ALTER TABLE orders ADD COLUMN qty int CHECK (qty > 0);'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN code text UNIQUE;\n'] },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD COLUMN qty int DEFAULT 1 CONSTRAINT qty_pos CHECK (qty > 0) NOT NULL;\n',
      ],
      fixed:
        '-- +goose Up\nALTER TABLE orders ADD COLUMN qty int DEFAULT 1 NOT NULL;\nALTER TABLE orders ADD CONSTRAINT qty_pos CHECK (qty > 0) NOT VALID;\n',
      created: ['-- +goose Up\nALTER TABLE orders VALIDATE CONSTRAINT qty_pos;\n'],
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES shops (id) ON DELETE CASCADE;\n',
      ],
      fixed:
        '-- +goose Up\nALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1;\nALTER TABLE orders ADD CONSTRAINT orders_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (id) ON DELETE CASCADE NOT VALID;\n',
      created: ['-- +goose Up\nALTER TABLE orders VALIDATE CONSTRAINT orders_shop_id_fkey;\n'],
    },
    { files: ['ALTER TABLE orders ADD COLUMN id uuid PRIMARY KEY;'] },
    { files: ['ALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES shops (id);'] },
    { files: ['ALTER TABLE orders ADD a int, ADD b int CONSTRAINT b_pos CHECK (b > 0), ADD c int UNIQUE;'] },
  ],
  good: () => [
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

  statements: ['AlterTableStmt'],
  *checkStep(step) {
    const altered = alteredTable(step);
    if (altered === undefined) return;
    const { key: table } = altered;
    for (const column of addedColumns(altered)) {
      const { spans, name, constraints } = column;
      for (const [i, constraint] of constraints.entries()) {
        const work = WORK[constraint.contype ?? ''];
        if (work === undefined || isUnenforced(constraints, i) || !isScannedFor(step, table, work.reason))
          continue;
        yield {
          span: spans.column?.constraints[i] ?? spans.span,
          message: `${work.what} in the definition of ${name} ${work.does(altered.name)} while it blocks reads and writes.`,
          why: `It takes ${lockInWords(step, table)}, and holds it meanwhile. Add the column without it, then ${work.instead}.`,
          fixes: (site) => splitOff(site, table, column, i),
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

/**
 * The constraint by itself and NOT VALID, to be validated in the next migration. Only where a transaction takes
 * back what a failure has left: by itself the constraint could not be added a second time.
 */
function splitOff(site: Site, table: string, column: AddedColumn, index: number): readonly Fix[] {
  const { step, statement, script } = site;
  const node = column.constraints[index];
  const span = column.spans.column?.constraints[index];
  const next = column.constraints[index + 1]?.contype;
  const name = node && constraintName(step, table, column.name, node);
  // A file that has no transaction may open one.
  const opens = mayBegin(site);
  if (step.nested || script.direction !== 'up' || !(opens || inTransactionBlock(step))) return [];
  if (name === undefined || span === undefined || next?.startsWith('CONSTR_ATTR_')) return [];
  const body = bodyOf(step, column.name, node, span);
  if (body === undefined) return [];
  const { text } = step.statement;
  const start = text.slice(0, span.start).trimEnd().length;
  const target = `ALTER TABLE ${writtenName(table)}`;
  return [
    {
      title: 'Add the constraint NOT VALID by itself, and VALIDATE it in the next migration',
      grade: 'review',
      changes: [
        ...(opens ? [{ kind: 'insertBefore', statement, text: 'BEGIN' } as const] : []),
        { kind: 'replaceStatement', statement, span: { start, end: span.end }, text: '' },
        {
          kind: 'insertAfter',
          statement,
          text: `${target} ADD CONSTRAINT ${quoteName(name)} ${body} NOT VALID`,
        },
        ...(opens ? [{ kind: 'insertAfter', statement, text: 'COMMIT' } as const] : []),
        {
          kind: 'newMigration',
          migration: {
            name: `validate_${name}`,
            transactional: true,
            up: [`${target} VALIDATE CONSTRAINT ${quoteName(name)}`],
            down: [],
          },
        },
      ],
    },
  ];
}

/** The constraint as a table would say it. */
function bodyOf(
  step: Step,
  column: string,
  node: ConstraintNode | undefined,
  span: Span,
): string | undefined {
  const { text } = step.statement;
  if (node?.contype === 'CONSTR_CHECK') {
    return text.slice(tokenSpan(step.statement, 'check', span.start).start, span.end);
  }
  if (node?.contype !== 'CONSTR_FOREIGN') return undefined;
  const references = text.slice(tokenSpan(step.statement, 'references', span.start).start, span.end);
  return `FOREIGN KEY (${quoteName(column)}) ${references}`;
}

/** As written, or as PostgreSQL will choose it; undefined where that cannot be told. */
function constraintName(step: Step, table: string, column: string, node: ConstraintNode): string | undefined {
  if (node.conname !== undefined) return node.conname;
  const before = new Set(tableOf(step.before, table)?.constraints.map(({ name }) => name));
  const after = apply(step.before, step.node, { searchPath: step.session.searchPath, path: '' });
  const added = (tableOf(after, table)?.constraints ?? []).filter(
    (each) => !before.has(each.name) && each.kind === constraintKind(node) && each.columns.includes(column),
  );
  return added.length === 1 ? added[0]?.name : undefined;
}
