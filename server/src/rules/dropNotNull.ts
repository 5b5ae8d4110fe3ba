import { columnOf, constraintOf } from '../catalog/catalog.ts';
import { alteredTable, isOldColumn } from './alteredTable.ts';
import type { Rule } from './rule.ts';

export const dropNotNull: Rule = {
  id: 'drop-not-null',
  category: 'compatibility',
  level: 'information',
  since: '0.1.0',
  peers: ['squawk ban-drop-not-null'],
  summary: 'The application that is still running may meet NULL where it never could.',
  why: 'Code that was written while the column was NOT NULL often does not expect NULL in it. Deploy a version that does before anything writes NULL there.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint, note text NOT NULL);',
        'ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;',
      ],
    },
    { files: ['-- +goose Up\nALTER TABLE orders ALTER note DROP NOT NULL;\n'] },
    {
      files: [
        'CREATE TABLE orders (id bigint, note text CONSTRAINT note_set NOT NULL);',
        'ALTER TABLE orders DROP CONSTRAINT note_set;',
      ],
      postgresVersion: 18,
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint, note text NOT NULL);\nALTER TABLE orders ALTER COLUMN note DROP NOT NULL;',
      ],
    },
    {
      files: ['ALTER TABLE o ADD a text NOT NULL DEFAULT 0;\nALTER TABLE o ALTER a DROP NOT NULL;'],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint, note text);',
        'ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint, note text CONSTRAINT note_set CHECK (note IS NOT NULL));',
        'ALTER TABLE orders DROP CONSTRAINT note_set;',
      ],
      postgresVersion: 18,
    },
    { files: ['ALTER TABLE orders ALTER COLUMN note SET NOT NULL;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o ALTER note DROP NOT NULL;\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step) {
    const altered = alteredTable(step);
    for (const { command, name, span } of altered?.commands ?? []) {
      if (altered === undefined) return;
      const constraint = constraintOf(altered.table, command.name ?? '');
      const column =
        command.subtype === 'AT_DropNotNull'
          ? command.name
          : command.subtype === 'AT_DropConstraint' && constraint?.kind === 'notNull'
            ? constraint.columns[0]
            : undefined;
      if (column === undefined || !isOldColumn(step, altered.key, column)) continue;
      if (columnOf(altered.table, column)?.notNull === false) continue;
      yield {
        span: name ?? span,
        message: `The application that is still running may meet NULL in ${altered.name}.${column}, where it never could.`,
        why: 'Deploy a version that expects NULL in it before anything writes one.',
      };
    }
  },
};
