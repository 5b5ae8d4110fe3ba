import type { InferClause } from '@pgsql/types';
import { type Catalog, displayName, type Index, type Table, tableOf } from '../catalog/catalog.ts';
import { expressionOf } from '../catalog/expression.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { insertions, unlessThere } from './insertedRows.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { isVersionTable } from './versionTables.ts';

export const onConflictWithoutUnique: Rule = {
  id: 'on-conflict-without-unique',
  category: 'idempotency',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'ON CONFLICT names columns that no unique constraint or index covers: the INSERT fails.',
  why: 'ON CONFLICT (columns) needs a unique constraint or unique index over just these columns; without one the statement fails with 42P10, whatever is in the table. A partial index counts only when its condition is repeated, a deferrable constraint not at all. Name the columns of a constraint that is there, make one first, or say WHERE NOT EXISTS.',
  bad: () => [
    {
      files: [
        'CREATE TABLE states (id bigserial PRIMARY KEY, code text);',
        "INSERT INTO states (code) VALUES ('n') ON CONFLICT (code) DO NOTHING;",
      ],
      fixed: "INSERT INTO states (code) SELECT 'n' WHERE NOT EXISTS (SELECT FROM states WHERE code = 'n');",
    },
    {
      files: [
        'CREATE TABLE t (a int, b int, UNIQUE (a, b));',
        '-- +goose Up\nINSERT INTO t VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = 3;\n',
      ],
    },
    {
      files: [
        'CREATE TABLE t (a int, gone bool);\nCREATE UNIQUE INDEX ON t (a) WHERE NOT gone;',
        'INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING;',
      ],
    },
    {
      files: [
        'CREATE TABLE t (a int UNIQUE DEFERRABLE);',
        'INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING;',
      ],
    },
    {
      files: [
        'CREATE TABLE t (a text UNIQUE);',
        "INSERT INTO t VALUES ('x') ON CONFLICT (lower(a)) DO NOTHING;",
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE t (a int, b int, UNIQUE (a, b));',
        'INSERT INTO t VALUES (1, 2) ON CONFLICT (b, a) DO NOTHING;',
      ],
    },
    {
      files: ['CREATE TABLE t (a int PRIMARY KEY);', 'INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING;'],
    },
    {
      files: [
        'CREATE TABLE t (a text, gone bool);\nCREATE UNIQUE INDEX ON t (lower(a)) WHERE NOT gone;',
        "INSERT INTO t VALUES ('x') ON CONFLICT (lower(a)) WHERE NOT gone DO NOTHING;",
      ],
    },
    { files: ['CREATE TABLE t (a int);', 'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;'] },
    { files: ['INSERT INTO unknown_table VALUES (1) ON CONFLICT (a) DO NOTHING;'] },
    { files: ['ALTER TABLE t ADD COLUMN a int;', 'INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING;'] },
    {
      files: [
        'CREATE TABLE t (a int);',
        'CREATE UNIQUE INDEX ON t (a);\nINSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING;',
      ],
    },
  ],

  *checkStep(step) {
    for (const { statement, table } of insertions(step)) {
      const infer = statement.onConflictClause?.infer;
      const known = tableOf(step.before, table);
      if (infer?.indexElems === undefined || known === undefined || isVersionTable(table)) continue;
      if (!known.complete || known.path === undefined || step.before.uncertain) continue;
      if (arbiters(step.before, known, infer)) continue;
      const columns = infer.indexElems.flatMap((node) =>
        'IndexElem' in node ? (node.IndexElem.name ?? []) : [],
      );
      const what = columns.length === infer.indexElems.length ? `(${columns.join(', ')})` : 'this expression';
      yield {
        span:
          findKeywords(step.statement, ['on', 'conflict']) ?? keywordsSpan(step.statement, 'insert', 'into'),
        message: `No unique constraint or index of ${displayName(table)} is over ${what}: this INSERT fails.`,
        why: 'PostgreSQL refuses ON CONFLICT with columns that no unique key covers (42P10). Make the constraint first, name the columns of one that is there, or say WHERE NOT EXISTS.',
        fixes: (site) =>
          statement.onConflictClause?.action === 'ONCONFLICT_NOTHING' ? unlessThere(site, columns) : [],
      };
    }
  },
};

/** Whether a unique index of the table is the one that the clause describes (infer_arbiter_indexes, optimizer/util/plancat.c). */
function arbiters(catalog: Catalog, table: Table, infer: InferClause): boolean {
  const wanted = new Set(
    (infer.indexElems ?? []).flatMap((node) => {
      if (!('IndexElem' in node)) return [];
      const { name, expr } = node.IndexElem;
      return [name ?? (expr === undefined ? '' : expressionOf(expr).fingerprint)];
    }),
  );
  const covers = (parts: readonly string[]): boolean =>
    parts.length > 0 && parts.every((part) => wanted.has(part)) && new Set(parts).size === wanted.size;
  const constraints = table.constraints.filter(
    (each) => (each.kind === 'unique' || each.kind === 'primaryKey') && !each.deferrable,
  );
  if (constraints.some((each) => covers(each.columns))) return true;
  return table.indexes.some((key) => {
    const index = catalog.relations.get(key);
    if (index?.kind !== 'index' || !index.unique || index.constraint !== undefined) return false;
    return covers(partsOf(index)) && (index.predicate === undefined || infer.whereClause !== undefined);
  });
}

function partsOf(index: Index): readonly string[] {
  return index.elements.map(({ column, expression }) => column ?? expression?.fingerprint ?? '');
}
