import type { RangeVar } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { toolOfVersionTable } from './versionTables.ts';

export const trackingTableWrite: Rule = {
  id: 'tracking-table-write',
  category: 'tracking',
  level: 'warning',
  since: '0.1.0',
  peers: [],
  summary: 'The migration writes to the table in which a tool keeps what has been applied.',
  why: 'The tool reads that table before it starts and writes to it itself, in the same transaction as the migration. What a migration changes there, the tool does not see until its next run: then it passes over migrations that never ran, or runs some twice. Use the tool’s own command, outside of migrations.',
  bad: () => [
    { files: ['-- +goose Up\nINSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true);\n'] },
    { files: ["UPDATE public.alembic_version SET version_num = 'ae1027a6acf';"] },
    { files: ['DELETE FROM schema_migrations WHERE version = 5;'] },
    { files: ['TRUNCATE orders, flyway_schema_history;'] },
    { files: ['DROP TABLE IF EXISTS _sqlx_migrations;'] },
    { files: ['WITH gone AS (DELETE FROM _prisma_migrations RETURNING id) SELECT count(*) FROM gone;'] },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nDELETE FROM goose_db_version WHERE version_id = 5;\n',
      ],
    },
  ],
  good: () => [
    { files: ['SELECT max(version_id) FROM goose_db_version;'] },
    { files: ['INSERT INTO audit SELECT version_id FROM goose_db_version;'] },
    { files: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS g_i ON goose_db_version (version_id);'] },
    { files: ['DELETE FROM orders USING schema_migrations;'] },
  ],

  *checkStep(step) {
    for (const { table, verb, name } of writes(step)) {
      const tool = toolOfVersionTable(table);
      if (tool === undefined) continue;
      yield {
        span: tokenSpan(step.statement, name),
        message: `${verb} of ${displayName(table)}, in which ${tool} keeps what has been applied.`,
        why: 'The tool has read it before this runs and writes to it afterwards: what stands there then may not be what has run. Use the tool’s own command.',
      };
    }
  },
};

interface Write {
  readonly verb: string;
  readonly table: string;
  readonly name: string;
}

const VERBS: Readonly<Partial<Record<string, string>>> = {
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
  MergeStmt: 'MERGE',
};

function writes(step: Step): readonly Write[] {
  const { node, before, session } = step;
  const verb = 'TruncateStmt' in node ? 'TRUNCATE' : 'DropStmt' in node ? 'DROP' : undefined;
  if (verb !== undefined) return step.mentions.map(({ key, name }) => ({ verb, table: key, name }));
  const found: Write[] = [];
  if (!WRITING.some((kind) => kind in node)) return found;
  walk(node, (kind, body) => {
    const verb = VERBS[kind];
    const relation = body.relation as RangeVar | undefined;
    if (verb === undefined || relation?.relname === undefined) return;
    found.push({ verb, table: keyOfRangeVar(before, session, relation), name: relation.relname });
  });
  return found;
}

const WRITING = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'SelectStmt'] as const;
