import type { Node, PartitionBoundSpec } from '@pgsql/types';
import { type Catalog, columnOf, type PartitionKey, type Table, tableOf } from '../catalog/catalog.ts';
import { stringsOf } from '../catalog/resolve.ts';
import { type Constant, implies, negated, type Operator, type Predicate, predicateOf } from './predicate.ts';

/** Nothing proves a predicate that is not known. */
const UNKNOWN: Predicate = { kind: 'other', text: 'a bound that cannot be read' };

/** The validated checks of a table, and what its NOT NULL columns say, as predicates. */
export function checksOf(table: Table, dropped: ReadonlySet<string> = new Set()): readonly Predicate[] {
  const out: Predicate[] = [];
  for (const { kind, validated, enforced, name, expression } of table.constraints) {
    if (kind !== 'check' || !validated || !enforced || dropped.has(name) || expression === undefined)
      continue;
    out.push(predicateOn(table, expression.node));
  }
  for (const column of table.columns)
    if (column.notNull === true) out.push({ kind: 'notNull', column: column.name });
  return out;
}

/** A condition on the rows of a table as a predicate. */
export function predicateOn(table: Table, condition: Node): Predicate {
  return predicateOf(condition, (column, node) => constantOf(table, column, node));
}

/** What is known of a row by the constants it is given. */
export function rowPredicate(table: Table, row: ReadonlyMap<string, Node>): Predicate {
  const parts: Predicate[] = [];
  for (const [column, node] of row) {
    const value = constantOf(table, column, node);
    if (value !== undefined) parts.push({ kind: 'compare', column, operator: '=', value });
    else if ('A_Const' in node && node.A_Const.isnull) parts.push({ kind: 'null', column });
  }
  return { kind: 'and', parts };
}

/**
 * What a row must be to stand in the partition: its bound, and those of the partitioned tables above it
 * (get_qual_from_partbound, partitioning/partbounds.c). Undefined when anything may stand in it.
 */
export function partitionPredicate(
  catalog: Catalog,
  parent: string,
  bound: PartitionBoundSpec | undefined,
): Predicate | undefined {
  const table = tableOf(catalog, parent);
  const own = bound?.is_default ? defaultPredicate(catalog, table) : boundPredicate(table, bound);
  const above = table?.partitionOf;
  if (above === undefined) return own;
  const node = above.bound === 'default' ? { is_default: true } : boundNode(above.bound.node);
  const parts = [own, partitionPredicate(catalog, above.parent, node)].filter((each) => each !== undefined);
  return parts.length === 0 ? undefined : { kind: 'and', parts };
}

/** The bound of a partition as its parent has it, without those further up; undefined when anything may stand in it. */
export function ownPredicate(catalog: Catalog, partition: string): Predicate | undefined {
  const place = tableOf(catalog, partition)?.partitionOf;
  const parent = tableOf(catalog, place?.parent);
  if (place === undefined) return undefined;
  return place.bound === 'default'
    ? defaultPredicate(catalog, parent)
    : boundPredicate(parent, boundNode(place.bound.node));
}

/** The part of `partitionPredicate` that is the bound itself. */
export function boundPredicate(parent: Table | undefined, bound: PartitionBoundSpec | undefined): Predicate {
  const key = parent?.partitionBy;
  if (parent === undefined || key === undefined || bound === undefined) return UNKNOWN;
  if (key.strategy === 'list') return listPredicate(parent, key, bound);
  return key.strategy === 'range' ? rangePredicate(parent, key, bound) : hashPredicate(key, bound);
}

/** The default partition holds what no other one does. */
function defaultPredicate(catalog: Catalog, parent: Table | undefined): Predicate | undefined {
  const others = (parent?.children ?? []).flatMap((child) => {
    const bound = tableOf(catalog, child)?.partitionOf?.bound;
    return bound === undefined || bound === 'default' ? [] : [boundPredicate(parent, boundNode(bound.node))];
  });
  return others.length === 0 ? undefined : negated({ kind: 'or', parts: others });
}

function boundNode(node: Node): PartitionBoundSpec | undefined {
  return 'PartitionBoundSpec' in node ? node.PartitionBoundSpec : undefined;
}

function listPredicate(parent: Table, key: PartitionKey, bound: PartitionBoundSpec): Predicate {
  const column = key.columns[0];
  if (column === undefined) return UNKNOWN;
  const parts: Predicate[] = [];
  let holdsNull = false;
  for (const node of bound.listdatums ?? []) {
    if ('A_Const' in node && node.A_Const.isnull) {
      holdsNull = true;
      continue;
    }
    const value = constantOf(parent, column, node);
    if (value === undefined) return UNKNOWN;
    parts.push({ kind: 'compare', column, operator: '=', value });
  }
  const equal: Predicate = { kind: 'or', parts };
  if (holdsNull) return { kind: 'or', parts: [{ kind: 'null', column }, ...parts] };
  return { kind: 'and', parts: [{ kind: 'notNull', column }, equal] };
}

