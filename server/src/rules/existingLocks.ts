import type { RelationLock } from '../effects/effect.ts';
import { perStep } from '../replay/perStep.ts';
import { isNew, type Step } from '../replay/step.ts';

/**
 * The locks of a step on tables and views that others may be using: that were there before this script and are nobody's
 * temporary ones. An index is locked together with its table, a sequence is left out.
 */
export const existingLocks = perStep((step): readonly RelationLock[] =>
  step.effect.locks.filter(({ relation }) => isInUse(step, relation)),
);

function isInUse(step: Step, key: string): boolean {
  if (isNew(step, key)) return false;
  const relation = step.before.relations.get(key);
  // What the history does not show is taken for a table.
  if (relation === undefined) return true;
  if (relation.kind === 'index' || relation.kind === 'sequence' || relation.kind === 'compositeType')
    return false;
  return !('persistence' in relation && relation.persistence === 'temporary');
}
