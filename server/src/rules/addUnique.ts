import { displayName, tableOf } from '../catalog/catalog.ts';
import type { Site } from '../replay/site.ts';
import { addKey } from '../rewrites/addKey.ts';
import { partitionedKey } from '../rewrites/partitionedKey.ts';
import { addedConstraint } from './addedConstraint.ts';
import { alteredTable } from './alteredTable.ts';
import type { Rule } from './rule.ts';
import { isScannedFor } from './tableWork.ts';
import { lockInWords } from './wording.ts';

export const addUnique: Rule = {
  id: 'add-unique',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'squawk disallowed-unique-constraint',
    'strong_migrations add_unique_constraint',
    'eugene E7',
    'Atlas MF101',
  ],
  summary: 'ADD UNIQUE and ADD PRIMARY KEY build their index while they block reads and writes.',
  why: 'The constraint’s index is built under an ACCESS EXCLUSIVE lock: reads and writes wait for as long as that takes. Build it with CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own, and add the constraint USING INDEX, which takes a moment.',
  bad: () => [
    {
      files: ['ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code);'],
      fixed:
        'ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_code_key;\nDROP INDEX CONCURRENTLY IF EXISTS orders_code_key;\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_code_key ON orders (code);\nALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_key;',
    },
    {
      files: ['ALTER TABLE shop."Lines" ADD UNIQUE (order_id, no);'],
      fixed:
        'ALTER TABLE shop."Lines" DROP CONSTRAINT IF EXISTS "Lines_order_id_no_key";\nDROP INDEX CONCURRENTLY IF EXISTS shop."Lines_order_id_no_key";\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "Lines_order_id_no_key" ON shop."Lines" (order_id, no);\nALTER TABLE shop."Lines" ADD CONSTRAINT "Lines_order_id_no_key" UNIQUE USING INDEX "Lines_order_id_no_key";',
    },
    { files: ['-- +goose Up\nALTER TABLE orders ADD PRIMARY KEY (id);\n'] },
    { files: ['ALTER TABLE orders ADD UNIQUE (a) DEFERRABLE, ADD UNIQUE (b) INCLUDE (c);'] },
    {
      files: [
        'CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);\nCREATE TABLE events_1 PARTITION OF events DEFAULT;',
        'ALTER TABLE events ADD PRIMARY KEY (id, at);',
      ],
    },
  ],
  good: () => [
    { files: ['ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_key;'] },
    { files: ['ALTER TABLE orders ADD CONSTRAINT orders_pk PRIMARY KEY USING INDEX orders_pk;'] },
    { files: ['CREATE TABLE orders (code text);\nALTER TABLE orders ADD UNIQUE (code);'] },
    { files: ['CREATE TABLE orders (code text UNIQUE);'] },
    { files: ['ALTER TABLE orders ADD CHECK (total > 0);'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD UNIQUE (code);\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    const altered = alteredTable(step);
    if (altered === undefined || !isScannedFor(step, altered.key, 'indexBuild')) return;
    const { key: table, commands } = altered;
    const partitioned = tableOf(step.before, table)?.partitionBy !== undefined;
    for (const spans of commands) {
      const node = addedConstraint(spans);
      const kind = KEYS[node?.contype ?? ''];
      if (node === undefined || kind === undefined || node.indexname !== undefined) continue;
      yield {
        span: spans.constraint ?? spans.span,
        message: `Adding this ${kind} builds its index while it blocks reads and writes of ${displayName(table)}.`,
        why: partitioned
          ? `It takes ${lockInWords(step, table)}, and blocks writes to the partitions. A partitioned table takes no constraint USING INDEX: build the index CONCURRENTLY on each partition first, which the constraint then takes over.`
          : `It takes ${lockInWords(step, table)}, and holds it while it reads the whole table. CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own, then add the constraint USING INDEX.`,
        fixes: (site: Site) => (partitioned ? partitionedKey : addKey)(site, context, table, spans, node),
      };
    }
  },
};

const KEYS: Readonly<Record<string, 'UNIQUE' | 'PRIMARY KEY'>> = {
  CONSTR_UNIQUE: 'UNIQUE',
  CONSTR_PRIMARY: 'PRIMARY KEY',
};
