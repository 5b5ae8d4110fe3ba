import { displayName } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { scansOf } from '../effects/effect.ts';
import { isNew } from '../replay/step.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { notValidThenValidate, validateInWords } from './notValid.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

export const addCheck: Rule = {
  id: 'add-check',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk constraint-missing-not-valid', 'strong_migrations add_check_constraint', 'eugene E1'],
  summary: 'ADD CHECK reads the whole table while it blocks reads and writes.',
  why: 'ADD CONSTRAINT … CHECK takes an ACCESS EXCLUSIVE lock and tests every row before it lets go: reads and writes wait for as long as that takes. Added NOT VALID it tests new rows only and returns at once; VALIDATE CONSTRAINT then tests the old ones without blocking.',
  bad: [
    {
      files: ['ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0);'],
      fixed:
        'ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT total_pos;',
    },
    {
      files: ['-- +goose Up\nALTER TABLE shop."Line Items" ADD CHECK (qty > 0);\n'],
      fixed: '-- +goose Up\nALTER TABLE shop."Line Items" ADD CHECK (qty > 0) NOT VALID;\n',
      created: [
        '-- Checks the rows that were there before Line Items_qty_check was added; reads and writes go on meanwhile.\n\n-- +goose Up\nALTER TABLE shop."Line Items" VALIDATE CONSTRAINT "Line Items_qty_check";\n',
      ],
    },
  ],
  good: [
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

  *checkStep(step) {
    if (!('AlterTableStmt' in step.node)) return;
    const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
    if (isNew(step, table) || !scansOf(step.effect, table).some((scan) => scan.reason === 'check')) return;
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
        fixes: (site) => notValidThenValidate(site, table, spans, constraint),
      };
    }
  },
};
