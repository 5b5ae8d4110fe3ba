import type { Node } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const rowSecurity: Rule = {
  id: 'row-security',
  category: 'locking',
  level: 'hint',
  since: '0.1.0',
  peers: ['pgfence enable-row-level-security', 'pgsafe row-level-security'],
  summary: 'Row-level security and policies block reads and writes of their table while they change.',
  why: 'ENABLE, DISABLE and FORCE ROW LEVEL SECURITY and CREATE, ALTER and DROP POLICY take an ACCESS EXCLUSIVE lock on the table. They are quick, but they wait for every query that runs on it, and every new query waits behind them: set a short lock_timeout.',
  bad: () => [
    { files: ['ALTER TABLE orders ENABLE ROW LEVEL SECURITY;'] },
    { files: ['-- +goose Up\nALTER TABLE orders FORCE ROW LEVEL SECURITY;\n'] },
    { files: ['CREATE POLICY own ON orders USING (owner = current_user);'] },
    { files: ['ALTER POLICY own ON orders USING (true);'] },
    { files: ['DROP POLICY own ON orders;'] },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id int);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON orders USING (true);',
      ],
    },
    { files: ['ALTER TABLE orders ADD COLUMN owner text;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP POLICY own ON orders;\n'] },
  ],

  statements: ['CreatePolicyStmt', 'AlterPolicyStmt', 'DropStmt', 'AlterTableStmt'],
  *checkStep(step) {
    if (!changesSecurity(step.node)) return;
    const lock = existingLocks(step).find(({ mode }) => mode === 'ACCESS EXCLUSIVE');
    if (lock === undefined) return;
    const [first = '', second = ''] = step.statement.tokens.map(({ value }) => value);
    yield {
      span: keywordsSpan(step.statement, first, second),
      message: `This blocks reads and writes of ${displayName(lock.relation)} for a moment.`,
      why: `It takes ${lockInWords(step, lock.relation)}: it waits for every query that runs there, while new ones wait behind it. Set a short lock_timeout.`,
    };
  },
};

function changesSecurity(node: Node): boolean {
  if ('CreatePolicyStmt' in node || 'AlterPolicyStmt' in node) return true;
  if ('DropStmt' in node) return node.DropStmt.removeType === 'OBJECT_POLICY';
  if (!('AlterTableStmt' in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (each) => 'AlterTableCmd' in each && each.AlterTableCmd.subtype?.endsWith('RowSecurity'),
  );
}
