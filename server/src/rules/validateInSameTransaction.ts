import { constraintOf, displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Change, Fix } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { withoutCommands } from '../rewrites/alterTableText.ts';
import { migrationName } from '../rewrites/migrationName.ts';
import { quoteName } from '../sql/names.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { addedConstraint } from './addedConstraint.ts';
import type { HistoryView, ReplayedScript, Rule } from './rule.ts';
import { transactionsAmong } from './transactions.ts';
import { wholeDown } from './writtenDown.ts';

const ADD = 'ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;';
const VALIDATE = 'ALTER TABLE orders VALIDATE CONSTRAINT total_pos;';

export const validateInSameTransaction: Rule = {
  id: 'validate-in-same-transaction',
  category: 'transaction',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'squawk constraint-missing-not-valid',
    'pgls requireSeparateConstraintValidation',
    'pgfence not-valid-validate-same-tx',
    'strong_migrations validate_check_constraint',
  ],
  summary:
    'VALIDATE in the transaction that added the constraint reads the table under the lock of the adding.',
  why: 'VALIDATE CONSTRAINT by itself lets reads and writes go on. In the same transaction the lock that ADD CONSTRAINT took (ACCESS EXCLUSIVE, of a foreign key SHARE ROW EXCLUSIVE) is held until the end, so the table is blocked while it is read: NOT VALID has gained nothing. VALIDATE in the next migration.',
  bad: () => [
    {
      files: [`-- +goose Up\n${ADD}\n${VALIDATE}\n`],
      fixed: `-- +goose Up\n${ADD}\n\n-- +goose Down\nALTER TABLE orders DROP CONSTRAINT IF EXISTS total_pos;\n`,
      created: [`-- +goose Up\n${VALIDATE}\n`],
    },
    { files: [`BEGIN;\n${ADD}\n${VALIDATE}\nCOMMIT;`] },
    { files: ['ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE CONSTRAINT c;'] },
    { files: [`DO $$ BEGIN\n  ${ADD}\n  ${VALIDATE}\nEND $$;`] },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT orders_shop_id_fkey;\n',
      ],
    },
    {
      files: [
        `-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\n${ADD}\n${VALIDATE}\n-- +goose StatementEnd\n`,
      ],
    },
    { files: [`-- +goose Up\nSELECT 1;\n-- +goose Down\n${ADD}\n${VALIDATE}\n`] },
  ],
  good: () => [
    { files: [`${ADD}\n${VALIDATE}`] },
    { files: [`-- +goose NO TRANSACTION\n-- +goose Up\n${ADD}\n${VALIDATE}\n`] },
    { files: [`-- +goose Up\n${ADD}\n`, `-- +goose Up\n${VALIDATE}\n`] },
    { files: [`BEGIN;\n${ADD}\nCOMMIT;\nBEGIN;\n${VALIDATE}\nCOMMIT;`] },
    { files: [`-- +goose Up\nCREATE TABLE orders (total int);\n${ADD}\n${VALIDATE}\n`] },
    { files: [`-- +goose Up\n${ADD}\nALTER TABLE orders VALIDATE CONSTRAINT other;\n`] },
  ],

  scriptConcerns: (step) => validated(step).length > 0,
  *checkScript(script, history, concerning) {
    for (const { first, steps } of transactionsAmong(script, concerning)) {
      for (const step of steps) {
        for (const { table, constraint, span } of validations(step, first)) {
          yield {
            step,
            span,
            message: `VALIDATE reads all of ${displayName(table)} under the lock that adding ${constraint} took in the same transaction.`,
            why: 'That lock is held until the transaction ends, so reads or writes wait while every row is tested. Move VALIDATE CONSTRAINT into the next migration, where it blocks nobody.',
            fixes: (site) =>
              inNextMigration(site, table, constraint).map((fix) => withDown(fix, script, history)),
          };
        }
      }
    }
  },
};

interface Validation {
  readonly table: string;
  readonly constraint: string;
  readonly span: { readonly start: number; readonly end: number };
}

/** The constraints that a step validates and that its transaction, begun with `first`, has added. */
export function validations(step: Step, first: Step): readonly Validation[] {
  return validated(step).filter(({ table, constraint, own }) => {
    const now = constraintOf(tableOf(step.before, table), constraint);
    const before = constraintOf(tableOf(first.before, table), constraint);
    return own || (now !== undefined && !now.validated && before === undefined);
  });
}

/** All constraints of an old table that a step validates. */
const validated = perStep((step): readonly (Validation & { readonly own: boolean })[] => {
  if (!('AlterTableStmt' in step.node)) return [];
  const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  if (isNew(step, table)) return [];
  const commands = alterTableCommands(step.statement);
  const own = new Set(commands.map((each) => addedConstraint(each)?.conname));
  return commands.flatMap(({ command, span }) => {
    const { name } = command;
    if (command.subtype !== 'AT_ValidateConstraint' || name === undefined) return [];
    // `own`: the same statement adds it.
    return [{ table, constraint: name, span, own: own.has(name) }];
  });
});

/** A file without a down gets one, so that all of it can be taken back. */
function withDown(fix: Fix, script: ReplayedScript, history: HistoryView): Fix {
  const { down, tool } = script.file;
  if ((down !== undefined && statementsOf(down).length > 0) || tool === 'plain' || history.forwardOnly)
    return fix;
  const whole = wholeDown(script, history);
  if ('refused' in whole || whole.statements.length === 0) return fix;
  return { ...fix, changes: [...fix.changes, { kind: 'prependToDown', statements: whole.statements }] };
}

function inNextMigration(
  { step, statement, script, file, end }: Site,
  table: string,
  name: string,
): readonly Fix[] {
  if (step.nested || script.direction !== 'up') return [];
  // Later migrations must have left the constraint as it is here.
  if (constraintOf(tableOf(end(), table), name)?.path !== file.path) return [];
  const commands = alterTableCommands(step.statement);
  const [validate] = commands.filter(
    ({ command }) => command.subtype === 'AT_ValidateConstraint' && command.name === name,
  );
  if (validate === undefined) return [];
  const stays = withoutCommands(step.statement, [validate]);
  const up =
    stays === undefined
      ? step.statement.text
      : `ALTER TABLE ${writtenName(table)} VALIDATE CONSTRAINT ${quoteName(name)}`;
  const migration = { name: migrationName('validate', name), transactional: true, up: [up], down: [] };
  const changes: readonly Change[] =
    stays === undefined
      ? [{ kind: 'moveToNewMigration', statements: [statement], migration }]
      : [
          { kind: 'replaceStatement', statement, text: stays },
          { kind: 'newMigration', migration },
        ];
  return [{ title: 'VALIDATE it in the next migration', grade: 'review', changes }];
}
