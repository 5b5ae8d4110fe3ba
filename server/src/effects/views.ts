import type { CreateTableAsStmt, RefreshMatViewStmt, ViewStmt } from '@pgsql/types';
import { keyForNewRelation, keyOfRangeVar } from '../catalog/resolve.ts';
import { EffectBuilder, type EffectContext } from './effect.ts';
import { lockQuery } from './queries.ts';
import { indexesOf, withStorage } from './relations.ts';

/** CREATE VIEW looks at what its query names; OR REPLACE changes a view that others may be reading (DefineVirtualRelation). */
export function createView(statement: ViewStmt, to: EffectBuilder, context: EffectContext): void {
  const key = keyForNewRelation(context.scope, statement.view);
  if (context.catalog.relations.has(key)) to.lock(key, 'ACCESS EXCLUSIVE');
  lockQuery(statement.query, to, context, 'analyze');
}

/** CREATE TABLE AS, CREATE MATERIALIZED VIEW and SELECT INTO run their query, unless WITH NO DATA (ExecCreateTableAs). */
export function createTableAs(statement: CreateTableAsStmt, to: EffectBuilder, context: EffectContext): void {
  if (
    statement.if_not_exists &&
    context.catalog.relations.has(keyForNewRelation(context.scope, statement.into?.rel))
  ) {
    return;
  }
  if (statement.into?.skipData) lockQuery(statement.query, to, context, 'analyze');
  else readBy(statement.query, to, context);
}

/** What a query reads, and that it may read all of it. */
export function readBy(query: CreateTableAsStmt['query'], to: EffectBuilder, context: EffectContext): void {
  const own = new EffectBuilder();
  lockQuery(query, own, context, 'run');
  for (const { relation, mode } of own.build().locks) {
    to.lock(relation, mode);
    for (const table of withStorage(context.catalog, [relation])) to.scan(table, 'read');
  }
}

/**
 * REFRESH MATERIALIZED VIEW puts a new heap with new indexes in place of the old; CONCURRENTLY lets readers go on and
 * writes the difference into it (documentation: REFRESH MATERIALIZED VIEW). It may run in a transaction either way.
 */
export function refresh(statement: RefreshMatViewStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  const key = keyOfRangeVar(catalog, context.scope, statement.relation);
  const view = catalog.relations.get(key);
  if (view !== undefined && view.kind !== 'materializedView') return;
  if (statement.concurrent) to.lock(key, 'EXCLUSIVE').scan(key, 'read');
  else {
    to.lock(key, 'ACCESS EXCLUSIVE').copy(key);
    for (const index of indexesOf(catalog, key)) to.lock(index, 'ACCESS EXCLUSIVE').reindex(index);
    if (indexesOf(catalog, key).length > 0 && !statement.skipData) to.scan(key, 'indexBuild');
  }
  if (view !== undefined && !statement.skipData) readBy(view.query.node, to, context);
}
