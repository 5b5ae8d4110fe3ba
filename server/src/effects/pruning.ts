import type { Node } from '@pgsql/types';
import { type Catalog, type Table, tableOf, tableTree } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { stringsOf } from '../catalog/resolve.ts';
import { ownPredicate, predicateOn } from './partitionBound.ts';
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

/** The rows that a query is after. */
export interface Filter {
  readonly where: Node | undefined;
  /** Whether the query reads just one relation, so that columns need no name before them. */
  readonly alone: boolean;
}

export const EVERYTHING: Filter = { where: undefined, alone: true };

/** What a WHERE says of one of the query's tables, by the name that it has there. */
export function conditionOn(table: Table, alias: string, { where, alone }: Filter): Predicate | undefined {
  const parts = conjuncts(where).filter((each) => speaksOf(each, alias, alone));
  return parts.length === 0
    ? undefined
    : { kind: 'and', parts: parts.map((each) => predicateOn(table, each)) };
}

function conjuncts(where: Node | undefined): readonly Node[] {
  if (where === undefined) return [];
  if (!('BoolExpr' in where) || where.BoolExpr.boolop !== 'AND_EXPR') return [where];
  return (where.BoolExpr.args ?? []).flatMap(conjuncts);
}

function speaksOf(condition: Node, alias: string, alone: boolean): boolean {
  let only = true;
  walk([condition], (kind, body) => {
    if (kind !== 'ColumnRef') return;
    const names = stringsOf(body.fields as Parameters<typeof stringsOf>[0]);
    const of = names.at(-2);
    if (of === undefined ? !alone : of !== alias) only = false;
  });
  return only;
}
