import { alteredTable } from './alteredTable.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const replicaIdentity: Rule = {
  id: 'replica-identity',
  category: 'locking',
  level: 'hint',
  since: '0.1.0',
  peers: ['pgfence replica-identity'],
  summary: 'REPLICA IDENTITY blocks reads and writes of its table for a moment.',
  why: 'ALTER TABLE … REPLICA IDENTITY takes an ACCESS EXCLUSIVE lock. It is quick, but it waits for every query that runs on the table, and every new query waits behind it: set a short lock_timeout.',
  bad: () => [
    { files: ['ALTER TABLE orders REPLICA IDENTITY FULL;'] },
    { files: ['-- +goose Up\nALTER TABLE orders REPLICA IDENTITY USING INDEX orders_key;\n'] },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (id int);\nALTER TABLE orders REPLICA IDENTITY FULL;'] },
    { files: ['ALTER TABLE orders CLUSTER ON orders_key;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders REPLICA IDENTITY DEFAULT;\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step) {
    const altered = alteredTable(step);
    for (const { command, span } of altered?.commands ?? []) {
      if (altered === undefined || command.subtype !== 'AT_ReplicaIdentity') continue;
      yield {
        span,
        message: `REPLICA IDENTITY blocks reads and writes of ${altered.name} for a moment.`,
        why: `It takes ${lockInWords(step, altered.key)}: it waits for every query that runs there, while new ones wait behind it. Set a short lock_timeout.`,
      };
    }
  },
};
