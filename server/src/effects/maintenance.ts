import type { ClusterStmt, Node, VacuumStmt } from '@pgsql/types';
import { type Catalog, tableOf, tableTree } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { hasStorage, indexesOf, isPartitioned, withStorage } from './relations.ts';

/**
 * VACUUM and ANALYZE let reads and writes go on; VACUUM FULL writes the table anew (documentation: VACUUM). VACUUM works in
 * transactions of its own, one for each table.
 */
export function vacuum(statement: VacuumStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  if (statement.is_vacuumcmd) to.refuseInTransaction('VACUUM');
  const full = statement.is_vacuumcmd === true && option(statement.options, 'full');
  const named = (statement.rels ?? []).flatMap((node) =>
    'VacuumRelation' in node ? (node.VacuumRelation.relation ?? []) : [],
  );
  const whole = named.length === 0 ? everyTable(catalog) : [];
  for (const key of whole) visit(key, full, to, catalog);
  for (const relation of named) {
    const key = keyOfRangeVar(catalog, context.scope, relation);
    // Partitions are visited with their table (expand_vacuum_rel); since 18 so are tables that inherit.
    const all = relation.inh === true && (isPartitioned(catalog, key) || context.postgresVersion >= 18);
    for (const each of all ? tableTree(catalog, key) : [key]) visit(each, full, to, catalog);
    // Statistics over a table and those that inherit from it are taken from samples of all of them.
    if (!statement.is_vacuumcmd) to.lockAll(withStorage(catalog, tableTree(catalog, key)), 'ACCESS SHARE');
  }
}

function visit(key: string, full: boolean, to: EffectBuilder, catalog: Catalog): void {
  to.lock(key, full ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE');
  if (full && hasStorage(catalog, key)) to.rewrite(key, indexesOf(catalog, key));
}

function everyTable(catalog: Catalog): readonly string[] {
  return [...catalog.relations.entries()].flatMap(([key, { kind }]) =>
    kind === 'table' || kind === 'materializedView' ? [key] : [],
  );
}

function option(options: readonly Node[] | undefined, name: string): boolean {
  const found = options?.find((each) => 'DefElem' in each && each.DefElem.defname === name);
  if (found === undefined || !('DefElem' in found)) return false;
  const value = found.DefElem.arg;
  if (value === undefined) return true;
  const text =
    'String' in value
      ? value.String.sval
      : 'Integer' in value
        ? String(value.Integer.ival ?? 0)
        : 'Boolean' in value
          ? String(value.Boolean.boolval ?? false)
          : 'true';
  return !/^(false|off|0|no)$/i.test(text ?? '');
}

/** CLUSTER writes the table anew in the order of an index: the one it names, or the one it used before. */
export function cluster(statement: ClusterStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  if (statement.relation === undefined) {
    to.refuseInTransaction('CLUSTER');
    for (const [key, relation] of catalog.relations.entries()) {
      if ('clusteredOn' in relation && relation.clusteredOn !== undefined) clusterTable(key, to, catalog);
    }
    return;
  }
  const key = keyOfRangeVar(catalog, context.scope, statement.relation);
  if (tableOf(catalog, key)?.partitionBy !== undefined) {
    // 15 and later cluster a partitioned table, each partition in a transaction of its own; before that it is an error.
    if (context.postgresVersion < 15) return;
    to.refuseInTransaction('CLUSTER');
  }
  clusterTable(key, to, catalog);
}

function clusterTable(key: string, to: EffectBuilder, catalog: Catalog): void {
  for (const each of tableOf(catalog, key)?.partitionBy === undefined ? [key] : tableTree(catalog, key)) {
    to.lock(each, 'ACCESS EXCLUSIVE');
    if (hasStorage(catalog, each)) to.rewrite(each, indexesOf(catalog, each));
  }
}
