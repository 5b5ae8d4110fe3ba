import { objectKeyParts } from '../catalog/resolve.ts';
import { settingOf } from '../replay/session.ts';
import { mentionSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const schemaQualifiedNames: Rule = {
  id: 'schema-qualified-names',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['Bytebase table.schema-qualified', 'pgls'],
  summary: 'A name without its schema means what search_path makes of it.',
  why: 'Which schema an unqualified name stands for depends on the search_path of the role, the database and the connection. Where that differs between environments, the migration works on another table, or makes one in the wrong place. A SET search_path in the file settles it too.',
  bad: () => [
    { files: ['CREATE TABLE orders (id bigint);'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD COLUMN a int;\n'] },
    { files: ['CREATE INDEX o_i ON orders (id);'] },
    { files: ['DROP TABLE shop.carts, orders;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE public.orders (id bigint);'] },
    { files: ['CREATE INDEX o_i ON shop.orders (id);\nALTER TABLE shop.orders ADD COLUMN a int;'] },
    { files: ['SET search_path TO shop;\nCREATE TABLE orders (id bigint);'] },
    { files: ['CREATE TEMP TABLE batch (id bigint);\nDROP TABLE batch;'] },
    { files: ['WITH x AS (SELECT 1) SELECT * FROM x;'] },
    { files: ['SELECT * FROM orders;'] },
    { files: ['CREATE SCHEMA shop;\nCREATE EXTENSION citext;'] },
  ],

  *checkStep(step) {
    if (settingOf(step.session, 'search_path') !== undefined || READS.some((kind) => kind in step.node))
      return;
    const seen = new Set<string>();
    for (const mention of step.mentions) {
      if (!QUALIFIED.has(mention.kind) || mention.schema !== undefined || mention.part !== undefined)
        continue;
      // CREATE INDEX takes no schema: the index goes where its table is. Nor does the new name of a RENAME.
      if (mention.role === 'makes' && (mention.kind === 'index' || 'RenameStmt' in step.node)) continue;
      if (objectKeyParts(mention.key).schema === 'pg_temp' || seen.has(mention.key)) continue;
      seen.add(mention.key);
      yield {
        span: mentionSpan(step.statement, mention),
        message: `${mention.name} is named without its schema: search_path decides which one it is.`,
        why: 'Where that differs between environments, the migration works on another object. Write the schema before the name.',
      };
    }
  },
};

const QUALIFIED: ReadonlySet<string> = new Set([
  'table',
  'view',
  'materialized view',
  'index',
  'sequence',
  'relation',
  'type',
]);

const READS = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'] as const;
