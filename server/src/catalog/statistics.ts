import type { CreateStatsStmt } from '@pgsql/types';
import type { Catalog } from './catalog.ts';
import { type ApplyScope, keyOf } from './edit.ts';
import { columnsIn } from './expression.ts';
import { columnsPart } from './generatedNames.ts';
import { keyForNew, keyOfRangeVar, objectKeyParts, qualified, stringsOf } from './resolve.ts';

/** CREATE STATISTICS; without a name (16 and later) it is named after its table and columns. */
export function createStatistics(catalog: Catalog, scope: ApplyScope, statement: CreateStatsStmt): Catalog {
  const [relation] = statement.relations ?? [];
  if (relation === undefined || !('RangeVar' in relation)) return catalog;
  const table = keyOfRangeVar(catalog, scope, relation.RangeVar);
  const elements = (statement.exprs ?? []).flatMap((node) => ('StatsElem' in node ? [node.StatsElem] : []));
  const columns = elements.flatMap((each) => (each.name === undefined ? columnsIn(each.expr) : [each.name]));
  const { schema, name } = qualified(stringsOf(statement.defnames));
  const owner = objectKeyParts(table);
  const own =
    name === ''
      ? { schema: owner.schema, name: `${owner.name}_${columnsPart(elements.map((each) => each.name))}_stat` }
      : objectKeyParts(keyForNew(scope, schema, name));
  const key = keyOf(own);
  if (catalog.statistics.has(key)) return catalog;
  return {
    ...catalog,
    statistics: catalog.statistics.set(key, { ...own, table, columns, path: scope.path }),
  };
}
