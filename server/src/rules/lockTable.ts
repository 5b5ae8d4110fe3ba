import { displayName } from '../catalog/catalog.ts';
import { atLeast, blocks } from '../effects/lockMode.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

export const lockTable: Rule = {
  id: 'lock-table',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['pgfence lock-table', 'pgls lockTable'],
  summary: 'LOCK TABLE blocks the table until the end of the transaction.',
  why: 'LOCK TABLE holds its lock until the transaction ends, whatever runs in it: those whom the lock blocks wait for all of that. Without IN … MODE it is ACCESS EXCLUSIVE, which blocks reads too. Statements take the locks that they need by themselves.',
  bad: () => [
    { files: ['BEGIN;\nLOCK TABLE orders;\nCOMMIT;'] },
    { files: ['-- +goose Up\nLOCK orders, carts IN SHARE ROW EXCLUSIVE MODE;\n'] },
    { files: ['DO $$ BEGIN LOCK TABLE orders IN EXCLUSIVE MODE; END $$;'] },
  ],
  good: () => [
    { files: ['BEGIN;\nLOCK TABLE orders IN ROW EXCLUSIVE MODE;\nCOMMIT;'] },
    { files: ['BEGIN;\nCREATE TABLE orders (id int);\nLOCK TABLE orders;\nCOMMIT;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nLOCK TABLE orders;\n'] },
  ],

  statements: ['LockStmt'],
  *checkStep(step) {
    if (!('LockStmt' in step.node)) return;
    const locks = existingLocks(step).filter(({ mode }) => atLeast(mode, 'SHARE'));
    const [first] = locks;
    if (first === undefined) return;
    const names = listed(locks.map(({ relation }) => displayName(relation)));
    yield {
      span: keywordsSpan(step.statement, 'lock'),
      message: `LOCK TABLE blocks ${blocks(first.mode)} of ${names} until the transaction ends.`,
      why: `It takes ${first.mode} and holds it through everything that follows in the transaction. Keep that short, with a short lock_timeout, or leave the lock to the statements that need one.`,
    };
  },
};
