import type { AlterTableCmd, CreateStmt, PartitionCmd } from '@pgsql/types';
import { type Index, indexOf, tableOf, tableTree } from '../catalog/catalog.ts';
import { matchingIndex } from '../catalog/indexCopies.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Target } from './alterTarget.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { checkForeignKey, dropReferencedSide, equalForeignKey, lockReferenced } from './foreignKeys.ts';
import { attachIndex, buildIndex } from './indexes.ts';
import type { LockMode } from './lockMode.ts';
import { boundPredicate, isProvedBy, partitionPredicate } from './partitionBound.ts';
import { negated, type Predicate } from './predicate.ts';
import {
  defaultPartition,
  foreignKeysOf,
  foreignKeysTo,
  hasStorage,
  indexesOf,
  indexesWhere,
  isPartitioned,
  partitionedAbove,
  partitionTree,
  withStorage,
} from './relations.ts';

function partitionNode(command: AlterTableCmd): PartitionCmd | undefined {
  return command.def !== undefined && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
}

/**
 * ATTACH PARTITION (12 and later): readers and writers of the parent go on; the new partition is read unless its checks
 * imply the bound, and so is a default partition (ATExecAttachPartition, commands/tablecmds.c).
 */
export function attachPartition(target: Target): void {
  const { context, key, to, command } = target;
  const { catalog } = context;
  const node = partitionNode(command);
  const child = keyOfRangeVar(catalog, context.scope, node?.name);
  if (indexOf(catalog, key) !== undefined) {
    attachIndex(target, child);
    return;
  }
  const tree = tableTree(catalog, child);
  to.lockAll(tree, 'ACCESS EXCLUSIVE');
  scanForBound(to, context, child, partitionPredicate(catalog, key, node?.bound));
  if (node?.bound?.is_default !== true) lockDefaultPartition(to, context, key, node?.bound);
  // To know the whole of its bound, the tables that the parent is a partition of are looked up.
  to.lockAll(partitionedAbove(catalog, key), 'ACCESS SHARE');
  for (const each of indexesOf(catalog, key)) {
    const index = indexOf(catalog, each);
    if (index !== undefined) buildPart(to, context, child, index);
    to.lock(each, 'SHARE UPDATE EXCLUSIVE');
  }
  takeForeignKeys(to, context, key, child);
}

/** Each index of the parent takes an equal one of the partition as its part, or builds one (AttachPartitionEnsureIndexes). */
function buildPart(to: EffectBuilder, context: EffectContext, child: string, index: Index): void {
  const own = tableOf(context.catalog, child);
  if (own !== undefined && matchingIndex(context.catalog, own, index) !== undefined) return;
  buildIndex(to, context, child, index, 'SHARE', index.name);
}

/**
 * A new partition takes over the foreign keys of its table, in both directions (CloneForeignKeyConstraints,
 * commands/tablecmds.c); of its own equal ones the triggers are dropped. Since 15 the tables that reference the
 * partitioned one are locked as for a new foreign key.
 */
function takeForeignKeys(
  to: EffectBuilder,
  context: EffectContext,
  parent: string,
  child: string | undefined,
): void {
  const { catalog } = context;
  for (const constraint of foreignKeysOf(catalog, parent)) {
    if (constraint.references === undefined) continue;
    lockReferenced(to, context, constraint.references.table);
    if (child === undefined) continue;
    const own = equalForeignKey(catalog, child, constraint);
    if (own !== undefined) dropReferencedSide(to, context, own);
    else
      checkForeignKey(
        to,
        context,
        partitionTree(catalog, child),
        constraint.references.table,
        constraint.name,
      );
  }
  for (const { from } of foreignKeysTo(catalog, parent)) {
    const mode = context.postgresVersion >= 15 ? 'SHARE ROW EXCLUSIVE' : 'ACCESS SHARE';
    to.lockAll(partitionTree(catalog, from), mode);
  }
}

