import type { DropStmt, IndexStmt, ReindexStmt } from '@pgsql/types';
import { indexElement } from '../catalog/addConstraint.ts';
import { type Catalog, type Index, indexOf, objectKey, tableOf } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { keyOf } from '../catalog/edit.ts';
import { expressionOf } from '../catalog/expression.ts';
import { matchingIndex } from '../catalog/indexCopies.ts';
import { keyOfRangeVar, objectKeyParts, qualified, relationKey } from '../catalog/resolve.ts';
import type { Target } from './alterTarget.ts';
import { dropWith } from './dropped.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import type { LockMode } from './lockMode.ts';
import { hasStorage, indexesOf, indexTree, isPartitioned, partitionTree } from './relations.ts';

/**
 * CREATE INDEX blocks writes while it reads the table, CONCURRENTLY it waits for them instead (documentation: Building
 * Indexes Concurrently). On a partitioned table it does the same to each partition, except where an equal index is
 * there already and becomes its part (DefineIndex, commands/indexcmds.c).
 */
export function createIndex(statement: IndexStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  const key = keyOfRangeVar(catalog, context.scope, statement.relation);
  const exists =
    statement.if_not_exists === true &&
    statement.idxname !== undefined &&
    catalog.relations.has(objectKey(objectKeyParts(key).schema, statement.idxname));
  const temporary = tableOf(catalog, key)?.persistence === 'temporary';
  const concurrent = statement.concurrent === true && !temporary;
  if (concurrent) to.refuseInTransaction('CREATE INDEX CONCURRENTLY');
  // With nothing to do the statement is over, and its lock with it, before it waits for anyone.
  if (concurrent && exists) return;
  const mode = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  // All partitions are locked before anything is looked up (ProcessUtilitySlow, tcop/utility.c).
  to.lockAll(statement.relation?.inh === true ? partitionTree(catalog, key) : [key], mode);
  if (exists) return;
  const index: NewIndex = {
    ...NEW_INDEX,
    method: statement.accessMethod ?? 'btree',
    elements: (statement.indexParams ?? []).map(indexElement),
    unique: statement.unique === true,
    ...(statement.whereClause === undefined ? {} : { predicate: expressionOf(statement.whereClause) }),
  };
  if (statement.relation?.inh === true) buildIndex(to, context, key, index, mode, statement.idxname);
  else if (hasStorage(catalog, key)) to.scan(key, 'indexBuild', statement.idxname);
}

/** What decides whether an index that is there is as good as a new one. */
export type NewIndex = Pick<Index, 'method' | 'elements' | 'unique' | 'predicate'>;

export const NEW_INDEX: NewIndex = { method: 'btree', elements: [], unique: false };

/** Builds an index on the table and on each partition that has no equal one to be its part; those below locked with `mode`. */
export function buildIndex(
  to: EffectBuilder,
  context: EffectContext,
  key: string,
  index: NewIndex,
  mode: LockMode,
  name: string | undefined,
): void {
  const { catalog } = context;
  if (hasStorage(catalog, key)) to.scan(key, 'indexBuild', name);
  if (!isPartitioned(catalog, key)) return;
  for (const child of tableOf(catalog, key)?.children ?? []) {
    to.lock(child, mode);
    const table = tableOf(catalog, child);
    const equal = table && matchingIndex(catalog, table, index);
    if (equal === undefined) buildIndex(to, context, child, index, mode, name);
    else to.lock(keyOf(equal), mode);
  }
}

/** DROP INDEX locks the table against reads as well, since plans may use the index (RangeVarCallbackForDropRelation). */
export function dropIndexes(statement: DropStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  if (statement.concurrent) to.refuseInTransaction('DROP INDEX CONCURRENTLY');
  for (const object of statement.objects ?? []) {
    const { schema, name } = qualified(objectNames(object));
    const key = relationKey(catalog, context.scope, schema, name);
    const index = indexOf(catalog, key);
    if (index === undefined && statement.missing_ok) continue;
    if (statement.concurrent) {
      to.lock(key, 'SHARE UPDATE EXCLUSIVE');
      if (index !== undefined) to.lock(index.table, 'SHARE UPDATE EXCLUSIVE');
      continue;
    }
    if (index === undefined) to.drop(key);
    else to.lockAll(partitionTree(catalog, index.table), 'ACCESS EXCLUSIVE');
    dropWith(to, context, (cascade) => cascade.relation(key));
  }
}

/**
 * REINDEX blocks writes to the table and all use of the index, even by plain queries that only plan over it; with
 * CONCURRENTLY nothing (documentation: REINDEX). What works in several transactions refuses to run in one.
 */
