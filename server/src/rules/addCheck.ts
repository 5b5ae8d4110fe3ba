import { displayName } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { isNew } from '../replay/step.ts';
import { addNotValid } from '../rewrites/addNotValid.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import type { Rule } from './rule.ts';
import { isScannedFor } from './tableWork.ts';
import { lockInWords, validateInWords } from './wording.ts';

export const addCheck: Rule = {
  id: 'add-check',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk constraint-missing-not-valid', 'strong_migrations add_check_constraint', 'eugene E1'],
  summary: 'ADD CHECK reads the whole table while it blocks reads and writes.',
  why: 'ADD CONSTRAINT … CHECK takes an ACCESS EXCLUSIVE lock and tests every row before it lets go: reads and writes wait for as long as that takes. Added NOT VALID it tests new rows only and returns at once; VALIDATE CONSTRAINT then tests the old ones without blocking.',
  bad: () => [
    {
      files: ['ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0);'],
      fixed:
        'ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT total_pos;',
    },
    {
      files: ['-- +goose Up\nALTER TABLE shop."Line Items" ADD CHECK (qty > 0);\n'],
      fixed:
        '-- Add Line Items_qty_check to shop.Line Items. Phase 1 of 2, deploy 1: checks new rows from now on, and reads none of the old ones.\n-- What must be true before: nothing.\n\n-- +goose Up\nSET LOCAL lock_timeout = \'2s\';\nALTER TABLE shop."Line Items" ADD CHECK (qty > 0) NOT VALID;\n\n-- +goose Down\nALTER TABLE shop."Line Items" DROP CONSTRAINT "Line Items_qty_check";\n',
      created: [
        '-- Add Line Items_qty_check to shop.Line Items. Phase 2 of 2, deploy 1: checks the rows that were there before; reads and writes go on meanwhile.\n-- What must be true before: phase 1 is applied; no old row breaks it.\n\n-- +goose Up\nALTER TABLE shop."Line Items" VALIDATE CONSTRAINT "Line Items_qty_check";\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nTRUNCATE orders;\nINSERT INTO orders SELECT * FROM old;\nALTER TABLE orders ADD CHECK (total > 0);\n',
      ],
    },
    { files: ['TRUNCATE orders;\nALTER TABLE orders ADD CHECK (total > 0);'] },
    {
      files: [
        'BEGIN;\nTRUNCATE orders;\nCOMMIT;\nBEGIN;\nALTER TABLE orders ADD CHECK (total > 0);\nCOMMIT;',
      ],
    },
  ],
  good: () => [
    {
      files: [
        "-- +goose Up\nTRUNCATE orders;\nCREATE TYPE mood AS ENUM ('ok');\nALTER TABLE orders ADD COLUMN m mood;\nALTER TABLE orders ADD CHECK (total > 0);\n",
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int) PARTITION BY RANGE (a);\nCREATE TABLE o_1 PARTITION OF o FOR VALUES FROM (1) TO (5);',
        'BEGIN;\nTRUNCATE o;\nALTER TABLE o ADD CHECK (a > 0);\nCOMMIT;',
      ],
    },
    { files: ['ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;'] },
    {
      files: [
        'CREATE TABLE orders (total int);\nALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0);',
      ],
    },
    { files: ['CREATE TABLE orders (total int CHECK (total > 0));'] },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0);\n',
      ],
    },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    if (!('AlterTableStmt' in step.node)) return;
    const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
    if (isNew(step, table) || !isScannedFor(step, table, 'check')) return;
    for (const spans of alterTableCommands(step.statement)) {
      const { command } = spans;
      if (
        command.subtype !== 'AT_AddConstraint' ||
        command.def === undefined ||
        !('Constraint' in command.def)
      )
        continue;
      const constraint = command.def.Constraint;
      if (constraint.contype !== 'CONSTR_CHECK' || constraint.skip_validation) continue;
      yield {
        span: spans.constraint ?? spans.span,
        message: `Adding this CHECK reads all of ${displayName(table)} while it blocks reads and writes.`,
        why: `It takes ${lockInWords(step, table)}, and holds it while it tests every row. ${validateInWords(table)}`,
        fixes: (site) => addNotValid(site, context, table, spans, constraint),
      };
    }
  },
};
