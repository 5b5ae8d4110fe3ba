import { apply } from '../catalog/apply.ts';
import { type Catalog, indexOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';

/** The name that PostgreSQL will give to the index of a CREATE INDEX without one. */
export function chosenIndexName(step: Step): string | undefined {
  if (!('IndexStmt' in step.node)) return undefined;
  const scope = { searchPath: step.session.searchPath, path: '' };
  const table = keyOfRangeVar(step.before, scope, step.node.IndexStmt.relation);
  const before = new Set(indexesOf(step.before, table));
  const after = apply(step.before, step.node, scope);
  const key = indexesOf(after, table).find((each) => !before.has(each));
  return indexOf(after, key)?.name;
}

/** Of a table or a materialized view. */
function indexesOf(catalog: Catalog, key: string): readonly string[] {
  const relation = catalog.relations.get(key);
  return relation !== undefined && 'indexes' in relation ? relation.indexes : [];
}
