import { columnOf, displayName, tableOf } from '../catalog/catalog.ts';
import { scansOf } from '../effects/effect.ts';
import { addedConstraint } from './addedConstraint.ts';
import { alteredTable } from './alteredTable.ts';
import type { Rule } from './rule.ts';
import { listed, lockInWords } from './wording.ts';

export const primaryKeyNullable: Rule = {
  id: 'primary-key-nullable',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['eugene W14', 'pgfence add-pk-using-index'],
  summary: 'PRIMARY KEY USING INDEX reads the whole table when a column of it may be NULL.',
  why: 'A primary key makes its columns NOT NULL, and PostgreSQL reads every row under an ACCESS EXCLUSIVE lock to see that none is. Make them NOT NULL first, without that reading: CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in the next migration, SET NOT NULL.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_pk ON orders (id);',
        'ALTER TABLE orders ADD CONSTRAINT orders_pk PRIMARY KEY USING INDEX orders_pk;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (a int NOT NULL, b int);',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_u ON orders (a, b);',
        'ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_u;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id int);\nALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0);',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_u ON orders (id);',
        'ALTER TABLE orders ADD PRIMARY KEY USING INDEX orders_u;',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint NOT NULL);',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_pk ON orders (id);',
        'ALTER TABLE orders ADD CONSTRAINT orders_pk PRIMARY KEY USING INDEX orders_pk;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint);\nALTER TABLE orders ADD CONSTRAINT c CHECK (id IS NOT NULL);',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_pk ON orders (id);',
        'ALTER TABLE orders ADD CONSTRAINT orders_pk PRIMARY KEY USING INDEX orders_pk;',
      ],
    },
    { files: ['ALTER TABLE orders ADD CONSTRAINT orders_pk PRIMARY KEY USING INDEX orders_pk;'] },
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        'CREATE UNIQUE INDEX CONCURRENTLY orders_pk ON orders (id);',
        'ALTER TABLE orders ADD CONSTRAINT orders_pk UNIQUE USING INDEX orders_pk;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint);\nCREATE UNIQUE INDEX o ON orders (id);\nALTER TABLE orders ADD PRIMARY KEY USING INDEX o;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint);',
        'CREATE UNIQUE INDEX CONCURRENTLY o ON orders (id);',
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD PRIMARY KEY USING INDEX o;\n',
      ],
    },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step) {
    const altered = alteredTable(step);
    if (altered === undefined) return;
    const { key: table, commands } = altered;
    const nullable = scansOf(step.effect, table).flatMap(({ reason, subject }) =>
      reason === 'notNull' &&
      subject !== undefined &&
      // Of what the history does not show, nobody can say that it is nullable.
      columnOf(tableOf(step.before, table), subject)?.notNull === false
        ? [subject]
        : [],
    );
    if (nullable.length === 0) return;
    for (const spans of commands) {
      const node = addedConstraint(spans);
      if (node?.contype !== 'CONSTR_PRIMARY' || node.indexname === undefined) continue;
      yield {
        span: spans.constraint ?? spans.span,
        message: `This primary key reads all of ${displayName(table)} while it blocks reads and writes, since ${listed(nullable)} may be NULL.`,
        why: `It takes ${lockInWords(step, table)}, and holds it while it looks for a NULL. First add CHECK (${nullable[0]} IS NOT NULL) NOT VALID, VALIDATE it in the next migration, and SET NOT NULL: then the key takes a moment.`,
      };
    }
  },
};
