import type { Node } from '@pgsql/types';
import { type Catalog, tableOf, tableTree } from '../catalog/catalog.ts';
import { boundPredicate, predicateOn } from './partitionBound.ts';
import { implies, negated, type Predicate } from './predicate.ts';

/**
 * The table and those below it that a query reads: a partition whose bound contradicts a WHERE of constants is not even
 * opened (12 and later: expand_partitioned_rtentry, optimizer/util/inherit.c).
 */
export function partitionsLeft(catalog: Catalog, key: string, where: Node | undefined): readonly string[] {
  const table = tableOf(catalog, key);
  if (table === undefined) return [key];
  if (table.partitionBy === undefined) return tableTree(catalog, key);
  const condition = where === undefined ? undefined : predicateOn(table, where);
  return [key, ...table.children.flatMap((child) => below(catalog, key, child, condition, where))];
}

function below(
  catalog: Catalog,
  parent: string,
  child: string,
  condition: Predicate | undefined,
  where: Node | undefined,
): readonly string[] {
  const bound = tableOf(catalog, child)?.partitionOf?.bound;
  const spec =
    bound !== undefined && bound !== 'default' && 'PartitionBoundSpec' in bound.node
      ? bound.node.PartitionBoundSpec
      : undefined;
  if (condition !== undefined && spec !== undefined) {
    if (implies([condition], negated(boundPredicate(tableOf(catalog, parent), spec)))) return [];
  }
  return partitionsLeft(catalog, child, where);
}
