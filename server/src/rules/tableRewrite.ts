import type { AlterTableType } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { isNew, type Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

export const tableRewrite: Rule = {
  id: 'table-rewrite',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['pgfence vacuum-full', 'pgls runningVacuumFull', 'squawk prefer-repack'],
  summary:
    'VACUUM FULL, CLUSTER and their like write the whole table anew while they block reads and writes.',
  why: 'VACUUM FULL, CLUSTER, SET LOGGED and UNLOGGED, SET ACCESS METHOD, SET TABLESPACE and SET EXPRESSION copy the table under an ACCESS EXCLUSIVE lock: reads and writes wait for as long as that takes. pg_repack does the same for VACUUM FULL, CLUSTER and SET TABLESPACE while they go on.',
  bad: () => [
    { files: ['VACUUM FULL orders;'] },
    { files: ['VACUUM (FULL, ANALYZE) orders, carts;'] },
    { files: ['VACUUM FULL;'] },
    { files: ['-- +goose Up\nCLUSTER orders USING orders_pkey;\n'] },
    { files: ['ALTER TABLE orders SET UNLOGGED;'] },
    { files: ['CREATE UNLOGGED TABLE orders (id int);', 'ALTER TABLE orders SET LOGGED;'] },
    { files: ['ALTER TABLE orders SET ACCESS METHOD columnar;'], postgresVersion: 15 },
    { files: ['ALTER TABLE orders SET TABLESPACE fast;'] },
    {
      files: [
        'CREATE TABLE orders (net int, gross int GENERATED ALWAYS AS (net * 2) STORED);',
        'ALTER TABLE orders ALTER COLUMN gross SET EXPRESSION AS (net * 3);',
      ],
      postgresVersion: 17,
    },
  ],
  good: () => [
    { files: ['VACUUM orders;'] },
    { files: ['VACUUM (ANALYZE, FULL false) orders;'] },
    { files: ['CREATE TABLE orders (id int);', 'ALTER TABLE orders SET LOGGED;'] },
    { files: ['CREATE UNLOGGED TABLE orders (id int);', 'ALTER TABLE orders SET UNLOGGED;'] },
    {
      files: [
        'CREATE TABLE orders (id int) USING columnar;',
        'ALTER TABLE orders SET ACCESS METHOD columnar;',
      ],
      postgresVersion: 15,
    },
    { files: ['CREATE TABLE orders (id int) TABLESPACE fast;', 'ALTER TABLE orders SET TABLESPACE fast;'] },
    { files: ['ALTER TABLE orders CLUSTER ON orders_pkey;'] },
    {
      files: [
        'CREATE TABLE orders (net int, gross int GENERATED ALWAYS AS (net * 2) VIRTUAL);',
        'ALTER TABLE orders ALTER COLUMN gross SET EXPRESSION AS (net * 3);',
      ],
      postgresVersion: 18,
    },
    { files: ['CREATE TABLE orders (id int);\nCREATE INDEX i ON orders (id);\nCLUSTER orders USING i;'] },
    { files: ['CREATE TABLE orders (id int);\nALTER TABLE orders SET UNLOGGED;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE orders SET UNLOGGED;\n'] },
  ],

  statements: ['VacuumStmt', 'ClusterStmt', 'AlterTableStmt'],
  *checkStep(step) {
    const tables = step.effect.rewrites.filter((key) => !isNew(step, key));
    for (const { words, span } of rewritings(step)) {
      if (tables.length === 0 && !(words === 'VACUUM FULL' && everyTable(step))) continue;
      const named =
        tables.length > 3 || tables.length === 0 ? 'every table' : listed(tables.map(displayName));
      const held = existingLocks(step).some(({ mode }) => mode === 'ACCESS EXCLUSIVE') || tables.length === 0;
      if (!held) continue;
      yield {
        span,
        message: `${words} writes ${named} anew while it blocks reads and writes.`,
        why: `It takes an ACCESS EXCLUSIVE lock, and holds it until all rows and indexes have been copied. ${ADVICE[words] ?? 'On a large table, fill a new one in batches and swap the two.'}`,
      };
    }
  },
};

const PG_REPACK = 'pg_repack does the same while reads and writes go on.';

const ADVICE: Readonly<Record<string, string>> = {
  'VACUUM FULL': `${PG_REPACK} A plain VACUUM blocks nobody and is enough for most tables.`,
  CLUSTER: PG_REPACK,
  'SET TABLESPACE': PG_REPACK,
};

const COMMANDS: { readonly [K in AlterTableType]?: string } = {
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
  AT_SetTableSpace: 'SET TABLESPACE',
  AT_SetExpression: 'SET EXPRESSION',
};

/** What of the statement is there to write a table anew. */
function* rewritings(step: Step): Generator<{ words: string; span: Span }> {
  if ('VacuumStmt' in step.node && saysFull(step)) {
    yield { words: 'VACUUM FULL', span: keywordsSpan(step.statement, 'vacuum', 'full') };
  } else if ('ClusterStmt' in step.node) {
    yield { words: 'CLUSTER', span: keywordsSpan(step.statement, 'cluster') };
  }
  for (const { command, span } of alterTableCommands(step.statement)) {
    const words = command.subtype === undefined ? undefined : COMMANDS[command.subtype];
    if (words !== undefined) yield { words, span };
  }
}

function saysFull(step: Step): boolean {
  const options = 'VacuumStmt' in step.node ? step.node.VacuumStmt.options : undefined;
  return options?.some((each) => 'DefElem' in each && each.DefElem.defname === 'full') ?? false;
}

/** VACUUM without names takes every table, also those that the history does not show. */
function everyTable(step: Step): boolean {
  return 'VacuumStmt' in step.node && step.node.VacuumStmt.rels === undefined;
}
