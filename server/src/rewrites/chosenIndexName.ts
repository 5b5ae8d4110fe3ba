import { apply } from '../catalog/apply.ts';
import { indexOf, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';

/** The name that PostgreSQL will give to the index of a CREATE INDEX without one. */
export function chosenIndexName(step: Step): string | undefined {
  if (!('IndexStmt' in step.node)) return undefined;
  const scope = { searchPath: step.session.searchPath, path: '' };
  const table = keyOfRangeVar(step.before, scope, step.node.IndexStmt.relation);
  const before = new Set(tableOf(step.before, table)?.indexes);
  const after = apply(step.before, step.node, scope);
  const key = tableOf(after, table)?.indexes.find((each) => !before.has(each));
  return indexOf(after, key)?.name;
}