/**
 * What stands where is up to the type's hash function; only NULLs add nothing to it, so that a row with nothing else in
 * its key stands where the remainder is 0 (compute_partition_hash_value, partitioning/partbounds.c).
 */
function hashPredicate(key: PartitionKey, bound: PartitionBoundSpec): Predicate {
  const columns = key.columns.filter((each) => each !== undefined);
  if (columns.length !== key.columns.length || (bound.remainder ?? 0) === 0) return UNKNOWN;
  const notNull = columns.map((column): Predicate => ({ kind: 'notNull', column }));
  return { kind: 'and', parts: [UNKNOWN, { kind: 'or', parts: notNull }] };
}

/** get_qual_for_range: every column NOT NULL, the lower bound inclusive, the upper one exclusive. */
function rangePredicate(parent: Table, key: PartitionKey, bound: PartitionBoundSpec): Predicate {
  const columns = key.columns.filter((each) => each !== undefined);
  if (columns.length !== key.columns.length) return UNKNOWN;
  const lower = edgePredicate(parent, columns, bound.lowerdatums ?? [], '>');
  const upper = edgePredicate(parent, columns, bound.upperdatums ?? [], '<');
  const notNull = columns.map((column): Predicate => ({ kind: 'notNull', column }));
  return { kind: 'and', parts: [...notNull, ...[lower, upper].filter((each) => each !== undefined)] };
}

/** `(a, b) >= (1, 2)` as `a > 1 OR (a = 1 AND b >= 2)`; undefined where the bound is MINVALUE or MAXVALUE. */
function edgePredicate(
  parent: Table,
  columns: readonly string[],
  datums: readonly Node[],
  beyond: '<' | '>',
): Predicate | undefined {
  const [column, ...rest] = columns;
  const [datum, ...others] = datums;
  if (column === undefined || datum === undefined || 'ColumnRef' in datum) return undefined;
  const value = constantOf(parent, column, datum);
  if (value === undefined) return UNKNOWN;
  const compare = (operator: Operator): Predicate => ({ kind: 'compare', column, operator, value });
  if (rest.length === 0) return compare(beyond === '>' ? '>=' : '<');
  const [next] = others;
  if (next !== undefined && 'ColumnRef' in next) {
    // All of the column's value is in, or nothing of it.
    const isIn = stringsOf(next.ColumnRef.fields).at(-1) === (beyond === '>' ? 'minvalue' : 'maxvalue');
    return compare(isIn ? `${beyond}=` : beyond);
  }
  const further = edgePredicate(parent, rest, others, beyond);
  const tie: Predicate = { kind: 'and', parts: [compare('='), ...(further === undefined ? [] : [further])] };
  return { kind: 'or', parts: [compare(beyond), tie] };
}

/** Whether the table's own constraints prove that all of its rows fit (PartConstraintImpliedByRelConstraint). */
export function isProvedBy(table: Table | undefined, predicate: Predicate | undefined): boolean {
  return predicate === undefined || (table !== undefined && implies(checksOf(table), predicate));
}

const NUMBERS = /^(int[248]|float[48]|numeric|oid)$/;
const DATES = /^(date|timestamp|timestamptz)$/;

/** A literal as a constant that stands in the order of its column's type; casts of literals are looked through. */
function constantOf(table: Table, column: string, node: Node): Constant | undefined {
  if ('TypeCast' in node)
    return node.TypeCast.arg === undefined ? undefined : constantOf(table, column, node.TypeCast.arg);
  if (
    'A_Expr' in node &&
    node.A_Expr.kind === 'AEXPR_OP' &&
    node.A_Expr.lexpr === undefined &&
    node.A_Expr.rexpr
  ) {
    const value = constantOf(table, column, node.A_Expr.rexpr);
    return typeof value === 'number' ? -value : undefined;
  }
  if (!('A_Const' in node)) return undefined;
  const { ival, fval, boolval, sval } = node.A_Const;
  if (ival !== undefined) return ival.ival ?? 0;
  if (fval !== undefined) return Number(fval.fval);
  if (boolval !== undefined) return boolval.boolval ?? false;
  if (sval === undefined) return undefined;
  const text = sval.sval ?? '';
  const type = columnOf(table, column)?.type?.name ?? '';
  if (NUMBERS.test(type)) return Number.isNaN(Number(text)) ? undefined : Number(text);
  if (DATES.test(type)) return instant(text);
  return text;
}

/** Milliseconds of an ISO date or time; without a zone as if in UTC, which keeps the order among their like. */
function instant(text: string): number | undefined {
  const found = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(
    text.trim(),
  );
  if (found === null) return undefined;
  const zone = found[3] === undefined ? 'Z' : found[3].length === 3 ? `${found[3]}:00` : found[3];
  const time = Date.parse(`${found[1]}T${found[2] ?? '00:00'}${zone}`);
  return Number.isNaN(time) ? undefined : time;
}