/** A new partition takes values away from the default one, which is read unless a check excludes them. */
function lockDefaultPartition(
  to: EffectBuilder,
  context: EffectContext,
  parent: string,
  bound: PartitionCmd['bound'],
): void {
  const rest = defaultPartition(context, parent);
  if (rest === undefined) return;
  to.lock(rest, 'ACCESS EXCLUSIVE');
  scanForBound(to, context, rest, negated(boundPredicate(tableOf(context.catalog, parent), bound)));
}

/** Reads what the constraints of a table, or of the partitions below it, do not prove (QueuePartitionConstraintValidation). */
function scanForBound(
  to: EffectBuilder,
  context: EffectContext,
  key: string,
  predicate: Predicate | undefined,
): void {
  const table = tableOf(context.catalog, key);
  if (isProvedBy(table, predicate)) return;
  if (hasStorage(context.catalog, key)) to.scan(key, 'partitionBound');
  if (table?.partitionBy === undefined) return;
  for (const child of table.children) {
    to.lock(child, 'ACCESS EXCLUSIVE');
    scanForBound(to, context, child, predicate);
  }
}

export function detachLock(command: AlterTableCmd): LockMode {
  return partitionNode(command)?.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
}

/**
 * DETACH PARTITION. The partition itself: SHARE UPDATE EXCLUSIVE until 13, ACCESS EXCLUSIVE since 14, and on every
 * version where triggers go with it; a default partition's bound widens, so it is locked too, and so are tables below the partition
 * (ATExecDetachPartition). CONCURRENTLY (14 and later) works in two transactions.
 */
export function detachPartition({ context, key, to, command }: Target): void {
  const { catalog } = context;
  const node = partitionNode(command);
  const child = keyOfRangeVar(catalog, context.scope, node?.name);
  const triggers = tableOf(catalog, child)?.triggers.some((each) => each.inherited) === true;
  const strong = context.postgresVersion >= 14 || triggers;
  to.lock(child, strong ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE');
  if (isPartitioned(catalog, child)) to.lockAll(tableTree(catalog, child).slice(1), 'ACCESS EXCLUSIVE');
  to.lockAll(
    indexesWhere(catalog, child, (index) => index.attachedTo !== undefined),
    'ACCESS EXCLUSIVE',
  );
  if (node?.concurrent) to.refuseInTransaction('ALTER TABLE ... DETACH CONCURRENTLY');
  else {
    const rest = defaultPartition(context, key);
    if (rest !== undefined) to.lock(rest, 'ACCESS EXCLUSIVE');
  }
  for (const constraint of foreignKeysOf(catalog, child)) {
    if (constraint.inherited && constraint.references)
      lockReferenced(to, context, constraint.references.table);
  }
  // Nothing may reference what leaves, which a query over both finds out (ATDetachCheckNoForeignKeyRefs).
  for (const { from } of foreignKeysTo(catalog, key)) {
    const referencing = partitionTree(catalog, from);
    to.lock(child, 'ACCESS EXCLUSIVE').lockAll(referencing, 'ACCESS EXCLUSIVE');
    const queried = [...referencing, ...partitionTree(catalog, child)];
    for (const each of withStorage(catalog, queried)) to.scan(each, 'read');
  }
}

/** CREATE TABLE … PARTITION OF: the parent's list of partitions changes under everyone's plans (DefineRelation). */
export function createPartition(statement: CreateStmt, to: EffectBuilder, context: EffectContext): void {
  const [node] = statement.inhRelations ?? [];
  if (node === undefined || !('RangeVar' in node)) return;
  const parent = keyOfRangeVar(context.catalog, context.scope, node.RangeVar);
  to.lock(parent, 'ACCESS EXCLUSIVE').lockAll(indexesOf(context.catalog, parent), 'SHARE UPDATE EXCLUSIVE');
  if (statement.partbound?.is_default !== true)
    lockDefaultPartition(to, context, parent, statement.partbound);
  takeForeignKeys(to, context, parent, undefined);
}
