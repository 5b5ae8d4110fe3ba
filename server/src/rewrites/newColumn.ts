import { columnOf, displayName, tableOf } from '../catalog/catalog.ts';
import type { Site } from '../replay/site.ts';
import { type RowOrder, rowOrder, withoutOrder } from './batches.ts';
import { changedLater, type Refusal } from './offer.ts';
import type { LiveDatabase } from './rewrite.ts';

/**
 * The order in which the old rows get the values of a new column, by migrations after the one that adds it; or why that
 * cannot be. `table` is a key of the catalog, `does` is what is done with it, "filled".
 */
export function orderForNewColumn(
  site: Site,
  database: LiveDatabase,
  table: string,
  column: string,
  does: string,
): { readonly order: RowOrder } | Refusal {
  const end = tableOf(site.end(), table);
  const key = end?.constraints.find(({ kind }) => kind === 'primaryKey');
  if (key?.columns.includes(column)) {
    return {
      refused: `${column} becomes part of the primary key of ${displayName(table)}, which takes no NULL: add the column by itself, and the key by ADD PRIMARY KEY in a migration after all that this one is split into`,
    };
  }
  const order = rowOrder(site.step.before, table, database);
  if (order === undefined) return withoutOrder(table, does);
  // Later migrations must have left it as it is made here.
  return columnOf(end, column)?.path === site.file.path ? { order } : changedLater(column);
}
