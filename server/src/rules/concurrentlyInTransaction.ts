import { objectNames } from '../catalog/drop.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Refusal } from '../effects/effect.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, isNew, type Step } from '../replay/step.ts';
import { dropsOfIndex } from '../rewrites/counterparts.ts';
import { clausesToRunAgain } from '../rewrites/existsClause.ts';
import { runOutsideTransaction } from '../rewrites/ownMigration.ts';
import { quotePath } from '../sql/names.ts';
import { tokenSpan } from './place.ts';
import type { Rule, StepReport } from './rule.ts';

export const concurrentlyInTransaction: Rule = {
  id: 'concurrently-in-transaction',
  category: 'transaction',
  level: 'error',
  since: '0.1.0',
  peers: [
    'squawk ban-concurrent-index-creation-in-transaction',
    'pgls banConcurrentIndexCreationInTransaction',
  ],
  summary: 'CONCURRENTLY, VACUUM and their like fail inside a transaction.',
  why: 'Some statements manage their own transactions and refuse to run inside another (SQLSTATE 25001): CREATE, DROP and REINDEX INDEX CONCURRENTLY, DETACH PARTITION CONCURRENTLY, VACUUM, CREATE DATABASE and more. goose wraps each file in a transaction unless it says -- +goose NO TRANSACTION, and several statements sent as one string are one transaction too.',
  bad: () => [
    {
      files: [
        '-- +goose Up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS p_a ON p (a);\n-- +goose Down\nDROP INDEX CONCURRENTLY IF EXISTS p_a;\n',
      ],
      fixed:
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS p_a ON p (a);\n-- +goose Down\nDROP INDEX CONCURRENTLY IF EXISTS p_a;\n',
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE n (a int);\nCREATE INDEX CONCURRENTLY n_a ON n (a);\n-- +goose Down\nDROP TABLE n;\n',
      ],
      fixed:
        '-- +goose Up\nCREATE TABLE n (a int);\nCREATE INDEX n_a ON n (a);\n-- +goose Down\nDROP TABLE n;\n',
    },
    { files: ['BEGIN;\nDROP INDEX CONCURRENTLY p_a;\nCOMMIT;'] },
    { files: ['-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM orders; SELECT 1;\n'] },
    {
      files: ['-- +goose Up\nVACUUM orders;\n'],
      fixed: '-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM orders;\n',
    },
    {
      files: [
        'CREATE PROCEDURE p(n int) LANGUAGE plpgsql AS $$ BEGIN IF n > 0 THEN COMMIT; END IF; END $$;\nBEGIN;\nCALL p(1);\nCOMMIT;',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET a = 1; END $$;\nBEGIN;\nCALL p();\nCOMMIT;',
      ],
    },
    { files: ['-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY p_a ON p (a);\n'] },
    { files: ['CREATE INDEX CONCURRENTLY p_a ON p (a);\nVACUUM p;'] },
    { files: ['-- +goose Up\nREFRESH MATERIALIZED VIEW CONCURRENTLY totals;\n'] },
    { files: ["-- +goose Up\nALTER TYPE mood ADD VALUE 'meh';\n"] },
    { files: ['-- +goose Up\nANALYZE orders;\n'] },
  ],

  *checkStep(step) {
    const refusal = step.effect.refusedInTransaction;
    // Inside DO, and of a DO that commits, statement-refused speaks.
    if (refusal === undefined || step.nested || 'DoStmt' in step.node) return;
    const inString =
      step.placement.mode === 'oneQueryString' && step.placement.inCompany && refusal.inQueryString;
    const inBlock = inTransactionBlock(step);
    if (!inBlock && !inString) return;
    yield {
      span: tokenSpan(step.statement, refusal.command.endsWith('CONCURRENTLY') ? 'concurrently' : ''),
      ...verdict(refusal, whose(step, inBlock)),
      fixes: (site) => [...withoutConcurrently(site), ...outside(site)],
    };
  },
};

function verdict(
  { command, code, certain }: Refusal,
  whose: string,
): Pick<StepReport, 'message' | 'why' | 'severity'> {
  if (certain) {
    return {
      message: `${command} cannot run inside a transaction.`,
      why: `${whose} PostgreSQL refuses the statement with SQLSTATE ${code}, so the migration can only fail.`,
    };
  }
  return {
    severity: 'warning',
    message: `${command} fails inside a transaction as soon as it comes to its COMMIT or ROLLBACK.`,
    why: `${whose} PostgreSQL refuses to end that from within a procedure (SQLSTATE ${code}); whether it comes to that depends on the data.`,
  };
}

function whose(step: Step, inBlock: boolean): string {
  if (!inBlock)
    return 'It is sent together with other statements in one string, which is one transaction: put it on a line of its own.';
  return step.session.transaction === 'tool'
    ? 'The migration tool runs the whole file in one transaction, unless the file opts out.'
    : 'The file has opened a transaction with BEGIN before it.';
}

/** On a table that this script has just made nothing is blocked: the plain form will do, and may stay. */
function withoutConcurrently(site: Site): readonly Fix[] {
  const { step } = site;
  if (!('IndexStmt' in step.node)) return [];
  if (!isNew(step, keyOfRangeVar(step.before, step.session, step.node.IndexStmt.relation))) return [];
  const { start, end } = tokenSpan(step.statement, 'concurrently');
  const text = step.statement.text;
  const space = /\s/.test(text.charAt(end)) ? 1 : 0;
  return [
    {
      title: 'Remove CONCURRENTLY: the table is new',
      grade: 'safe',
      changes: [
        { kind: 'replaceStatement', statement: site.statement, span: { start, end: end + space }, text: '' },
      ],
    },
  ];
}

function outside(site: Site): readonly Fix[] {
  const { step } = site;
  if (
    'IndexStmt' in step.node &&
    isNew(step, keyOfRangeVar(step.before, step.session, step.node.IndexStmt.relation))
  ) {
    return [];
  }
  const undo = undoOf(step);
  const index = 'IndexStmt' in step.node ? step.node.IndexStmt.idxname : undefined;
  return runOutsideTransaction(site, {
    title: 'Run it outside a transaction',
    form: () => ({ clauses: clausesToRunAgain(step) }),
    down: undo === undefined ? [] : [undo],
    undoing: index === undefined ? [] : dropsOfIndex(site.file, index),
    name: migrationName(step),
  });
}

/** What undoes the statement, where that can be said without the rest of the history. */
function undoOf(step: Step): string | undefined {
  if (!('IndexStmt' in step.node) || step.node.IndexStmt.idxname === undefined) return undefined;
  const { relation, idxname } = step.node.IndexStmt;
  return `DROP INDEX CONCURRENTLY IF EXISTS ${quotePath(relation?.schemaname, idxname)}`;
}

function migrationName(step: Step): string {
  const { node } = step;
  if ('IndexStmt' in node)
    return `add_${node.IndexStmt.idxname ?? `${node.IndexStmt.relation?.relname ?? ''}_index`}`;
  if ('DropStmt' in node) {
    const names = (node.DropStmt.objects ?? []).map((object) => objectNames(object).at(-1) ?? '');
    return `drop_${names.join('_and_')}`;
  }
  const keyword = step.statement.tokens[0]?.value ?? 'run';
  const target = step.mentions.find((each) => each.role === 'needs')?.name;
  return target === undefined ? keyword : `${keyword}_${target}`;
}
