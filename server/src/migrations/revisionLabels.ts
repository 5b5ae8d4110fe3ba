import { reachable } from './reachable.ts';
import type { OpenNode } from './revisionGraph.ts';

/**
 * Writes on every node the labels of the branches it is on. A label holds for all that comes after the revision that
 * bears it; and where the line from there on neither forks nor merges, also for what comes before, up to the nearest
 * fork or merge (alembic 1.20, RevisionMap._add_branches).
 */
export function markBranches(nodes: readonly OpenNode[]): void {
  for (const node of nodes) {
    if (node.branchLabels.length === 0) continue;
    const after = reachable([node], ({ children }) => children);
    const line = [...after].every(isPlain) ? [...after, ...plainAncestors(node)] : after;
    for (const member of line) for (const label of node.labels) member.labels.add(label);
  }
}

/** The ancestors of a plain node up to the nearest fork or merge, which is left out. */
function plainAncestors(node: OpenNode): Set<OpenNode> {
  const above = reachable([node], ({ parents }) => parents.filter(isPlain));
  above.delete(node);
  return above;
}

function isPlain({ neededBy, parents }: OpenNode): boolean {
  return neededBy.length <= 1 && parents.length <= 1;
}
