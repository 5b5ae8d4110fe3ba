import type { IndexStmt } from '@pgsql/types';
import { displayName, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar, objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { chosenIndexName } from '../rewrites/chosenIndexName.ts';
import { dropsOfIndex } from '../rewrites/counterparts.ts';
import { runOutsideTransaction } from '../rewrites/ownMigration.ts';
import { partitionedIndex } from '../rewrites/partitionedIndex.ts';
import { quoteName, quotePath } from '../sql/names.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import { keywordsSpan } from './place.ts';
import type { Rule, RuleContext, StepReport } from './rule.ts';
import { lockInWords } from './wording.ts';

export const indexNotConcurrent: Rule = {
  id: 'index-not-concurrent',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk require-concurrent-index-creation', 'strong_migrations add_index', 'eugene E6'],
  summary: 'CREATE INDEX on an existing table blocks writes until the index is built.',
  why: 'CREATE INDEX takes a SHARE lock on the table and reads all of it: INSERT, UPDATE and DELETE wait for as long as the build takes. CREATE INDEX CONCURRENTLY lets them go on. It cannot run in a transaction, so the migration has to opt out of its tool’s, and a failed build leaves an INVALID index to be dropped.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);',
        'CREATE INDEX orders_customer_idx ON orders (customer_id);',
      ],
      fixed: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON orders (customer_id);',
    },
    {
      files: [
        '-- +goose Up\nCREATE UNIQUE INDEX ON orders (lower(code));\n\n-- +goose Down\nDROP INDEX orders_lower_idx;\n',
      ],
      fixed:
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_lower_idx ON orders (lower(code));\n\n-- +goose Down\nDROP INDEX IF EXISTS orders_lower_idx;\n',
    },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD COLUMN state text;\nCREATE INDEX orders_state_idx ON orders (state);\n\n-- +goose Down\nDROP INDEX orders_state_idx;\nALTER TABLE orders DROP COLUMN state;\n',
      ],
      fixed:
        '-- +goose Up\nALTER TABLE orders ADD COLUMN state text;\n\n-- +goose Down\nALTER TABLE orders DROP COLUMN state;\n',
      created: [
        '-- +goose NO TRANSACTION\n\n-- +goose Up\nDROP INDEX CONCURRENTLY IF EXISTS orders_state_idx;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_state_idx ON orders (state);\n\n-- +goose Down\nDROP INDEX CONCURRENTLY IF EXISTS orders_state_idx;\n',
      ],
    },
    { files: ['DO $$ BEGIN\n  CREATE INDEX p_a ON p (a);\nEND $$;'] },
    // It was there before.
    {
      files: [
        'CREATE TABLE p (a int);',
        `DO $$ BEGIN IF current_database() = 'shop' THEN CREATE TABLE IF NOT EXISTS p (a int); CREATE INDEX ON p (a); END IF; END $$;`,
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);\nCREATE INDEX ON orders (customer_id);',
      ],
    },
    { files: ['CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);'] },
    // Had it been there before, CREATE TABLE would have failed.
    {
      files: [
        'ALTER TABLE orders ADD note text;',
        `DO $$ BEGIN IF current_database() = 'shop' THEN CREATE TABLE p (a int); CREATE INDEX ON p (a); END IF; END $$;`,
      ],
    },
    {
      files: [
        'CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at);',
        'CREATE INDEX events_at_idx ON ONLY events (at);',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE INDEX orders_code_idx ON orders (code);\n'] },
  ],

  statements: ['IndexStmt'],
  *checkStep(step, context) {
    if (!('IndexStmt' in step.node) || step.node.IndexStmt.concurrent) return;
    const statement = step.node.IndexStmt;
    const table = keyOfRangeVar(step.before, step.session, statement.relation);
    const built = step.effect.scans.filter((scan) => scan.reason === 'indexBuild');
    if (built.length === 0 || isNew(step, table)) return;
    if (tableOf(step.before, table)?.partitionBy !== undefined)
      yield onPartitioned(step, statement, table, context);
    else yield onTable(step, statement, table);
  },
};

function onTable(step: Step, statement: IndexStmt, table: string): StepReport {
  return {
    span: keywordsSpan(step.statement, 'create', 'index'),
    message: `CREATE INDEX blocks writes to ${displayName(table)} until the index is built.`,
    why: `It takes ${lockInWords(step, table)}, and reads the whole table while it holds it. CREATE INDEX CONCURRENTLY lets writes go on; it must run outside a transaction.`,
    fixes: (site) => concurrentForm(site, statement, table),
  };
}

function onPartitioned(step: Step, statement: IndexStmt, table: string, context: RuleContext): StepReport {
  const name = displayName(table);
  return {
    span: keywordsSpan(step.statement, 'create', 'index'),
    message: `CREATE INDEX on the partitioned table ${name} blocks writes to all its partitions until each has its index.`,
    why: `It takes ${lockInWords(step, table)}, and the same on each partition. CONCURRENTLY is not possible here: create the index ON ONLY ${name}, then one CONCURRENTLY on each partition, and ATTACH each to it with ALTER INDEX.`,
    fixes: (site) => partitionedIndex(site, context, statement, table),
  };
}

function concurrentForm(site: Site, statement: IndexStmt, table: string): readonly Fix[] {
  const { step } = site;
  const { schema } = objectKeyParts(table);
  const name = statement.idxname ?? chosenIndexName(step);
  const offset = statementHead(step.statement)?.kindEnd;
  if (name === undefined || offset === undefined) return [];
  // Without IF NOT EXISTS the file could not run again after it failed half-way, outside of a transaction.
  const named = statement.idxname === undefined ? ` ${quoteName(name)}` : '';
  const again = statement.if_not_exists === true ? '' : ` IF NOT EXISTS${named}`;
  const drop = `DROP INDEX CONCURRENTLY IF EXISTS ${quotePath(schema === 'public' ? undefined : schema, name)}`;
  return runOutsideTransaction(site, {
    title: 'Build the index CONCURRENTLY',
    form: () => ({ clauses: [{ offset, text: `CONCURRENTLY${again}` }] }),
    clears: drop,
    down: [drop],
    undoing: dropsOfIndex(site.file, name),
    name: `add_${name}`,
  });
}
