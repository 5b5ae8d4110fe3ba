import type { AlterTableCmd, CreateStmt, PartitionCmd } from '@pgsql/types';
import { indexOf, tableOf, tableTree } from '../catalog/catalog.ts';
import { matchingIndex } from '../catalog/defineTable.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Target } from './alterTarget.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { checkForeignKey, lockReferenced } from './foreignKeys.ts';
import { attachIndex } from './indexes.ts';
import type { LockMode } from './lockMode.ts';
import { boundPredicate, isProvedBy, partitionPredicate } from './partitionBound.ts';
import { negated, type Predicate } from './predicate.ts';
import { foreignKeysOf, hasStorage, indexesOf, partitionTree } from './relations.ts';

function partitionNode(command: AlterTableCmd): PartitionCmd | undefined {
  return command.def !== undefined && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
}

export function defaultPartition(context: EffectContext, parent: string): string | undefined {
  return tableOf(context.catalog, parent)?.children.find(
    (each) => tableOf(context.catalog, each)?.partitionOf?.bound === 'default',
  );
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
  attachIndexes(target, child);
  for (const constraint of foreignKeysOf(catalog, key)) {
    if (constraint.references === undefined) continue;
    lockReferenced(to, context, constraint.references.table);
    const there = foreignKeysOf(catalog, child).some(
      (each) =>
        each.references?.table === constraint.references?.table &&
        each.columns.join() === constraint.columns.join(),
    );
    if (!there) checkForeignKey(to, context, tree, constraint.references.table, constraint.name);
  }
}

/** Each index of the parent takes an equal one of the partition as its part, or builds one (AttachPartitionEnsureIndexes). */
function attachIndexes({ context, key, to }: Target, child: string): void {
  const { catalog } = context;
  for (const each of indexesOf(catalog, key)) {
    const index = indexOf(catalog, each);
    if (index === undefined) continue;
    for (const table of partitionTree(catalog, child)) {
      const own = tableOf(catalog, table);
      const match = own === undefined ? undefined : matchingIndex(catalog, own, index);
      if (match === undefined && hasStorage(catalog, table)) to.scan(table, 'indexBuild', index.name);
    }
    to.lock(each, 'SHARE UPDATE EXCLUSIVE');
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
 * DETACH PARTITION. The partition itself: SHARE UPDATE EXCLUSIVE until 13, ACCESS EXCLUSIVE since 14; a default partition's
 * bound widens, so it is locked too (ATExecDetachPartition). CONCURRENTLY (14 and later) works in two transactions.
 */
export function detachPartition({ context, key, to, command }: Target): void {
  const node = partitionNode(command);
  const child = keyOfRangeVar(context.catalog, context.scope, node?.name);
  if (node?.concurrent) to.refuseInTransaction('ALTER TABLE ... DETACH CONCURRENTLY');
  to.lock(child, context.postgresVersion >= 14 ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE');
  const rest = defaultPartition(context, key);
  if (rest !== undefined && rest !== child && !node?.concurrent) to.lock(rest, 'ACCESS EXCLUSIVE');
  for (const constraint of foreignKeysOf(context.catalog, child)) {
    if (constraint.inherited && constraint.references)
      lockReferenced(to, context, constraint.references.table);
  }
}

/** CREATE TABLE … PARTITION OF: the parent's list of partitions changes under everyone's plans (DefineRelation). */
export function createPartition(statement: CreateStmt, to: EffectBuilder, context: EffectContext): void {
  const [node] = statement.inhRelations ?? [];
  if (node === undefined || !('RangeVar' in node)) return;
  const parent = keyOfRangeVar(context.catalog, context.scope, node.RangeVar);
  to.lock(parent, 'ACCESS EXCLUSIVE');
  if (statement.partbound?.is_default !== true)
    lockDefaultPartition(to, context, parent, statement.partbound);
  for (const constraint of foreignKeysOf(context.catalog, parent)) {
    if (constraint.references) lockReferenced(to, context, constraint.references.table);
  }
}
