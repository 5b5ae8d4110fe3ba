import type { DropStmt } from '@pgsql/types';
import { indexOf, tableOf } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { qualified, relationKey } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { dropForeignKey } from './foreignKeys.ts';
import { dropIndexes } from './indexes.ts';
import { defaultPartition } from './partitions.ts';
import { foreignKeysOf, foreignKeysTo, indexesOf, ownedSequences } from './relations.ts';

/** DROP of any kind: the object, what belongs to it and, with CASCADE, what depends on it (catalog/dependency.c). */
export function dropObjects(statement: DropStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog, scope } = context;
  switch (statement.removeType) {
    case 'OBJECT_INDEX':
      dropIndexes(statement, to, context);
      return;
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
      for (const object of statement.objects ?? []) {
        const { schema, name } = qualified(objectNames(object));
        const key = relationKey(catalog, scope, schema, name);
        if (catalog.relations.has(key) || !statement.missing_ok) dropRelation(key, to, context);
      }
      return;
    case 'OBJECT_SCHEMA':
      for (const object of statement.objects ?? []) {
        const name = objectNames(object).at(-1);
        for (const [key, relation] of catalog.relations.entries()) {
          if (relation.schema === name) dropRelation(key, to, context);
        }
      }
      return;
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      for (const object of statement.objects ?? []) {
        const { schema, name } = qualified(objectNames(object).slice(0, -1));
        const key = relationKey(catalog, scope, schema, name);
        if (catalog.relations.has(key) || !statement.missing_ok) to.lock(key, 'ACCESS EXCLUSIVE');
      }
      return;
    default:
      return;
  }
}

function dropRelation(key: string, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  if (to.isDropped(key)) return;
  to.drop(key);
  for (const index of indexesOf(catalog, key)) to.drop(index);
  for (const sequence of ownedSequences(catalog, key)) to.drop(sequence);
  for (const constraint of foreignKeysOf(catalog, key)) dropForeignKey(to, context, key, constraint);
  for (const { from, constraint } of foreignKeysTo(catalog, key))
    dropForeignKey(to, context, from, constraint);
  const table = tableOf(catalog, key);
  // Its rows belong to the default partition from now on (heap_drop_with_catalog, catalog/heap.c).
  if (table?.partitionOf !== undefined) {
    const rest = defaultPartition(context, table.partitionOf.parent);
    to.lockAll([table.partitionOf.parent, ...(rest === undefined ? [] : [rest])], 'ACCESS EXCLUSIVE');
  }
  for (const child of table?.children ?? []) dropRelation(child, to, context);
  for (const [other, relation] of catalog.relations.entries()) {
    if ('dependsOn' in relation && relation.dependsOn.includes(key)) dropRelation(other, to, context);
  }
  const index = indexOf(catalog, key);
  if (index !== undefined) to.lock(index.table, 'ACCESS EXCLUSIVE');
}
