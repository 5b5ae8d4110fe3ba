import type { Node } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const createTrigger: Rule = {
  id: 'create-trigger',
  category: 'locking',
  level: 'hint',
  since: '0.1.0',
  peers: ['pgsafe add-trigger', 'pgfence create-trigger', 'pgls creatingTrigger'],
  summary: 'Creating, switching or dropping a trigger blocks writes to its table for a moment.',
  why: 'CREATE TRIGGER and ENABLE or DISABLE TRIGGER take a SHARE ROW EXCLUSIVE lock on the table, DROP TRIGGER an ACCESS EXCLUSIVE one. They are quick, but they wait for running transactions, and what they block waits behind them: set a short lock_timeout.',
  bad: () => [
    { files: ['CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();'] },
    { files: ['-- +goose Up\nALTER TABLE orders DISABLE TRIGGER ALL;\n'] },
    { files: ['ALTER TABLE orders ENABLE ALWAYS TRIGGER touch;'] },
    { files: ['DROP TRIGGER touch ON orders;'] },
    {
      files: [
        'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON orders DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id int);\nCREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();',
      ],
    },
    { files: ['CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;'] },
    { files: ['DROP EVENT TRIGGER audit;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TRIGGER touch ON orders;\n'] },
  ],

  statements: ['CreateTrigStmt', 'DropStmt', 'AlterTableStmt'],
  *checkStep(step) {
    const words = whatItDoes(step.node);
    if (words === undefined) return;
    const lock = existingLocks(step).find(({ mode }) => mode !== 'ACCESS SHARE');
    if (lock === undefined) return;
    const name = displayName(lock.relation);
    const blocked = lock.mode === 'ACCESS EXCLUSIVE' ? 'reads and writes' : 'writes';
    yield {
      span: keywordsSpan(step.statement, ...words),
      message: `This blocks ${blocked} of ${name} for a moment.`,
      why: `It takes ${lockInWords(step, lock.relation)}: it waits for the transactions that use ${name}, while new ones wait behind it. Set a short lock_timeout.`,
    };
  },
};

/** The words of the statement that speak of a trigger; undefined of any other. */
function whatItDoes(node: Node): readonly string[] | undefined {
  if ('CreateTrigStmt' in node) return ['create', 'trigger'];
  if ('DropStmt' in node)
    return node.DropStmt.removeType === 'OBJECT_TRIGGER' ? ['drop', 'trigger'] : undefined;
  if (!('AlterTableStmt' in node)) return undefined;
  const switches = (node.AlterTableStmt.cmds ?? []).some(
    (each) => 'AlterTableCmd' in each && /^AT_(Enable|Disable)\w*Trig/.test(each.AlterTableCmd.subtype ?? ''),
  );
  return switches ? ['alter', 'table'] : undefined;
}