export function reindex(statement: ReindexStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  const concurrent = isConcurrent(statement);
  const key = keyOfRangeVar(catalog, context.scope, statement.relation);
  const indexes = indexesToBuild(statement, key, context);
  const named = statement.kind === 'REINDEX_OBJECT_INDEX' ? 'INDEX' : 'TABLE';
  const whole = WHOLE[statement.kind ?? 'REINDEX_OBJECT_TABLE'];
  if (concurrent) to.refuseInTransaction('REINDEX CONCURRENTLY');
  else if (whole !== undefined) to.refuseInTransaction(whole);
  else if (isOverPartitions(catalog, key)) {
    // 12 and 13 do not go down to partitions.
    if (context.postgresVersion >= 14) to.refuseInTransaction(`REINDEX ${named}`);
  }
  const mode = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  const table = indexOf(catalog, key)?.table ?? key;
  const over = isOverPartitions(catalog, key);
  // A partitioned index's table is let go before CONCURRENTLY waits for anyone.
  if (whole === undefined && !(over && concurrent && table !== key)) to.lock(table, mode);
  if (over && context.postgresVersion < 14) return;
  // First all partitions of a table, or parts of an index, are gone through, CONCURRENTLY or not (ReindexPartitions).
  if (over)
    to.lockAll(
      table === key ? partitionTree(catalog, key).slice(1) : indexTree(catalog, key).slice(1),
      'SHARE',
    );
  for (const each of indexes) {
    const index = indexOf(catalog, each);
    to.lock(each, concurrent ? mode : 'ACCESS EXCLUSIVE').reindex(each);
    if (index !== undefined) to.lock(index.table, mode).scan(index.table, 'indexBuild', index.name);
  }
}

const WHOLE: Partial<Record<NonNullable<ReindexStmt['kind']>, string>> = {
  REINDEX_OBJECT_SCHEMA: 'REINDEX SCHEMA',
  REINDEX_OBJECT_DATABASE: 'REINDEX DATABASE',
  REINDEX_OBJECT_SYSTEM: 'REINDEX SYSTEM',
};

function isConcurrent(statement: ReindexStmt): boolean {
  return (statement.params ?? []).some(
    (each) => 'DefElem' in each && each.DefElem.defname === 'concurrently',
  );
}

function isOverPartitions(catalog: Catalog, key: string): boolean {
  return isPartitioned(catalog, key) || indexOf(catalog, key)?.partitioned === true;
}

function indexesToBuild(statement: ReindexStmt, key: string, { catalog }: EffectContext): readonly string[] {
  const stored = (keys: readonly string[]): readonly string[] =>
    keys.filter((each) => indexOf(catalog, each)?.partitioned !== true);
  switch (statement.kind) {
    case 'REINDEX_OBJECT_INDEX':
      return stored(indexTree(catalog, key));
    case 'REINDEX_OBJECT_TABLE':
      return stored(partitionTree(catalog, key).flatMap((table) => indexesOf(catalog, table)));
    case 'REINDEX_OBJECT_SCHEMA':
    case 'REINDEX_OBJECT_DATABASE':
      return stored(
        [...catalog.relations.entries()].flatMap(([each, relation]) =>
          relation.kind === 'index' &&
          (statement.kind === 'REINDEX_OBJECT_DATABASE' || relation.schema === statement.name)
            ? [each]
            : [],
        ),
      );
    default:
      return [];
  }
}

/** CLUSTER ON marks the index for later; nothing is moved. */
export function clusterOn({ context, key, command, to, lock }: Target): void {
  const index = indexesOf(context.catalog, key).find(
    (each) => indexOf(context.catalog, each)?.name === command.name,
  );
  if (index !== undefined) to.lock(index, lock);
}

/** REPLICA IDENTITY USING INDEX looks at the index under the lock that keeps it from changing (ATExecReplicaIdentity). */
export function identityIndex({ context, key, command, to }: Target): void {
  const identity =
    command.def && 'ReplicaIdentityStmt' in command.def ? command.def.ReplicaIdentityStmt : undefined;
  const index = indexesOf(context.catalog, key).find(
    (each) => indexOf(context.catalog, each)?.name === identity?.name,
  );
  if (index !== undefined) to.lock(index, 'SHARE');
}

/** ALTER INDEX … ATTACH PARTITION (ATExecAttachPartitionIdx). */
export function attachIndex(target: Target, part: string): void {
  const { context, key, to } = target;
  to.lock(part, 'ACCESS EXCLUSIVE');
  for (const each of [key, part]) {
    const table = indexOf(context.catalog, each)?.table;
    if (table !== undefined) to.lock(table, 'ACCESS SHARE');
  }
}
