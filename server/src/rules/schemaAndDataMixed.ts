import { displayName } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import { perStep } from '../replay/perStep.ts';
import { isNew, type Step } from '../replay/step.ts';
import { migrationName } from '../rewrites/migrationName.ts';
import type { Offer } from '../rewrites/offer.ts';
import { batchesOf } from '../rewrites/writeInBatches.ts';
import { keywordsSpan } from './place.ts';
import { isBounded, rowWrites } from './rowWrites.ts';
import type { HistoryView, ReplayedScript, Rule } from './rule.ts';
import { type Segment, splitScript, topSteps } from './splitScript.ts';
import { transactionsAmong } from './transactions.ts';

export const schemaAndDataMixed: Rule = {
  id: 'schema-and-data-mixed',
  category: 'data',
  level: 'warning',
  since: '0.1.0',
  peers: ['strong_migrations backfill', 'online_migrations', 'pgfence mixed-ddl-dml'],
  summary: 'A change of an existing table and an UPDATE or DELETE of many rows in one transaction.',
  why: 'The lock of the change is held until the transaction ends, so for as long as the rows take: what that lock blocks, waits for the backfill. The other way round, the rows stay locked while the change waits for its lock. Change the schema in one migration, fill the rows in batches in the next, and put constraints on them in a third.',
  bad: () => [
    {
      files: ["-- +goose Up\nALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';\n"],
    },
    {
      files: [
        "DO $$ BEGIN\n  ALTER TABLE orders ADD state text;\n  UPDATE orders SET state = 'new';\nEND $$;",
      ],
    },
    { files: ['BEGIN;\nDELETE FROM old_orders WHERE id > 5;\nALTER TABLE orders ADD state text;\nCOMMIT;'] },
  ],
  good: () => [
    {
      files: [
        "DO $$ BEGIN\n  ALTER TABLE orders ADD state text;\n  COMMIT;\n  UPDATE orders SET state = 'new';\nEND $$;",
      ],
    },
    { files: ["ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new';"] },
    {
      files: [
        "-- +goose Up\nALTER TABLE orders ADD state text;\nUPDATE orders SET state = 'new' WHERE id = 1;\n",
      ],
    },
    { files: ["-- +goose Up\nCREATE TABLE log (id int);\nUPDATE orders SET state = 'new';\n"] },
    { files: ['-- +goose Up\nCREATE TABLE a (x int);\nALTER TABLE a ADD y int;\nUPDATE a SET y = 1;\n'] },
    {
      files: [
        "-- +goose NO TRANSACTION\n-- +goose Up\nALTER TABLE orders ADD state text;\nUPDATE orders SET state = 'new';\n",
      ],
    },
    {
      files: [
        "BEGIN;\nALTER TABLE orders ADD state text;\nCOMMIT;\nBEGIN;\nUPDATE orders SET state = 'new';\nCOMMIT;",
      ],
    },
    {
      files: [
        "-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD state text;\nUPDATE orders SET state = 'x';\n",
      ],
    },
  ],

  scriptConcerns: (step) => changedTable(step) !== undefined || backfills(step).length > 0,
  *checkScript(script, history, concerning) {
    for (const { steps } of transactionsAmong(script, concerning)) {
      const [backfill] = steps.flatMap(backfills);
      const change = steps.find((step) => changedTable(step) !== undefined);
      if (backfill === undefined || change === undefined) continue;
      const { verb, table } = backfill;
      const changed = displayName(changedTable(change) ?? '');
      yield {
        step: change,
        span: keywordsSpan(change.statement, change.statement.tokens[1]?.value ?? ''),
        message: `The change of ${changed} and the ${verb} over ${displayName(table)} share one transaction.`,
        why: `${together(changed, displayName(table))} Put the ${verb} into a migration of its own, in batches.`,
        fixes: () => apart(script, history),
      };
    }
  },
};

/** The rows in migrations of their own, what comes before and after them in others. */
function apart(script: ReplayedScript, history: HistoryView): readonly Offer[] {
  const segments: Segment[] = [];
  const others: Step[] = [];
  for (const { step } of topSteps(script)) {
    if ('TransactionStmt' in step.node) continue;
    const [write] = backfills(step);
    if (write === undefined) {
      const last = segments.at(-1);
      if (others.length > 0 && last !== undefined && last.steps.includes(others.at(-1) ?? step)) {
        segments[segments.length - 1] = { ...last, steps: [...last.steps, step] };
      } else {
        segments.push({
          steps: [step],
          name: segments.length === 0 ? 'schema' : migrationName('after', script.file.name),
          does: 'changes the schema',
          transactional: true,
        });
      }
      others.push(step);
      continue;
    }
    const batches = segments.length === 0 ? undefined : batchesOf(step, history, write);
    segments.push({
      steps: [step],
      name: migrationName('backfill', objectKeyParts(write.table).name),
      does:
        batches === undefined ? 'writes the rows' : 'writes the rows, each batch in a transaction of its own',
      transactional: batches === undefined,
      ...(batches === undefined ? {} : { up: [batches] }),
    });
  }
  return splitScript(script, history, 'Change the schema and the rows apart', segments);
}

function together(changed: string, table: string): string {
  return changed === table
    ? `Whichever comes first, its locks on ${table} are held until both are done.`
    : `The lock on ${changed} is held until the rows of ${table} are done, or the rows stay locked while the change waits for it.`;
}

const backfills = perStep((step) => rowWrites(step).filter((write) => !isBounded(step, write)));

/** The existing table that a statement other than a reading or writing of rows locks against writes. */
const changedTable = perStep((step: Step): string | undefined => {
  if (!CHANGES.some((kind) => kind in step.node)) return undefined;
  return step.effect.locks.find(
    ({ relation, mode }) =>
      BLOCKING.has(mode) && !isNew(step, relation) && step.before.relations.get(relation)?.kind !== 'index',
  )?.relation;
});

const BLOCKING: ReadonlySet<string> = new Set([
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]);

const CHANGES = [
  'AlterTableStmt',
  'IndexStmt',
  'RenameStmt',
  'DropStmt',
  'CreateTrigStmt',
  'CreateStmt',
] as const;
