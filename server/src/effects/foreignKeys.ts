import { type Constraint, tableOf } from '../catalog/catalog.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import type { LockMode } from './lockMode.ts';
import { type ForeignKey, partitionTree, withStorage } from './relations.ts';

/**
 * A new foreign key puts triggers on both sides. The referenced table, with all its partitions, is locked like the
 * referencing one by itself would be (ATAddForeignKeyConstraint and addFkRecurseReferenced, commands/tablecmds.c).
 */
export function lockReferenced(to: EffectBuilder, { catalog }: EffectContext, referenced: string): void {
  to.lockAll(partitionTree(catalog, referenced), 'SHARE ROW EXCLUSIVE');
}

/**
 * One query for each referencing table looks for rows without a counterpart (RI_Initial_Check, utils/adt/ri_triggers.c):
 * it reads those tables whole; how it looks up the referenced side is the planner's choice.
 */
export function checkForeignKey(
  to: EffectBuilder,
  { catalog }: EffectContext,
  referencing: readonly string[],
  referenced: string,
  subject: string | undefined,
): void {
  for (const table of withStorage(catalog, referencing)) to.scan(table, 'foreignKey', subject);
  for (const table of withStorage(catalog, partitionTree(catalog, referenced))) {
    if (!referencing.includes(table)) to.scan(table, 'read');
  }
}

/** Dropping a foreign key drops its triggers on both sides, and with each goes this lock (RemoveTriggerById). */
export function dropForeignKey(
  to: EffectBuilder,
  { catalog }: EffectContext,
  from: string,
  constraint: Constraint,
): void {
  to.lockAll(partitionTree(catalog, from), 'ACCESS EXCLUSIVE');
  lockReferencedForDrop(to, catalog, constraint);
}

function lockReferencedForDrop(
  to: EffectBuilder,
  catalog: EffectContext['catalog'],
  constraint: Constraint,
): void {
  if (constraint.references === undefined) return;
  to.lockAll(partitionTree(catalog, constraint.references.table), 'ACCESS EXCLUSIVE');
}

/** A foreign key made again, when the type of a column on either side changes: dropped first, then perhaps checked. */
export function remakeForeignKey(
  to: EffectBuilder,
  context: EffectContext,
  key: ForeignKey,
  recheck: boolean,
): void {
  const { from, constraint } = key;
  dropForeignKey(to, context, from, constraint);
  if (!recheck || !constraint.validated || !constraint.enforced || constraint.references === undefined)
    return;
  checkForeignKey(
    to,
    context,
    partitionTree(context.catalog, from),
    constraint.references.table,
    constraint.name,
  );
}

/** VALIDATE of a foreign key reads as adding it does, under weaker locks. */
export function validateForeignKey(
  to: EffectBuilder,
  context: EffectContext,
  from: string,
  constraint: Constraint,
  lock: LockMode,
): void {
  const { catalog } = context;
  const referenced = constraint.references?.table;
  if (referenced === undefined) return;
  const referencing = partitionTree(catalog, from);
  to.lockAll(referencing, lock);
  to.lock(referenced, 'ROW SHARE').lockAll(partitionTree(catalog, referenced).slice(1), 'ACCESS SHARE');
  checkForeignKey(to, context, referencing, referenced, constraint.name);
}

/** Whether the table is referenced by, or references, the one under `key`. */
export function references(context: EffectContext, from: string, key: string): boolean {
  return tableOf(context.catalog, from)?.constraints.some((each) => each.references?.table === key) ?? false;
}
