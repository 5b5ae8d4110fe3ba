import { columnOf, type Table, tableOf } from '../catalog/catalog.ts';
import { droppedConstraints, type Target } from './alterTarget.ts';
import { checksOf } from './partitionBound.ts';
import { implies } from './predicate.ts';
import { withStorage } from './relations.ts';

/** Makes a column NOT NULL, in the tables below too: SET NOT NULL, and what a primary key does to its columns. */
export function makeNotNull({ context, key, tree, lock, to, ...target }: Target, column: string): void {
  const { catalog } = context;
  const table = tableOf(catalog, key);
  // Where the tables below cannot but be NOT NULL too, they are left alone (ATPrepSetNotNull, commands/tablecmds.c).
  const settled = table?.partitionBy !== undefined || context.postgresVersion >= 18;
  if (settled && columnOf(table, column)?.notNull === true) return;
  to.lockAll(tree, lock);
  for (const each of withStorage(catalog, tree)) {
    if (!notNullIsProved(tableOf(catalog, each), column, droppedConstraints(target)))
      to.scan(each, 'notNull', column);
  }
}

/** DROP NOT NULL. Since 18 nothing is looked for below where there is nothing to drop (ATExecDropNotNull). */
export function dropNotNull({ context, key, tree, lock, to, command }: Target): void {
  const nullable = columnOf(tableOf(context.catalog, key), command.name ?? '')?.notNull === false;
  if (context.postgresVersion < 18 || !nullable) to.lockAll(tree, lock);
}

/**
 * Whether SET NOT NULL finds it proved that the column holds no NULL, and so reads no row: the column is NOT NULL
 * already, or validated CHECKs say so (12 and later: NotNullImpliedByRelConstraints, commands/tablecmds.c). A NULL passes
 * a CHECK, so that `col > 0` proves nothing. `dropped`: the constraints that the same statement drops, gone by then.
 */
export function notNullIsProved(
  table: Table | undefined,
  column: string,
  dropped: ReadonlySet<string>,
): boolean {
  if (table === undefined) return false;
  if (columnOf(table, column)?.notNull === true) return true;
  return implies(checksOf(table, dropped), { kind: 'notNull', column });
}
