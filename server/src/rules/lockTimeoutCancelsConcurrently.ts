import type { Node } from '@pgsql/types';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock } from '../replay/step.ts';
import { lockTimeout } from './lockTimeout.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';

/** Below this a transaction that is nothing special may last longer, in milliseconds. */
const SHORT = 5 * 60_000;

export const lockTimeoutCancelsConcurrently: Rule = {
  id: 'lock-timeout-cancels-concurrently',
  category: 'transaction',
  level: 'information',
  since: '0.1.0',
  peers: [],
  summary: 'A short lock_timeout cancels an index build that waits for old transactions.',
  why: 'CREATE INDEX CONCURRENTLY waits for every transaction that began before it, and that waiting counts as waiting for a lock. It stands in nobody’s way meanwhile, so there is nothing to protect; but a short lock_timeout cancels it, and an INVALID index is left. RESET lock_timeout before it.',
  bad: () => [
    {
      files: ["SET lock_timeout = '1s';\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (code);"],
      fixed:
        "SET lock_timeout = '1s';\nRESET lock_timeout;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (code);",
    },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nSET lock_timeout = 500;\nREINDEX INDEX CONCURRENTLY i;\n',
      ],
    },
  ],
  good: () => [
    { files: ['CREATE INDEX CONCURRENTLY i ON orders (code);'] },
    { files: ['SET lock_timeout = 0;\nCREATE INDEX CONCURRENTLY i ON orders (code);'] },
    { files: ["SET lock_timeout = '1h';\nCREATE INDEX CONCURRENTLY i ON orders (code);"] },
    {
      files: ["SET lock_timeout = '1s';\nRESET lock_timeout;\nCREATE INDEX CONCURRENTLY i ON orders (code);"],
    },
    { files: ["SET lock_timeout = '1s';\nRESET ALL;\nCREATE INDEX CONCURRENTLY i ON orders (code);"] },
    { files: ["SET lock_timeout = '1s';\nCREATE INDEX i ON orders (code);"] },
    {
      files: [
        "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;\n-- +goose Down\nSET lock_timeout = '1s';\nCREATE INDEX CONCURRENTLY i ON orders (code);\n",
      ],
    },
  ],

  statements: ['IndexStmt', 'ReindexStmt'],
  *checkStep(step) {
    if (step.placement.direction === 'down' || !buildsConcurrently(step.node)) return;
    const timeout = lockTimeout(step);
    // In a transaction it fails at once: concurrently-in-transaction.
    if (timeout === undefined || timeout >= SHORT || inTransactionBlock(step)) return;
    yield {
      span: tokenSpan(step.statement, 'concurrently'),
      message: 'The lock_timeout in force cancels this build when an older transaction lasts longer.',
      why: 'Building CONCURRENTLY waits for all older transactions, on whatever table, and blocks nobody meanwhile. Cancelled, it leaves an INVALID index that has to be dropped. RESET lock_timeout before it.',
      fixes: resetBefore,
    };
  },
};

function buildsConcurrently(node: Node): boolean {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
  if (!('ReindexStmt' in node)) return false;
  return (
    node.ReindexStmt.params?.some((each) => 'DefElem' in each && each.DefElem.defname === 'concurrently') ??
    false
  );
}

function resetBefore({ step, statement }: Site): readonly Fix[] {
  if (step.nested || step.placement.inCompany) return [];
  return [
    {
      title: 'Reset lock_timeout before it',
      grade: 'review',
      changes: [{ kind: 'insertBefore', statement, text: 'RESET lock_timeout' }],
    },
  ];
}
