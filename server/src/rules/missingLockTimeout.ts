import { displayName } from '../catalog/catalog.ts';
import type { LockMode } from '../effects/lockMode.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, type Step } from '../replay/step.ts';
import { existingLocks } from './existingLocks.ts';
import { lockTimeout } from './lockTimeout.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listedBriefly, lockInWords, statementInWords } from './wording.ts';

export const missingLockTimeout: Rule = {
  id: 'missing-lock-timeout',
  category: 'transaction',
  level: 'information',
  since: '0.1.0',
  peers: [
    'squawk require-lock-timeout',
    'pgls lockTimeoutWarning',
    'eugene E9',
    'pgsafe require-lock-timeout',
  ],
  summary: 'A statement waits for a lock that blocks others, without a limit to its waiting.',
  why: 'A strong lock has to wait until every transaction that uses the table has ended, and from then on all new ones queue up behind it: one long query, and the application stands still. With a short lock_timeout the migration gives up instead, and can be tried again. SET LOCAL lock_timeout at the head of a transaction; where the role or the database sets one, say "timeoutsFromRole": true in skein.json.',
  bad: () => [
    {
      files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN note text;\n'],
      fixed: "-- +goose Up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n",
    },
    {
      files: ['BEGIN;\nALTER TABLE orders ADD COLUMN note text;\nDROP TABLE carts;\nCOMMIT;'],
      fixed:
        "BEGIN;\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\nDROP TABLE carts;\nCOMMIT;",
    },
    { files: ['CREATE INDEX i ON orders (code);'] },
    { files: ['CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION f();'] },
    { files: ["ALTER TABLE orders ADD a int;\nSET lock_timeout = '2s';"] },
    { files: ["SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD a int;"] },
    { files: ['SET lock_timeout = 0;\nALTER TABLE orders ADD a int;'] },
    { files: ["SET lock_timeout = '2s';\nRESET lock_timeout;\nALTER TABLE orders ADD a int;"] },
    { files: ["SET statement_timeout = '2s';\nALTER TABLE orders ADD a int;"] },
    { files: ['DO $$ BEGIN ALTER TABLE orders ADD a int; END $$;'] },
  ],
  good: () => [
    { files: ["-- +goose Up\nSET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n"] },
    { files: ['SET lock_timeout TO 2000;\nALTER TABLE orders ADD COLUMN note text;'] },
    { files: ["SELECT set_config('lock_timeout', '2s', false);\nALTER TABLE orders ADD a int;"] },
    { files: ['ALTER TABLE orders ADD a int;'], config: { timeoutsFromRole: true } },
    { files: ['CREATE INDEX CONCURRENTLY i ON orders (code);\nDROP INDEX CONCURRENTLY j;'] },
    { files: ['ALTER TABLE m DETACH PARTITION m_1 CONCURRENTLY;'] },
    { files: ['REFRESH MATERIALIZED VIEW CONCURRENTLY totals;'] },
    { files: ['CREATE TABLE orders (id int);\nALTER TABLE orders ADD a int;\nCREATE INDEX ON orders (a);'] },
    { files: ['CREATE TEMP TABLE batch (id int);\nDROP TABLE batch;'] },
    { files: ['ALTER TABLE orders VALIDATE CONSTRAINT c;\nUPDATE orders SET a = 1 WHERE id = 1;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders DROP COLUMN note;\n'] },
  ],

  scriptConcerns: (step) => waitsFor(step) !== undefined,
  *checkScript({ script }, { timeoutsFromRole }, concerning) {
    if (script.direction === 'down' || timeoutsFromRole) return;
    const [step, ...others] = concerning.filter((each) => waitsFor(each) !== undefined);
    const relation = step && waitsFor(step);
    if (step === undefined || relation === undefined) return;
    const [one = '', two = ''] = step.statement.tokens.map(({ value }) => value);
    const name = displayName(relation);
    yield {
      step,
      span: keywordsSpan(step.statement, one, two),
      message: `Without a lock_timeout this waits for its lock on ${name} as long as it takes, and everyone else queues up behind it.`,
      why: `It takes ${lockInWords(step, relation)}. One long transaction on ${name}, and the application waits until it is over. With a short lock_timeout the migration fails instead, and can be run again.${alsoConcerns(others)}`,
      fixes: setTimeoutBefore,
    };
  },
};

const MODES: ReadonlySet<LockMode> = new Set([
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
]);

/**
 * The first existing relation that the step locks against writes or more, without a limit to its waiting. CONCURRENTLY
 * waits without blocking.
 */
const waitsFor = perStep((step): string | undefined => {
  if (lockTimeout(step) !== undefined) return undefined;
  if (step.effect.refusedInTransaction?.command.includes('CONCURRENTLY')) return undefined;
  if ('RefreshMatViewStmt' in step.node && step.node.RefreshMatViewStmt.concurrent) return undefined;
  return existingLocks(step).find(({ mode }) => MODES.has(mode))?.relation;
});

function alsoConcerns(steps: readonly Step[]): string {
  return steps.length === 0 ? '' : ` The same is true of ${listedBriefly(steps.map(statementInWords))}.`;
}

/** Outside a transaction the next statement may go over another connection of the tool's pool. */
function setTimeoutBefore({ step, statement }: Site): readonly Fix[] {
  if (!inTransactionBlock(step)) return [];
  return [
    {
      title: 'Set a lock_timeout of 2 seconds for this transaction',
      grade: 'review',
      changes: [{ kind: 'insertBefore', statement, text: "SET LOCAL lock_timeout = '2s'" }],
    },
  ];
}
