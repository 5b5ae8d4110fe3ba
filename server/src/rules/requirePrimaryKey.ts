import { displayName, type Table, tableOf } from '../catalog/catalog.ts';
import { keyForNewRelation } from '../catalog/resolve.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const requirePrimaryKey: Rule = {
  id: 'require-primary-key',
  category: 'style',
  level: 'off',
  since: '0.1.0',
  peers: ['Bytebase table.require-pk', 'splinter no_primary_key'],
  summary: 'A table without a primary key.',
  why: 'Without a primary key no row can be told from another: logical replication refuses UPDATE and DELETE on the table, tools that work in batches find no handle, and duplicates stay.',
  bad: () => [
    { files: ['CREATE TABLE orders (id bigint);'] },
    { files: ['-- +goose Up\nCREATE TABLE orders AS SELECT 1 AS id;\n'] },
  ],
  good: () => [
    { files: ['CREATE TABLE orders (id bigint PRIMARY KEY);'] },
    { files: ['CREATE TABLE orders (id bigint);\nALTER TABLE orders ADD PRIMARY KEY (id);'] },
    { files: ['CREATE TEMP TABLE batch (id bigint);'] },
    { files: ['CREATE TABLE a (id bigint);\nDROP TABLE a;'] },
    {
      files: [
        'CREATE TABLE e (id int PRIMARY KEY) PARTITION BY RANGE (id);',
        'CREATE TABLE e1 PARTITION OF e DEFAULT;',
      ],
    },
    { files: ['CREATE TABLE e1 PARTITION OF e DEFAULT;'] },
    { files: ['CREATE TABLE copy (LIKE orders INCLUDING ALL);'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE TABLE orders (id bigint);\n'] },
  ],

  scriptConcerns: ({ node }) => 'CreateStmt' in node || 'CreateTableAsStmt' in node,
  *checkScript({ script, after }, _history, concerning) {
    if (script.direction === 'down') return;
    for (const step of concerning) {
      const relation =
        'CreateStmt' in step.node
          ? step.node.CreateStmt.relation
          : 'CreateTableAsStmt' in step.node
            ? step.node.CreateTableAsStmt.into?.rel
            : undefined;
      if (relation === undefined || relation.relpersistence === 't') continue;
      const key = keyForNewRelation(step.session, relation);
      const made = tableOf(after, key);
      if (made === undefined || step.before.relations.has(key) || mayHaveKey(made, step.node)) continue;
      yield {
        step,
        span: statementHead(step.statement)?.name?.last ?? keywordsSpan(step.statement, 'create', 'table'),
        message: `The table ${displayName(key)} has no primary key.`,
        why: 'Its rows cannot be told apart: logical replication refuses to update or delete them.',
      };
    }
  },
};

/** Whether it has one, or gets one from a table that the history does not show. */
function mayHaveKey(table: Table, node: object): boolean {
  if (table.constraints.some((each) => each.kind === 'primaryKey')) return true;
  return (
    table.partitionOf !== undefined ||
    table.kind === 'foreignTable' ||
    ('CreateStmt' in node && !table.complete)
  );
}
