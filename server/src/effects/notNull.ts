import { columnOf, type Table } from '../catalog/catalog.ts';
import { checksOf } from './partitionBound.ts';
import { implies } from './predicate.ts';

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
