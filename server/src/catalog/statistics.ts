import type { CreateStatsStmt } from '@pgsql/types';
import type { Catalog, Statistics } from './catalog.ts';
import { type ApplyScope, keyOf } from './edit.ts';
import { columnsIn } from './expression.ts';
import { columnsPart, generatedName } from './generatedNames.ts';
import { keyForNew, keyOfRangeVar, objectKeyParts, qualified, stringsOf } from './resolve.ts';

/** CREATE STATISTICS; without a name (16 and later) it is named after its table and columns. */
export function createStatistics(catalog: Catalog, scope: ApplyScope, statement: CreateStatsStmt): Catalog {
  const [relation] = statement.relations ?? [];
  if (relation === undefined || !('RangeVar' in relation)) return catalog;
  const table = keyOfRangeVar(catalog, scope, relation.RangeVar);
  const elements = (statement.exprs ?? []).flatMap((node) => ('StatsElem' in node ? [node.StatsElem] : []));
  const columns = elements.flatMap((each) => (each.name === undefined ? columnsIn(each.expr) : [each.name]));
  const { schema, name } = qualified(stringsOf(statement.defnames));
  const own =
    name === ''
      ? generated(
          catalog,
          table,
          elements.map((each) => each.name),
        )
      : objectKeyParts(keyForNew(scope, schema, name));
  return put(catalog, { ...own, table, columns, path: scope.path });
}

/** LIKE … INCLUDING STATISTICS: each named as if it had no name. */
export function copyStatistics(catalog: Catalog, scope: ApplyScope, from: string, table: string): Catalog {
  let next = catalog;
  for (const each of catalog.statistics.values()) {
    if (each.table !== from) continue;
    const own = generated(next, table, each.columns);
    next = put(next, { ...own, table, columns: each.columns, path: scope.path });
  }
  return next;
}

function put(catalog: Catalog, statistics: Statistics): Catalog {
  const key = keyOf(statistics);
  if (catalog.statistics.has(key)) return catalog;
  return { ...catalog, statistics: catalog.statistics.set(key, statistics) };
}

/** The name of statistics without one: `table_columns_stat` (ChooseExtendedStatisticName, commands/statscmds.c). */
function generated(
  catalog: Catalog,
  table: string,
  columns: readonly (string | undefined)[],
): { schema: string; name: string } {
  const { schema, name: owner } = objectKeyParts(table);
  const taken = (name: string): boolean => catalog.statistics.has(keyOf({ schema, name }));
  return { schema, name: generatedName(catalog, schema, owner, columnsPart(columns), 'stat', taken) };
}
