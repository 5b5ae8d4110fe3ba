import { Cascade } from '../catalog/cascade.ts';
import { tableOf } from '../catalog/catalog.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { dropForeignKey } from './foreignKeys.ts';
import { defaultPartition } from './relations.ts';

/**
 * What `drop` takes away, with all that goes with it: whatever part of a relation goes, the relation is locked against
 * everything (doDeletion and its like, catalog/dependency.c).
 */
export function dropWith(to: EffectBuilder, context: EffectContext, drop: (cascade: Cascade) => void): void {
  const { catalog, scope } = context;
  const cascade = new Cascade(catalog, { ...scope, path: '' });
  drop(cascade);
  for (const key of cascade.dropped) {
    to.drop(key);
    const parent = tableOf(catalog, key)?.partitionOf?.parent;
    // Its rows belong to the default partition from now on (heap_drop_with_catalog, catalog/heap.c).
    const rest = parent === undefined ? undefined : defaultPartition(context, parent);
    for (const each of [parent, rest]) if (each !== undefined) to.lock(each, 'ACCESS EXCLUSIVE');
  }
  to.lockAll(cascade.touched, 'ACCESS EXCLUSIVE');
  for (const { from, constraint } of cascade.foreignKeys) dropForeignKey(to, context, from, constraint);
}
