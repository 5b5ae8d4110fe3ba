import type { Constraint as ConstraintNode } from '@pgsql/types';
import { displayName, tableOf } from '../catalog/catalog.ts';
import { columnConstraints } from '../catalog/defineTable.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { addNotValid } from '../rewrites/addNotValid.ts';
import { partitionedForeignKey } from '../rewrites/partitionedForeignKey.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';
import { tokenSpan } from './place.ts';
import type { Rule, RuleContext, StepReport } from './rule.ts';
import { isScannedFor } from './tableWork.ts';
import { lockInWords, validateInWords } from './wording.ts';

export const addForeignKey: Rule = {
  id: 'add-foreign-key',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk adding-foreign-key-constraint', 'strong_migrations add_foreign_key', 'eugene E1'],
  summary: 'ADD FOREIGN KEY blocks writes to both tables while it checks every row.',
  why: 'ADD FOREIGN KEY takes a SHARE ROW EXCLUSIVE lock on the referencing and on the referenced table and looks up every row: writes to both wait for as long as that takes. Added NOT VALID it checks new rows only and returns at once; VALIDATE CONSTRAINT then checks the old ones without blocking.',
  bad: () => [
    {
      files: [
        'ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE;',
      ],
      fixed:
        'ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk;',
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;\n\n-- +goose Down\nALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;\n',
      ],
      fixed:
        "-- Add orders_customer_id_fkey to orders. Phase 1 of 2, deploy 1: checks new rows from now on, and reads none of the old ones.\n-- What must be true before: nothing.\n\n-- +goose Up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;\n\n-- +goose Down\nALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;\n",
    },
    { files: ['ALTER TABLE orders ADD COLUMN customer_id bigint REFERENCES customers (id);'] },
  ],
  good: () => [
    {
      files: [
        'ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;',
      ],
    },
    {
      files: [
        'CREATE TABLE customers (id bigint PRIMARY KEY);',
        'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);\nALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;',
      ],
    },
    { files: ['CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers);'] },
    { files: ['ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk;'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    if (!('AlterTableStmt' in step.node)) return;
    const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
    if (isNew(step, table)) return;
    for (const spans of alterTableCommands(step.statement)) {
      const { command } = spans;
      if (command.def === undefined) continue;
      if (command.subtype === 'AT_AddConstraint' && 'Constraint' in command.def) {
        const constraint = command.def.Constraint;
        if (constraint.contype === 'CONSTR_FOREIGN' && isScannedFor(step, table, 'foreignKey')) {
          yield onConstraint(step, table, spans, constraint, context);
        }
      } else if (command.subtype === 'AT_AddColumn' && 'ColumnDef' in command.def) {
        const constraints = columnConstraints(command.def.ColumnDef);
        const reference = constraints.find((each) => each.contype === 'CONSTR_FOREIGN');
        // With a default the rows are looked up as well: add-column-constraint-scan speaks of that.
        if (reference !== undefined && !constraints.some((each) => each.contype === 'CONSTR_DEFAULT')) {
          yield onColumn(step, table, reference);
        }
      }
    }
  },
};

function onConstraint(
  step: Step,
  table: string,
  spans: AlterTableCommandSpans,
  constraint: ConstraintNode,
  context: RuleContext,
): StepReport {
  const referenced = keyOfRangeVar(step.before, step.session, constraint.pktable);
  const partitioned = tableOf(step.before, table)?.partitionBy !== undefined;
  const both =
    referenced === table ? displayName(table) : `${displayName(table)} and ${displayName(referenced)}`;
  const noNotValid = partitioned && context.postgresVersion < 18;
  return {
    span: spans.constraint ?? spans.span,
    message: `Adding this foreign key blocks writes to ${both} while every row of ${displayName(table)} is checked.`,
    why: noNotValid
      ? `It takes ${lockInWords(step, table)}, and the same on ${displayName(referenced)}. A partitioned table takes no NOT VALID foreign key before PostgreSQL 18: add it to each partition NOT VALID, validate those, then add it to ${displayName(table)}.`
      : `It takes ${lockInWords(step, table)}${referenced === table ? '' : `, and the same on ${displayName(referenced)}`}. ${validateInWords(table)}`,
    fixes: (site: Site) =>
      (noNotValid ? partitionedForeignKey : addNotValid)(site, context, table, spans, constraint),
  };
}

function onColumn(step: Step, table: string, reference: ConstraintNode): StepReport {
  const referenced = keyOfRangeVar(step.before, step.session, reference.pktable);
  return {
    span: tokenSpan(step.statement, 'references', reference.location ?? 0),
    severity: 'information',
    message: `Adding a column that references ${displayName(referenced)} blocks writes to it for a moment.`,
    why: `It takes ${lockInWords(step, referenced)}, besides ${lockInWords(step, table)}. No row is read, since the new column is empty; but the locks wait for running transactions, and everything else waits behind them: set a short lock_timeout.`,
  };
}
