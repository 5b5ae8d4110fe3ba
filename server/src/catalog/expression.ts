import type { Node } from '@pgsql/types';
import { PLACES } from '../sql/textOffsets.ts';
import type { Expression, Index } from './catalog.ts';

/** A tree as an expression value. */
export function expressionOf(node: Node): Expression {
  return { node, fingerprint: JSON.stringify(node, withoutPlace) };
}

function withoutPlace(key: string, value: unknown): unknown {
  return PLACES.has(key) ? undefined : value;
}

/** Calls `visit` for every node of a tree: its kind and its body, outermost first. */
export function walk(node: unknown, visit: (kind: string, body: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  // Every statement goes through here many times: written for speed.
  for (const key in node) {
    const value = (node as Record<string, unknown>)[key];
    if (typeof value !== 'object' || value === null) continue;
    const first = key.charCodeAt(0);
    if (first >= 65 && first <= 90 && !Array.isArray(value)) visit(key, value as Record<string, unknown>);
    walk(value, visit);
  }
}

/**
 * Whether two expressions say the same: equal trees, or such where one names the schema of a type, a function or a
 * relation and the other leaves it to the search path, as pg_dump and people do.
 */
export function sameExpression(a: Expression | undefined, b: Expression | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.fingerprint === b.fingerprint || sameTree(a.node, b.node);
}

function sameTree(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, i) => sameTree(each, b[i]));
  const [one, other] = [a, b] as Record<string, unknown>[];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => {
    const [x, y] = [one?.[key], other?.[key]];
    if (PLACES.has(key) || (key === 'schemaname' && (x === undefined || y === undefined))) return true;
    return QUALIFIED.has(key) && Array.isArray(x) && Array.isArray(y) ? sameName(x, y) : sameTree(x, y);
  });
}

/** Where trees have the name of a type or a function as a list: its schema, if it has one, and its own. */
const QUALIFIED: ReadonlySet<string> = new Set(['names', 'funcname']);

function sameName(a: readonly unknown[], b: readonly unknown[]): boolean {
  const parts = Math.min(a.length, b.length);
  return sameTree(a.slice(a.length - parts), b.slice(b.length - parts));
}

/** The names of the columns an expression refers to, without their qualifiers, each once. */
export function columnsIn(node: unknown): readonly string[] {
  const names = new Set<string>();
  walk(node, (kind, body) => {
    if (kind !== 'ColumnRef') return;
    const fields = body.fields as readonly Node[] | undefined;
    const last = fields?.at(-1);
    if (last !== undefined && 'String' in last && last.String.sval !== undefined) names.add(last.String.sval);
  });
  return [...names];
}

/** Whether an index has the column among its keys, its included columns, its expressions or its predicate. */
export function indexUses(index: Index, column: string): boolean {
  return (
    index.elements.some(
      (each) => each.column === column || columnsIn(each.expression?.node).includes(column),
    ) ||
    index.include.includes(column) ||
    columnsIn(index.predicate?.node).includes(column)
  );
}

/** NULL, also under a cast: as a default it is none. */
export function isNullConstant(node: Node): boolean {
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isNullConstant(node.TypeCast.arg);
  return 'A_Const' in node && node.A_Const.isnull === true;
}
