import type { Node } from '@pgsql/types';
import { type Catalog, tableOf, type Uses } from './catalog.ts';
import { walk } from './expression.ts';
import { keyOfRangeVar, type NameScope, objectKeyParts, stringsOf } from './resolve.ts';

/**
 * The relations that a query or expression reads or writes, and the columns it names of them. `own` is the key of the table
 * that an expression belongs to: its columns need no FROM.
 */
export function usesOf(catalog: Catalog, scope: NameScope, query: unknown, own?: string): Uses {
  const aliases = new Map<string, string>();
  if (own !== undefined) aliases.set(objectKeyParts(own).name, own);
  const local = new Set<string>();
  const columns = new Set<string>();
  walk(query, (kind, body) => {
    if (kind === 'CommonTableExpr' && typeof body.ctename === 'string') local.add(body.ctename);
  });
  const name = (rangeVar: Record<string, unknown>): string | undefined => {
    if (rangeVar.schemaname === undefined && local.has(String(rangeVar.relname))) return undefined;
    const key = keyOfRangeVar(catalog, scope, rangeVar);
    const alias =
      (rangeVar.alias as { aliasname?: string } | undefined)?.aliasname ?? String(rangeVar.relname);
    aliases.set(alias, key);
    return key;
  };
  walk(query, (kind, body) => {
    if (kind === 'RangeVar') name(body);
    // The target of INSERT, UPDATE and DELETE is a bare RangeVar, without the node's wrapper.
    if (!TARGETED.has(kind)) return;
    const key = name(body.relation as Record<string, unknown>);
    for (const each of [...list(body.cols), ...list(body.targetList)]) {
      if (key !== undefined && 'ResTarget' in each) columns.add(`${key}.${each.ResTarget.name ?? ''}`);
    }
  });
  const relations = [...new Set(aliases.values())];
  walk(query, (kind, body) => {
    if (kind === 'ColumnRef')
      for (const each of columnsNamed(catalog, list(body.fields), aliases, relations)) columns.add(each);
  });
  return { dependsOn: relations.filter((each) => each !== own), usesColumns: [...columns] };
}

const TARGETED: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

function list(nodes: unknown): readonly Node[] {
  return (nodes ?? []) as readonly Node[];
}

/** The columns that a reference may mean: of the relation it is qualified with, or of all that have such a column. */
function columnsNamed(
  catalog: Catalog,
  fields: readonly Node[],
  aliases: ReadonlyMap<string, string>,
  relations: readonly string[],
): string[] {
  const names = stringsOf(fields);
  const last = fields.at(-1);
  const star = last !== undefined && 'A_Star' in last;
  const column = star ? undefined : names.at(-1);
  const qualifier = star ? names.at(-1) : names.at(-2);
  const of = qualifier === undefined ? relations : [aliases.get(qualifier) ?? ''];
  return of.flatMap((key) => {
    const known = columnNames(catalog, key);
    if (column === undefined) return known.map((each) => `${key}.${each}`);
    return known.includes(column) || of.length === 1 ? [`${key}.${column}`] : [];
  });
}

function columnNames(catalog: Catalog, key: string): readonly string[] {
  const relation = catalog.relations.get(key);
  if (relation?.kind === 'view' || relation?.kind === 'materializedView') return relation.columns ?? [];
  return tableOf(catalog, key)?.columns.map((each) => each.name) ?? [];
}
