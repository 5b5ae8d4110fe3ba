import { type Catalog, tableOf, tableTree } from '../catalog/catalog.ts';
import { ownPredicate } from './partitionBound.ts';
import { implies, negated, type Predicate } from './predicate.ts';

/**
 * The table and those below it that a query reads: a partition whose bound contradicts a condition of constants is not
 * even opened (12 and later: expand_partitioned_rtentry, optimizer/util/inherit.c), nor is one into which no row goes.
 */
export function partitionsLeft(
  catalog: Catalog,
  key: string,
  condition: Predicate | undefined,
): readonly string[] {
  const table = tableOf(catalog, key);
  if (table === undefined) return [key];
  if (table.partitionBy === undefined) return tableTree(catalog, key);
  const known = condition === undefined ? undefined : strict(condition);
  const left = table.children.filter((child) => {
    const bound = known === undefined ? undefined : ownPredicate(catalog, child);
    return bound === undefined || known === undefined || !implies([known], negated(bound));
  });
  return [key, ...left.flatMap((child) => partitionsLeft(catalog, child, condition))];
}

/** A comparison that is true says that its column is not NULL. */
function strict(condition: Predicate): Predicate {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { kind: condition.kind, parts: condition.parts.map(strict) };
    case 'compare':
      return { kind: 'and', parts: [condition, { kind: 'notNull', column: condition.column }] };
    default:
      return condition;
  }
}
