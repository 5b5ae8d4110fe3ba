import { columnOf, displayName, tableOf } from '../catalog/catalog.ts';
import { columnConstraints, columnFrom, domainOf, isSerial } from '../catalog/defineTable.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { perStep } from '../replay/perStep.ts';
import { isNew, type Step } from '../replay/step.ts';
import { addRequiredColumn } from '../rewrites/addFilledColumn.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { emptiedBy } from './emptiedTables.ts';
import type { Rule, RuleContext, StepReport } from './rule.ts';

export const addColumnNotNull: Rule = {
  id: 'add-column-not-null',
  category: 'locking',
  level: 'error',
  since: '0.1.0',
  peers: ['squawk adding-required-field', 'django-migration-linter NOT_NULL', 'Atlas MF103'],
  summary: 'ADD COLUMN NOT NULL without a default fails as soon as the table has a row.',
  why: 'Each row that exists would have NULL in the new column, so the statement fails with 23502 unless the table is empty. Give the column a default that is not volatile (since PostgreSQL 11 that rewrites nothing), or add it without NOT NULL, fill it in batches, and then set it NOT NULL.',
  bad: () => [
    { files: ['DELETE FROM orders WHERE id > 1;\nALTER TABLE orders ADD COLUMN code text NOT NULL;'] },
    {
      files: [
        'TRUNCATE orders;\nINSERT INTO orders VALUES (1);\nALTER TABLE orders ADD COLUMN code text NOT NULL;',
      ],
    },
    { files: ['ALTER TABLE orders ADD COLUMN code text NOT NULL;'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN IF NOT EXISTS code text NOT NULL;\n'] },
    { files: ['ALTER TABLE orders ADD COLUMN id bigint PRIMARY KEY;'] },
    {
      files: [
        'CREATE DOMAIN code_t AS text;',
        'ALTER TABLE orders ADD COLUMN code code_t NOT NULL DEFAULT NULL;',
      ],
    },
  ],
  good: () => [
    { files: ["ALTER TABLE orders ADD COLUMN code text NOT NULL DEFAULT '';"] },
    { files: ['ALTER TABLE orders ADD COLUMN code text;'] },
    { files: ['ALTER TABLE orders ADD COLUMN no bigserial NOT NULL;'] },
    { files: ['ALTER TABLE orders ADD COLUMN no bigint GENERATED ALWAYS AS IDENTITY NOT NULL;'] },
    {
      files: ['ALTER TABLE orders ADD COLUMN gross numeric NOT NULL GENERATED ALWAYS AS (net * 1.2) STORED;'],
    },
    {
      files: [
        "CREATE DOMAIN code_t AS text DEFAULT 'x';",
        'ALTER TABLE orders ADD COLUMN code code_t NOT NULL;',
      ],
    },
    { files: ['CREATE TABLE orders (id bigint);\nALTER TABLE orders ADD COLUMN code text NOT NULL;'] },
    { files: ['TRUNCATE orders;\nALTER TABLE orders ADD COLUMN code text NOT NULL;'] },
    { files: ['DELETE FROM orders;\nALTER TABLE orders ADD COLUMN code text NOT NULL;'] },
    {
      files: [
        'CREATE TABLE orders (id bigint, code text);',
        'ALTER TABLE orders ADD COLUMN IF NOT EXISTS code text NOT NULL;',
      ],
    },
  ],

  scriptConcerns: (step) =>
    requiredColumns(step).length > 0 || 'InsertStmt' in step.node || emptiedBy(step).length > 0,
  *checkScript(_script, context, concerning) {
    const empty = new Set<string>();
    for (const step of concerning) {
      if (!step.conditional) for (const key of emptiedBy(step)) empty.add(key);
      if (empty.size > 0 && 'InsertStmt' in step.node) {
        empty.delete(keyOfRangeVar(step.before, step.session, step.node.InsertStmt.relation));
      }
      for (const { table, report } of requiredColumns(step)) {
        if (!empty.has(table)) yield { step, ...report(context) };
      }
    }
  },
};

interface RequiredColumn {
  /** The table's key. */
  readonly table: string;
  readonly report: (context: RuleContext) => StepReport;
}

/** The columns that a statement adds to an old table, each with nothing to put into the rows that are there. */
const requiredColumns = perStep((step): readonly RequiredColumn[] => [...requiredColumnsOf(step)]);

function* requiredColumnsOf(step: Step): Generator<RequiredColumn> {
  if (!('AlterTableStmt' in step.node)) return;
  const key = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  if (isNew(step, key)) return;
  const scope = { searchPath: step.session.searchPath, path: '' };
  for (const spans of alterTableCommands(step.statement)) {
    const { command, column: parts, span } = spans;
    if (command.subtype !== 'AT_AddColumn' || command.def === undefined || !('ColumnDef' in command.def))
      continue;
    const definition = command.def.ColumnDef;
    const column = columnFrom(step.before, scope, definition);
    if (command.missing_ok && columnOf(tableOf(step.before, key), column.name) !== undefined) continue;
    const hasDefault = column.default !== undefined && !isNullConstant(column.default.node);
    if (column.notNull !== true || hasDefault || isSerial(definition)) continue;
    if (column.identity !== undefined || column.generated !== undefined) continue;
    if (column.default === undefined && domainOf(step.before, scope, column)?.default !== undefined) continue;
    const required = columnConstraints(definition).findIndex(
      (each) => each.contype === 'CONSTR_NOTNULL' || each.contype === 'CONSTR_PRIMARY',
    );
    const report = (context: RuleContext): StepReport => ({
      span: parts?.constraints[required] ?? span,
      message: `Adding the NOT NULL column ${column.name} fails as soon as ${displayName(key)} has a row: it has no default.`,
      why: `Existing rows would have NULL in it (SQLSTATE 23502). Give it a DEFAULT that is not volatile, which rewrites nothing, or add it without NOT NULL, fill it in batches, and set it NOT NULL in a later migration.`,
      fixes: (site) => addRequiredColumn(site, context, key, spans),
    });
    yield { table: key, report };
  }
}

function isNullConstant(node: object): boolean {
  return 'A_Const' in node && (node.A_Const as { isnull?: boolean }).isnull === true;
}
