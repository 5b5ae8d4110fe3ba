import { displayName } from '../catalog/catalog.ts';
import { backupFirst } from './backupTable.ts';
import { tokenSpan } from './place.ts';
import { rowWrites } from './rowWrites.ts';
import type { Rule } from './rule.ts';

export const deleteWithoutWhere: Rule = {
  id: 'delete-without-where',
  category: 'data',
  level: 'warning',
  since: '0.1.0',
  peers: ['pgls deleteWithoutWhere', 'Bytebase statement.where.require'],
  summary: 'DELETE without WHERE removes every row.',
  why: 'Often the condition was forgotten. Where all rows are meant to go, keep a copy of them as long as they could be wanted back: after the commit nothing else brings them back.',
  bad: () => [
    {
      files: ['CREATE TABLE carts (id bigint);', 'DELETE FROM carts;'],
      fixed: 'CREATE TABLE IF NOT EXISTS carts_backup AS TABLE carts;\nDELETE FROM carts;',
    },
    { files: ['-- +goose Up\nDELETE FROM shop.carts AS c USING orders RETURNING c.id;\n'] },
    { files: ['DELETE FROM carts WHERE true;'] },
    { files: ['WITH old AS (DELETE FROM carts RETURNING *) INSERT INTO archive SELECT * FROM old;'] },
    { files: ['DO $$ BEGIN\n  DELETE FROM carts;\nEND $$;'] },
  ],
  good: () => [
    { files: ['DELETE FROM carts WHERE id = 1;'] },
    { files: ['UPDATE carts SET state = 1;'] },
    { files: ['CREATE TABLE carts (id bigint);\nDELETE FROM carts;'] },
    { files: ['CREATE TEMP TABLE carts (id bigint);\nDELETE FROM carts;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nDELETE FROM carts;\n'] },
  ],

  *checkStep(step) {
    for (const { verb, table, statement } of rowWrites(step)) {
      if (verb !== 'DELETE' || !(statement.whereClause === undefined || isTrue(statement.whereClause)))
        continue;
      yield {
        span: tokenSpan(step.statement, 'delete'),
        message: `This DELETE has no condition: it removes every row of ${displayName(table)}.`,
        why: 'After the commit nothing brings them back. Add the condition that is missing, or keep a copy where all are meant.',
        fixes: (site) => ('DeleteStmt' in step.node ? backupFirst(site, table) : []),
      };
    }
  },
};

function isTrue(condition: object): boolean {
  return (
    'A_Const' in condition &&
    (condition.A_Const as { boolval?: { boolval?: boolean } }).boolval?.boolval === true
  );
}
