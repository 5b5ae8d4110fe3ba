import { constraintOf, displayName, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { addedConstraint } from './addedConstraint.ts';
import type { Rule } from './rule.ts';
import { transactionsAmong } from './transactions.ts';

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
  bad: [
    {
      files: [`-- +goose Up\n${ADD}\n${VALIDATE}\n`],
      fixed: `-- +goose Up\n${ADD}\n`,
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
  good: [
    { files: [`${ADD}\n${VALIDATE}`] },
    { files: [`-- +goose NO TRANSACTION\n-- +goose Up\n${ADD}\n${VALIDATE}\n`] },
    { files: [`-- +goose Up\n${ADD}\n`, `-- +goose Up\n${VALIDATE}\n`] },
    { files: [`BEGIN;\n${ADD}\nCOMMIT;\nBEGIN;\n${VALIDATE}\nCOMMIT;`] },
    { files: [`-- +goose Up\nCREATE TABLE orders (total int);\n${ADD}\n${VALIDATE}\n`] },
    { files: [`-- +goose Up\n${ADD}\nALTER TABLE orders VALIDATE CONSTRAINT other;\n`] },
  ],

  scriptConcerns: (step) => validated(step).length > 0,
  *checkScript(script, _history, concerning) {
    for (const { first, steps } of transactionsAmong(script, concerning)) {
      for (const step of steps) {
        for (const { table, constraint, span } of validations(step, first)) {
          yield {
            step,
            span,
            message: `VALIDATE reads all of ${displayName(table)} under the lock that adding ${constraint} took in the same transaction.`,
            why: 'That lock is held until the transaction ends, so reads or writes wait while every row is tested. Move VALIDATE CONSTRAINT into the next migration, where it blocks nobody.',
            fixes: (site) => inNextMigration(site, table, constraint),
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

function inNextMigration(
  { step, statement, script, file, end }: Site,
  table: string,
  name: string,
): readonly Fix[] {
  const alone = alterTableCommands(step.statement).length === 1;
  if (step.nested || !alone || script.direction !== 'up') return [];
  // Later migrations must have left the constraint as it is here.
  if (constraintOf(tableOf(end(), table), name)?.path !== file.path) return [];
  return [
    {
      title: 'VALIDATE it in the next migration',
      grade: 'review',
      changes: [
        {
          kind: 'moveToNewMigration',
          statements: [statement],
          migration: { name: `validate_${name}`, transactional: true, up: [step.statement.text], down: [] },
        },
      ],
    },
  ];
}
