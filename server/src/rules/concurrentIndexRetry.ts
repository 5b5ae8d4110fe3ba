import { displayName, writtenName } from '../catalog/catalog.ts';
import { keyOfRangeVar, objectKeyParts, relationKey } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, isNew } from '../replay/step.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import type { Rule } from './rule.ts';

export const concurrentIndexRetry: Rule = {
  id: 'concurrent-index-retry',
  category: 'locking',
  level: 'information',
  since: '0.1.0',
  peers: [],
  summary: 'After a failed build IF NOT EXISTS keeps the INVALID index that the failure has left.',
  why: 'CREATE INDEX CONCURRENTLY that fails (a duplicate, a cancelled session, a lock_timeout) leaves an INVALID index: no query uses it, every write pays for it. When the migration runs again, IF NOT EXISTS finds that index and is content. DROP INDEX CONCURRENTLY IF EXISTS before it makes the next run build it.',
  bad: () => [
    {
      files: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);'],
      fixed:
        'DROP INDEX CONCURRENTLY IF EXISTS orders_code;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);',
    },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "Code" ON shop.orders (code);\n',
      ],
      fixed:
        '-- +goose NO TRANSACTION\n-- +goose Up\nDROP INDEX CONCURRENTLY IF EXISTS shop."Code";\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "Code" ON shop.orders (code);\n',
    },
  ],
  good: () => [
    {
      files: [
        'DROP INDEX CONCURRENTLY IF EXISTS orders_code;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);',
      ],
    },
    { files: ['CREATE INDEX CONCURRENTLY orders_code ON orders (code);'] },
    { files: ['CREATE INDEX IF NOT EXISTS orders_code ON orders (code);'] },
    {
      files: [
        'CREATE TABLE orders (code text);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS o ON orders (code);',
      ],
    },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE INDEX CONCURRENTLY IF NOT EXISTS o ON orders (code);\n',
      ],
    },
  ],

  statements: ['IndexStmt'],
  *checkStep(step) {
    if (!('IndexStmt' in step.node)) return;
    const { concurrent, if_not_exists, idxname, relation } = step.node.IndexStmt;
    // In a transaction the statement fails at once: concurrently-in-transaction.
    if (!concurrent || !if_not_exists || idxname === undefined || inTransactionBlock(step)) return;
    const table = keyOfRangeVar(step.before, step.session, relation);
    const index = relationKey(step.before, step.session, objectKeyParts(table).schema, idxname);
    if (isNew(step, table) || step.cleared.has(index)) return;
    yield {
      span: statementHead(step.statement)?.exists ?? { start: 0, end: step.statement.text.length },
      message: `If building ${displayName(index)} fails, the next run keeps the INVALID index that is left.`,
      why: 'IF NOT EXISTS looks at the name only. An INVALID index serves no query and slows every write. DROP INDEX CONCURRENTLY IF EXISTS before it clears away what a failed run has left.',
      fixes: (site) => dropBefore(site, index),
    };
  },
};

/** For a person to say: where a whole index of that name is there already, it would be built again. */
function dropBefore({ step, statement }: Site, index: string): readonly Fix[] {
  if (step.nested || step.placement.inCompany) return [];
  return [
    {
      title: 'Drop what a failed run has left before it',
      grade: 'review',
      changes: [
        {
          kind: 'insertBefore',
          statement,
          text: `DROP INDEX CONCURRENTLY IF EXISTS ${writtenName(index)}`,
        },
      ],
    },
  ];
}
