import { displayName } from '../catalog/catalog.ts';
import { addedConstraint } from './addedConstraint.ts';
import { alteredTable } from './alteredTable.ts';
import type { Rule } from './rule.ts';
import { isScannedFor } from './tableWork.ts';
import { lockInWords } from './wording.ts';

export const addExclusion: Rule = {
  id: 'add-exclusion',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['strong_migrations add_exclusion_constraint', 'eugene E8', 'pgls addingExclusionConstraint'],
  summary: 'ADD EXCLUDE builds its index while it blocks reads and writes.',
  why: 'An exclusion constraint builds its index under an ACCESS EXCLUSIVE lock, and there is no form that does it CONCURRENTLY. On a large table: make a new table with the constraint, fill it in batches while a trigger keeps it up to date, and swap the two.',
  bad: () => [
    {
      files: [
        'ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&);',
      ],
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE bookings ADD EXCLUDE USING gist (during WITH &&) WHERE (NOT cancelled);\n',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE bookings (during tsrange);\nALTER TABLE bookings ADD EXCLUDE USING gist (during WITH &&);',
      ],
    },
    { files: ['CREATE TABLE bookings (during tsrange, EXCLUDE USING gist (during WITH &&));'] },
    { files: ['ALTER TABLE bookings DROP CONSTRAINT no_overlap;'] },
    {
      files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE b ADD EXCLUDE USING gist (d WITH &&);\n'],
    },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step) {
    const altered = alteredTable(step);
    if (altered === undefined || !isScannedFor(step, altered.key, 'indexBuild')) return;
    const { key: table, commands } = altered;
    for (const spans of commands) {
      if (addedConstraint(spans)?.contype !== 'CONSTR_EXCLUSION') continue;
      yield {
        span: spans.constraint ?? spans.span,
        message: `Adding this exclusion constraint builds its index while it blocks reads and writes of ${displayName(table)}.`,
        why: `It takes ${lockInWords(step, table)}, and holds it while it reads the whole table. PostgreSQL has no way to do it CONCURRENTLY: on a large table, fill a new table that has the constraint and swap the two.`,
      };
    }
  },
};
