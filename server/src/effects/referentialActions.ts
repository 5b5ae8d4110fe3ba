import type { Node } from '@pgsql/types';
import {
  type Catalog,
  type Constraint,
  columnOf,
  type Reference,
  type ReferentialAction,
  tableOf,
} from '../catalog/catalog.ts';
import { isNullConstant } from '../catalog/expression.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { rowPredicate } from './partitionBound.ts';
import { partitionsLeft } from './pruning.ts';
import { foreignKeysOf, foreignKeysToTree, partitionTree } from './relations.ts';

/** What a statement writes into a table. */
export interface Writing {
  readonly event: 'insert' | 'update' | 'delete';
  /** The columns it gives values to; absent when it is all of them. */
  readonly columns?: readonly string[];
  /** What rows are given: those of INSERT … VALUES, or the one of UPDATE … SET. */
  readonly rows?: readonly ReadonlyMap<string, Node>[];
}

/**
 * The tables on the other side of foreign keys that running the statement looks up or changes, taking it that it
 * finds rows (utils/adt/ri_triggers.c). A deferred constraint is looked at only when the transaction ends.
 */
export function fireForeignKeys(
  to: EffectBuilder,
  context: EffectContext,
  tables: readonly string[],
  writing: Writing,
): void {
  for (const table of tables) fire(to, context, table, writing, new Set());
}

function fire(
  to: EffectBuilder,
  context: EffectContext,
  table: string,
  writing: Writing,
  seen: Set<string>,
): void {
  const { catalog } = context;
  const visit = `${writing.event} ${table} ${writing.columns?.join() ?? '*'}`;
  if (seen.has(visit)) return;
  seen.add(visit);
  if (writing.event !== 'delete') {
    for (const constraint of foreignKeysOf(catalog, table)) {
      if (constraint.references === undefined || !isLookedUp(catalog, table, constraint, writing)) continue;
      to.lockAll(lookedUp(catalog, constraint, constraint.references, writing), 'ROW SHARE');
    }
  }
  if (writing.event === 'insert') return;
  for (const { from, constraint } of [
    ...foreignKeysToTree(catalog, table),
    ...selfReferences(catalog, table),
  ]) {
    const reference = constraint.references;
    if (reference === undefined || !constraint.enforced || constraint.deferred) continue;
    const changed =
      writing.columns === undefined || reference.columns.some((each) => writing.columns?.includes(each));
    if (writing.event === 'update' && !changed) continue;
    act(
      to,
      context,
      from,
      constraint,
      writing.event === 'delete' ? reference.onDelete : reference.onUpdate,
      writing,
      seen,
    );
  }
}

function act(
  to: EffectBuilder,
  context: EffectContext,
  from: string,
  constraint: Constraint,
  action: ReferentialAction,
  writing: Writing,
  seen: Set<string>,
): void {
  const tables = partitionTree(context.catalog, from);
  if (action === 'noAction' || action === 'restrict') {
    to.lockAll(tables, 'ROW SHARE');
    return;
  }
  to.lockAll(tables, 'ROW EXCLUSIVE');
  const next: Writing =
    action === 'cascade' && writing.event === 'delete'
      ? { event: 'delete' }
      : { event: 'update', columns: constraint.columns };
  // SET NULL leaves nothing to look up.
  if (action !== 'setNull') for (const each of tables) fire(to, context, each, next, seen);
}

function selfReferences(catalog: Catalog, table: string): { from: string; constraint: Constraint }[] {
  return foreignKeysOf(catalog, table)
    .filter((each) => each.references?.table === table)
    .map((constraint) => ({ from: table, constraint }));
}

/** The referenced table and those of its partitions where the values may be. */
function lookedUp(
  catalog: Catalog,
  constraint: Constraint,
  reference: Reference,
  writing: Writing,
): readonly string[] {
  const table = tableOf(catalog, reference.table);
  if (table?.partitionBy === undefined) return [reference.table];
  const rows = (writing.rows ?? []).map((row) => {
    const values = constraint.columns.flatMap((column, i) => {
      const [value, name] = [row.get(column), reference.columns[i]];
      return value === undefined || name === undefined ? [] : [[name, value] as const];
    });
    return rowPredicate(table, new Map(values));
  });
  return partitionsLeft(
    catalog,
    reference.table,
    rows.length === 0 ? undefined : { kind: 'or', parts: rows },
  );
}

/** Whether new values of the referencing columns are looked up: only when all of them may be given. */
function isLookedUp(catalog: Catalog, table: string, constraint: Constraint, writing: Writing): boolean {
  if (!constraint.enforced || constraint.deferred) return false;
  // A key with a NULL in it points nowhere.
  const empty = writing.rows?.every((row) => constraint.columns.some((each) => isNull(row.get(each))));
  if (empty === true) return false;
  if (writing.columns === undefined) return true;
  if (writing.event === 'update') return constraint.columns.some((each) => writing.columns?.includes(each));
  return constraint.columns.every(
    (each) =>
      writing.columns?.includes(each) || columnOf(tableOf(catalog, table), each)?.default !== undefined,
  );
}

function isNull(value: Node | undefined): boolean {
  return value !== undefined && isNullConstant(value);
}
