import type { CreateStmt } from '@pgsql/types';
import { columnConstraints } from '../catalog/defineTable.ts';
import { keyForNewRelation, keyOfRangeVar, qualified, relationKey, stringsOf } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { lockReferenced } from './foreignKeys.ts';
import { createPartition } from './partitions.ts';

/**
 * CREATE TABLE touches what the new table refers to: the tables its foreign keys reference (writes to them wait), what it
 * is LIKE, its parents (DefineRelation, commands/tablecmds.c; transformTableLikeClause, parser/parse_utilcmd.c).
 */
export function createTable(statement: CreateStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog, scope } = context;
  const own = keyForNewRelation(scope, statement.relation);
  if (catalog.relations.has(own)) return;
  if (statement.partbound !== undefined) createPartition(statement, to, context);
  else {
    for (const node of statement.inhRelations ?? []) {
      if ('RangeVar' in node) to.lock(keyOfRangeVar(catalog, scope, node.RangeVar), 'SHARE UPDATE EXCLUSIVE');
    }
  }
  if (statement.ofTypename !== undefined) {
    const { schema, name } = qualified(stringsOf(statement.ofTypename.names));
    to.lock(relationKey(catalog, scope, schema, name), 'ACCESS SHARE');
  }
  for (const element of [...(statement.tableElts ?? []), ...(statement.constraints ?? [])]) {
    if ('TableLikeClause' in element) {
      to.lock(keyOfRangeVar(catalog, scope, element.TableLikeClause.relation), 'ACCESS SHARE');
    }
    const constraints =
      'ColumnDef' in element
        ? columnConstraints(element.ColumnDef)
        : 'Constraint' in element
          ? [element.Constraint]
          : [];
    for (const { contype, pktable } of constraints) {
      const referenced = keyOfRangeVar(catalog, scope, pktable);
      if (contype === 'CONSTR_FOREIGN' && referenced !== own) lockReferenced(to, context, referenced);
    }
  }
}
