import { volatileFunction } from '../effects/volatility.ts';
import { addComputedColumn } from '../rewrites/addFilledColumn.ts';
import { addedColumns } from './addedColumns.ts';
import { alteredTable } from './alteredTable.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { isRewritten } from './tableWork.ts';
import { lockInWords } from './wording.ts';

export const addColumnVolatileDefault: Rule = {
  id: 'add-column-volatile-default',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'squawk adding-field-with-default',
    'strong_migrations add_column_default',
    'pgls addingFieldWithDefault',
  ],
  summary: 'ADD COLUMN with a volatile default rewrites the table while it blocks reads and writes.',
  why: 'A default that gives every row a value of its own (random(), gen_random_uuid(), clock_timestamp()) has to be written into all rows: the table and its indexes are built anew under an ACCESS EXCLUSIVE lock. A constant, now() or CURRENT_TIMESTAMP is stored once, and nothing is rewritten. Add the column without a default, set the default for new rows in a second statement, and fill the old rows in batches.',
  bad: () => [
    { files: ['ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();'] },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD COLUMN IF NOT EXISTS seen timestamptz DEFAULT clock_timestamp();\n',
      ],
    },
    { files: ['ALTER TABLE orders ADD a int, ADD b float NOT NULL DEFAULT 1 + random();'] },
    {
      files: [
        'CREATE FUNCTION next_code() RETURNS text LANGUAGE sql AS $$ SELECT md5(random()::text) $$;',
        'ALTER TABLE orders ADD COLUMN code text DEFAULT next_code();',
      ],
    },
    { files: ["DO $$ BEGIN\n  ALTER TABLE orders ADD COLUMN n bigint DEFAULT nextval('numbers');\nEND $$;"] },
  ],
  good: () => [
    { files: ['ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT now();'] },
    { files: ['ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT CURRENT_TIMESTAMP;'] },
    { files: ['ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT statement_timestamp();'] },
    { files: ['ALTER TABLE orders ADD COLUMN tx bigint DEFAULT txid_current();'] },
    { files: ["ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';"] },
    { files: ['ALTER TABLE orders ADD COLUMN token uuid;'] },
    { files: ['ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();'] },
    {
      files: [
        'CREATE TABLE orders (id int);\nALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id int, token uuid);',
        'ALTER TABLE orders ADD COLUMN IF NOT EXISTS token uuid DEFAULT gen_random_uuid();',
      ],
    },
    {
      files: [
        'CREATE FUNCTION code() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_user::text $$;',
        'ALTER TABLE orders ADD COLUMN code text DEFAULT code();',
      ],
    },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();\n',
      ],
    },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    const altered = alteredTable(step);
    if (altered === undefined || !isRewritten(step, altered.key)) return;
    const { key: table, name: tableName } = altered;
    for (const { spans, name, value } of addedColumns(altered)) {
      const called = value && volatileFunction(step.before, step.session, value);
      if (called === undefined) continue;
      yield {
        span: tokenSpan(step.statement, called, spans.span.start),
        message: `Adding ${name} rewrites all of ${tableName} while it blocks reads and writes: ${called}() gives every row a value of its own.`,
        why: `It takes ${lockInWords(step, table)}, and holds it while every row and index is written anew. Add the column without a default, then ALTER COLUMN ${name} SET DEFAULT for new rows, and fill the old rows in batches in a migration of their own.`,
        fixes: (site) => addComputedColumn(site, context, table, spans),
      };
    }
  },
};
