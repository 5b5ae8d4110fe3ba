import { type Column, columnOf, tableOf } from '../catalog/catalog.ts';
import { columnFrom } from '../catalog/defineTable.ts';
import { perStep } from '../replay/perStep.ts';
import { type AlteredColumn, alteredTable } from './alteredTable.ts';
import type { Rule } from './rule.ts';

export const addRequiredColumn: Rule = {
  id: 'add-required-column',
  category: 'compatibility',
  level: 'hint',
  since: '0.1.0',
  peers: ['squawk adding-required-field'],
  summary: 'The application that is still running does not know the required column.',
  why: 'INSERTs that name their columns get the default. Code that maps rows strictly, or inserts without naming columns, fails on a column it does not know. Where the same migration drops the default again, each INSERT of the version that is still running fails with 23502: drop it in a later one.',
  bad: () => [
    { files: ['ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT now();'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN no bigint GENERATED ALWAYS AS IDENTITY;\n'] },
    {
      files: [
        "ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';\nALTER TABLE orders ALTER COLUMN state DROP DEFAULT;",
      ],
    },
  ],
  good: () => [
    { files: ['ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT now();'] },
    { files: ['ALTER TABLE orders ADD COLUMN code text NOT NULL;'] },
    { files: ['CREATE TABLE o (id bigint);\nALTER TABLE o ADD COLUMN a int NOT NULL DEFAULT 0;'] },
    {
      files: [
        'CREATE TABLE o (id bigint, a int);',
        'ALTER TABLE o ADD COLUMN IF NOT EXISTS a int NOT NULL DEFAULT 0;',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o ADD a int NOT NULL DEFAULT 0;\n'] },
  ],

  scriptConcerns: (step) => requiredColumns(step).length > 0,
  *checkScript({ after }, _history, concerning) {
    for (const step of concerning) {
      for (const { table, column, what, span } of requiredColumns(step)) {
        const left = columnOf(tableOf(after, table), column);
        const dropped = left?.notNull === true && !hasValue(left);
        yield {
          step,
          span,
          ...(dropped ? { severity: 'warning' as const } : {}),
          message: dropped
            ? `INSERTs of the application that is still running fail: ${what} is NOT NULL and keeps no default.`
            : `The application that is still running does not know the required column ${what}.`,
          why: dropped
            ? 'They do not name the column, so they write NULL (23502). Keep the default, and drop it in a later migration, when every INSERT gives a value.'
            : 'INSERTs that name their columns get the default; code that maps rows strictly, or inserts without naming columns, fails.',
        };
      }
    }
  },
};

interface RequiredColumn extends AlteredColumn {
  /** "orders.state" */
  readonly what: string;
}

/** The columns that a step adds to an old table, NOT NULL and with a value for its rows. */
const requiredColumns = perStep((step): readonly RequiredColumn[] => {
  const altered = alteredTable(step);
  if (altered === undefined) return [];
  const scope = { searchPath: step.session.searchPath, path: '' };
  return altered.commands.flatMap(({ command, name, span }) => {
    if (command.subtype !== 'AT_AddColumn' || command.def === undefined || !('ColumnDef' in command.def))
      return [];
    const column = columnFrom(step.before, scope, command.def.ColumnDef);
    const isThere = columnOf(altered.table, column.name) !== undefined;
    if (column.notNull !== true || !hasValue(column) || (command.missing_ok === true && isThere)) return [];
    const what = `${altered.name}.${column.name}`;
    return [{ table: altered.key, column: column.name, what, span: name ?? span }];
  });
});

function hasValue(column: Column): boolean {
  return column.default !== undefined || column.identity !== undefined || column.generated !== undefined;
}
