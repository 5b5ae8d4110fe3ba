import { tableOf } from '../catalog/catalog.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { columnsNamed, insertions, literalRows } from './insertedRows.ts';
import { keywordsSpan } from './place.ts';
import { uniqueKeysOf } from './rowWrites.ts';
import type { Rule } from './rule.ts';
import { isGooseTable } from './versionTables.ts';

export const trackingOnConflict: Rule = {
  id: 'tracking-on-conflict',
  category: 'tracking',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'goose_db_version has no unique constraint on version_id for ON CONFLICT to meet.',
  why: 'goose makes its table with a primary key on id alone. ON CONFLICT (version_id) fails with 42P10, and ON CONFLICT DO NOTHING never meets a conflict: each run adds the rows again. Insert the versions that are not there, with WHERE NOT EXISTS.',
  bad: () => [
    {
      files: [
        '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true), (6, true) ON CONFLICT (version_id) DO NOTHING;\n',
      ],
      fixed:
        '-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) SELECT missing.version_id, missing.is_applied FROM (VALUES (5, true), (6, true)) AS missing (version_id, is_applied) WHERE NOT EXISTS (SELECT FROM goose_db_version AS known WHERE known.version_id = missing.version_id);\n',
    },
    {
      files: [
        'INSERT INTO public.goose_db_version (version_id, is_applied) VALUES (5, true) ON CONFLICT DO NOTHING;',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'INSERT INTO goose_db_version (version_id, is_applied) SELECT 5, true WHERE NOT EXISTS (SELECT FROM goose_db_version WHERE version_id = 5);',
      ],
    },
    {
      files: [
        'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS goose_version ON goose_db_version (version_id);',
        'INSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true) ON CONFLICT (version_id) DO NOTHING;',
      ],
    },
    {
      files: [
        'INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (1, 5, true) ON CONFLICT (id) DO NOTHING;',
      ],
    },
    { files: ["INSERT INTO schema_migrations VALUES ('5') ON CONFLICT (version) DO NOTHING;"] },
  ],

  *checkStep(step) {
    for (const { statement, table } of insertions(step)) {
      const clause = statement.onConflictClause;
      if (!isGooseTable(table) || clause === undefined) continue;
      const columns = (clause.infer?.indexElems ?? []).flatMap((node) =>
        'IndexElem' in node ? (node.IndexElem.name ?? []) : [],
      );
      if (columns.join() === 'id' || hasUniqueVersion(step, table)) continue;
      const never = clause.infer === undefined;
      yield {
        span:
          findKeywords(step.statement, ['on', 'conflict']) ?? keywordsSpan(step.statement, 'insert', 'into'),
        message: never
          ? 'ON CONFLICT never meets a conflict here: goose_db_version has no unique constraint on version_id.'
          : 'This INSERT fails: goose_db_version has no unique constraint on version_id.',
        why: never
          ? 'Each run adds the rows again. Insert the versions that are not there, with WHERE NOT EXISTS.'
          : 'PostgreSQL refuses ON CONFLICT with columns that no unique key covers (42P10). Insert the versions that are not there, with WHERE NOT EXISTS.',
        fixes: (site) => missingOnly(site),
      };
    }
  },
};

function hasUniqueVersion(step: Step, table: string): boolean {
  if (tableOf(step.before, table) === undefined) return false;
  return uniqueKeysOf(step.before, table).some((key) => key.join() === 'version_id');
}

/** VALUES … ON CONFLICT as a SELECT of the versions that are not there. */
function missingOnly({ step, statement }: Site): readonly Fix[] {
  if (step.nested || !('InsertStmt' in step.node)) return [];
  const insertion = step.node.InsertStmt;
  const columns = columnsNamed(insertion);
  const rows = literalRows(insertion);
  const values = findKeywords(step.statement, ['values']);
  const conflict = findKeywords(step.statement, ['on', 'conflict']);
  if (rows === undefined || values === undefined || conflict === undefined || !columns.includes('version_id'))
    return [];
  if (insertion.returningClause !== undefined) return [];
  const { relname = '', schemaname } = insertion.relation ?? {};
  const table =
    schemaname === undefined ? quoteName(relname) : `${quoteName(schemaname)}.${quoteName(relname)}`;
  const names = columns.map(quoteName);
  const list = step.statement.text.slice(values.start, conflict.start).trim();
  const text = [
    `SELECT ${names.map((name) => `missing.${name}`).join(', ')}`,
    `FROM (${list}) AS missing (${names.join(', ')})`,
    `WHERE NOT EXISTS (SELECT FROM ${table} AS known WHERE known.version_id = missing.version_id)`,
  ].join(' ');
  const span = { start: values.start, end: step.statement.text.length };
  return [
    {
      title: 'Insert the versions that are not there (WHERE NOT EXISTS)',
      grade: 'review',
      changes: [{ kind: 'replaceStatement', statement, span, text }],
    },
  ];
}
