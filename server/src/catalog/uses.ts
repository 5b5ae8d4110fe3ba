import type { Node } from '@pgsql/types';
import type { Catalog, Uses } from './catalog.ts';
import { walk } from './expression.ts';
import { keyOfRangeVar, type NameScope, stringsOf } from './resolve.ts';

/** The relations that a query reads, and the columns it names of them. */
export function usesOf(catalog: Catalog, scope: NameScope, query: unknown): Uses {
  const aliases = new Map<string, string>();
  const relations = new Set<string>();
  const local = new Set<string>();
  walk(query, (kind, body) => {
    if (kind === 'CommonTableExpr' && typeof body.ctename === 'string') local.add(body.ctename);
  });
  walk(query, (kind, body) => {
    if (kind !== 'RangeVar' || (body.schemaname === undefined && local.has(String(body.relname)))) return;
    const key = keyOfRangeVar(catalog, scope, body);
    relations.add(key);
    const alias = (body.alias as { aliasname?: string } | undefined)?.aliasname ?? String(body.relname);
    aliases.set(alias, key);
  });
  const columns = new Set<string>();
  walk(query, (kind, body) => {
    if (kind !== 'ColumnRef') return;
    const fields = (body.fields ?? []) as readonly Node[];
    const last = fields.at(-1);
    const names = stringsOf(fields);
    const star = last !== undefined && 'A_Star' in last;
    const column = star ? undefined : names.at(-1);
    const qualifier = star ? names.at(-1) : names.at(-2);
    const of = qualifier === undefined ? [...relations] : [aliases.get(qualifier) ?? ''];
    for (const key of of) {
      const known = catalog.relations.get(key);
      const all = known && 'columns' in known ? (known.columns ?? []) : [];
      const every = all.map((each) => (typeof each === 'string' ? each : each.name));
      for (const each of column === undefined ? every : [column]) {
        if (column === undefined || every.includes(each) || of.length === 1) columns.add(`${key}.${each}`);
      }
    }
  });
  return { dependsOn: [...relations], usesColumns: [...columns] };
}
