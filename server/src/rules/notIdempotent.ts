import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, mentionKey, type Step } from '../replay/step.ts';
import { clausesToRunAgain, existsClause } from '../rewrites/existsClause.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

export const notIdempotent: Rule = {
  id: 'not-idempotent',
  category: 'idempotency',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk prefer-robust-stmts', 'pgsafe require-if-exists'],
  summary: 'The statement fails when it is run again.',
  why: 'A file that does not run in one transaction can stop half-way: what ran before the failure stays, and the next run fails on it. IF NOT EXISTS, IF EXISTS and OR REPLACE let it go on. In a transactional file a failure takes everything back, so there this is information only.',
  bad: () => [
    { files: ['CREATE TABLE orders (id bigint);'], fixed: 'CREATE TABLE IF NOT EXISTS orders (id bigint);' },
    { files: ['DROP TABLE orders, carts;'], fixed: 'DROP TABLE IF EXISTS orders, carts;' },
    {
      files: ['ALTER TABLE orders ADD a int, DROP COLUMN b, ADD COLUMN IF NOT EXISTS c int;'],
      fixed:
        'ALTER TABLE orders ADD IF NOT EXISTS a int, DROP COLUMN IF EXISTS b, ADD COLUMN IF NOT EXISTS c int;',
    },
    {
      files: ['CREATE INDEX CONCURRENTLY ON orders (code);'],
      fixed: 'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code_idx ON orders (code);',
    },
    { files: ['CREATE VIEW v AS SELECT 1;'], fixed: 'CREATE OR REPLACE VIEW v AS SELECT 1;' },
    {
      files: ["ALTER TYPE mood ADD VALUE 'meh' AFTER 'ok';"],
      fixed: "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'meh' AFTER 'ok';",
    },
    { files: ['-- +goose Up\nCREATE TABLE orders (id bigint);\n'] },
  ],
  good: () => [
    { files: ['CREATE TABLE IF NOT EXISTS orders (id bigint);'] },
    { files: ['DROP INDEX IF EXISTS a;\nDROP VIEW IF EXISTS b;'] },
    { files: ['CREATE TEMP TABLE batch (id bigint);'] },
    { files: ['DROP INDEX CONCURRENTLY IF EXISTS o_i;\nCREATE INDEX CONCURRENTLY o_i ON o (id);'] },
    { files: ["DO $$ BEGIN IF to_regclass('o') IS NULL THEN CREATE TABLE o (id bigint); END IF; END $$;"] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE orders;\n'] },
  ],

  *checkStep(step, { postgresVersion }) {
    if (step.placement.direction === 'down' || step.conditional) return;
    const clauses = existsClause(step.statement, postgresVersion);
    if (clauses.length === 0 || justDropped(step)) return;
    const texts = [...new Set(clauses.map((each) => each.text))];
    const transactional = inTransactionBlock(step);
    yield {
      span: keywordsSpan(step.statement, step.statement.tokens[1]?.value ?? ''),
      ...(transactional ? { severity: 'information' as const } : {}),
      message: `This statement fails when it is run again: it lacks ${listed(texts)}.`,
      why: transactional
        ? 'The file runs in one transaction, so a failure takes everything back; it matters only where the change was made by hand before.'
        : 'The file does not run in one transaction: when a later statement fails, this one has been done, and the next run stops here.',
      fixes: (site) => fix(site, postgresVersion),
    };
  },
};

/** The script itself has dropped the object before: it is not there, however often the file runs. */
export function justDropped(step: Step): boolean {
  const made = step.mentions.find((each) => each.role === 'makes');
  return made !== undefined && step.cleared.has(mentionKey(made));
}

function fix(site: Site, postgresVersion: number): readonly Fix[] {
  const { step } = site;
  const clauses = clausesToRunAgain(step, postgresVersion);
  if (step.nested || clauses.length === 0) return [];
  return [
    {
      title: `Add ${listed([...new Set(existsClause(step.statement, postgresVersion).map((each) => each.text))])}`,
      // In a transaction nothing half-done is left behind: there the clause could only hide a difference.
      grade: inTransactionBlock(step) ? 'review' : 'safe',
      changes: clauses.map((clause) => ({ kind: 'insertClause', statement: site.statement, ...clause })),
    },
  ];
}
