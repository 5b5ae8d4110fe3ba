import type { ReindexStmt } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { isNew } from '../replay/step.ts';
import { runOutsideTransaction } from '../rewrites/ownMigration.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const reindexNotConcurrent: Rule = {
  id: 'reindex-not-concurrent',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'squawk require-concurrent-reindex',
    'pgfence reindex-non-concurrent',
    'pgsafe reindex-non-concurrent',
  ],
  summary: 'REINDEX blocks writes to the table, and all use of the index, until it is built again.',
  why: 'REINDEX takes a SHARE lock on the table and an ACCESS EXCLUSIVE lock on the index: writes wait, and so do reads that would plan over the index. REINDEX … CONCURRENTLY lets both go on; it cannot run in a transaction, and a failed one leaves an INVALID index to be dropped.',
  bad: () => [
    { files: ['REINDEX INDEX orders_code_idx;'], fixed: 'REINDEX INDEX CONCURRENTLY orders_code_idx;' },
    {
      files: ['-- +goose Up\nREINDEX (VERBOSE) TABLE shop."Orders";\n'],
      fixed: '-- +goose NO TRANSACTION\n-- +goose Up\nREINDEX (VERBOSE) TABLE CONCURRENTLY shop."Orders";\n',
    },
    { files: ['REINDEX SCHEMA shop;'], fixed: 'REINDEX SCHEMA CONCURRENTLY shop;' },
    { files: ['REINDEX DATABASE shop;'], postgresVersion: 12 },
  ],
  good: () => [
    { files: ['REINDEX INDEX CONCURRENTLY orders_code_idx;'] },
    { files: ['REINDEX (CONCURRENTLY) TABLE orders;'] },
    { files: ['REINDEX SYSTEM shop;'] },
    {
      files: ['CREATE TABLE orders (id int PRIMARY KEY);\nREINDEX TABLE orders;\nREINDEX INDEX orders_pkey;'],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nREINDEX TABLE orders;\n'] },
  ],

  statements: ['ReindexStmt'],
  *checkStep(step) {
    if (!('ReindexStmt' in step.node)) return;
    const statement = step.node.ReindexStmt;
    const what = KINDS[statement.kind ?? ''];
    if (what === undefined || isConcurrent(statement)) return;
    const key = keyOfRangeVar(step.before, step.session, statement.relation);
    if (statement.relation !== undefined && isNew(step, key)) return;
    const name = statement.relation === undefined ? (statement.name ?? '') : displayName(key);
    yield {
      span: keywordsSpan(step.statement, 'reindex', what),
      message: `REINDEX blocks writes, and reads that could use the index, until ${what === 'index' ? name : `all indexes of the ${what} ${name}`.trimEnd()} ${what === 'index' ? 'is' : 'are'} built again.`,
      why: 'It takes a SHARE lock on the table and an ACCESS EXCLUSIVE lock on each index, and holds them until the end. REINDEX … CONCURRENTLY lets reads and writes go on; it must run outside a transaction.',
      fixes: (site) => concurrently(site, name),
    };
  },
};

/** SYSTEM is not here: catalogs take no CONCURRENTLY. */
const KINDS: Readonly<Record<string, string>> = {
  REINDEX_OBJECT_INDEX: 'index',
  REINDEX_OBJECT_TABLE: 'table',
  REINDEX_OBJECT_SCHEMA: 'schema',
  REINDEX_OBJECT_DATABASE: 'database',
};

function isConcurrent({ params }: ReindexStmt): boolean {
  return params?.some((each) => 'DefElem' in each && each.DefElem.defname === 'concurrently') ?? false;
}

function concurrently(site: Site, name: string) {
  const offset = statementHead(site.step.statement)?.kindEnd;
  if (offset === undefined) return [];
  return runOutsideTransaction(site, {
    title: 'Build it again CONCURRENTLY',
    form: () => ({ clauses: [{ offset, text: 'CONCURRENTLY' }] }),
    down: [],
    undoing: [],
    name: `reindex_${name.replace(/\W+/g, '_')}`,
  });
}
