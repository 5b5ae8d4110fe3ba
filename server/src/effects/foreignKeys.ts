import type { Catalog, Constraint } from '../catalog/catalog.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import type { LockMode } from './lockMode.ts';
import { type ForeignKey, foreignKeysOf, isPartitioned, partitionTree, withStorage } from './relations.ts';

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

/**
 * Dropping a foreign key drops its triggers on both sides, and locks the tables they are on (RemoveTriggerById). On the
 * referenced side the partitioned tables themselves have such triggers since 15, and a partition's share in its
 * table's foreign key has none there.
 */
export function dropForeignKey(
  to: EffectBuilder,
  context: EffectContext,
  from: string,
  constraint: Constraint,
): void {
  to.lockAll(partitionTree(context.catalog, from), 'ACCESS EXCLUSIVE');
  dropReferencedSide(to, context, constraint);
}

/** The triggers on the referenced side alone, when the foreign key becomes part of another one. */
export function dropReferencedSide(
  to: EffectBuilder,
  { catalog, postgresVersion }: EffectContext,
  constraint: Constraint,
): void {
  if (constraint.references === undefined || constraint.inherited || !constraint.enforced) return;
  const referenced = partitionTree(catalog, constraint.references.table);
  to.lockAll(
    postgresVersion >= 15 ? referenced : withoutPartitioned(catalog, referenced),
    'ACCESS EXCLUSIVE',
  );
}

function withoutPartitioned(catalog: Catalog, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !isPartitioned(catalog, key));
}

/** The foreign key of a partition that serves as its share in the table's own, which then need not be checked for it. */
export function equalForeignKey(
  catalog: Catalog,
  partition: string,
  constraint: Pick<Constraint, 'columns' | 'references'>,
): Constraint | undefined {
  const wanted = constraint.references;
  return foreignKeysOf(catalog, partition).find(
    ({ references: own, columns, validated, inherited }) =>
      validated &&
      !inherited &&
      own?.table === wanted?.table &&
      columns.join() === constraint.columns.join() &&
      own?.columns.join() === wanted?.columns.join() &&
      own?.onDelete === wanted?.onDelete &&
      own?.onUpdate === wanted?.onUpdate,
  );
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
