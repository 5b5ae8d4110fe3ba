import { displayName, indexOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { indexesOf } from '../effects/relations.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { lockInWords } from './wording.ts';

const VIEW = 'CREATE MATERIALIZED VIEW totals AS SELECT 1 AS shop;';

export const refreshViewNotConcurrent: Rule = {
  id: 'refresh-view-not-concurrent',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['pgls refreshMaterializedViewNotConcurrent', 'pgfence refresh-matview-blocking'],
  summary: 'REFRESH MATERIALIZED VIEW blocks reads of the view until its query is through.',
  why: 'REFRESH takes an ACCESS EXCLUSIVE lock on the view and runs its query: everyone who reads the view waits. REFRESH … CONCURRENTLY lets readers go on. It needs a unique index over columns of the view, without WHERE, and a view that has been filled before; it may run in a transaction.',
  bad: () => [
    { files: ['REFRESH MATERIALIZED VIEW totals;'] },
    {
      files: [
        VIEW,
        'CREATE UNIQUE INDEX CONCURRENTLY totals_shop ON totals (shop);',
        '-- +goose Up\nREFRESH MATERIALIZED VIEW totals;\n',
      ],
      fixed: '-- +goose Up\nREFRESH MATERIALIZED VIEW CONCURRENTLY totals;\n',
    },
    {
      files: [
        `${VIEW}\nCREATE UNIQUE INDEX t ON totals (shop) WHERE shop > 0;`,
        'REFRESH MATERIALIZED VIEW totals;',
      ],
    },
  ],
  good: () => [
    { files: ['REFRESH MATERIALIZED VIEW CONCURRENTLY totals;'] },
    { files: [`${VIEW}\nREFRESH MATERIALIZED VIEW totals;`] },
    { files: ['REFRESH MATERIALIZED VIEW totals WITH NO DATA;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nREFRESH MATERIALIZED VIEW totals;\n'] },
  ],

  statements: ['RefreshMatViewStmt'],
  *checkStep(step) {
    if (!('RefreshMatViewStmt' in step.node)) return;
    const { concurrent, skipData, relation } = step.node.RefreshMatViewStmt;
    const view = keyOfRangeVar(step.before, step.session, relation);
    // WITH NO DATA has no query to run, and no CONCURRENTLY.
    if (concurrent || skipData || isNew(step, view)) return;
    const name = displayName(view);
    const possible = hasUniqueIndex(step, view);
    yield {
      span: keywordsSpan(step.statement, 'refresh', 'materialized', 'view'),
      message: `REFRESH blocks everyone who reads ${name} until its query is through.`,
      why: `It takes ${lockInWords(step, view)}, and holds it while the query runs. ${
        possible
          ? 'REFRESH MATERIALIZED VIEW CONCURRENTLY lets them read on.'
          : `REFRESH MATERIALIZED VIEW CONCURRENTLY would let them read on, but it needs a unique index over columns of ${name}, without WHERE, and none is known: create one first.`
      }`,
      ...(possible ? { fixes: concurrently } : {}),
    };
  },
};

/** matview.c, is_usable_unique_index: over plain columns and all rows. */
function hasUniqueIndex(step: Step, view: string): boolean {
  return indexesOf(step.before, view).some((key) => {
    const index = indexOf(step.before, key);
    return (
      index?.unique === true &&
      index.valid &&
      index.predicate === undefined &&
      index.elements.every(({ column }) => column !== undefined)
    );
  });
}

/** For a person to say: a view that was never filled takes no CONCURRENTLY (55000). */
function concurrently({ step, statement }: Site): readonly Fix[] {
  const offset = statementHead(step.statement)?.kindEnd;
  if (offset === undefined || step.nested) return [];
  return [
    {
      title: 'Refresh the view CONCURRENTLY',
      grade: 'review',
      changes: [{ kind: 'insertClause', statement, offset, text: 'CONCURRENTLY' }],
    },
  ];
}
