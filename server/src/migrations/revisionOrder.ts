import { reachable } from './reachable.ts';
import type { RevisionGraph, RevisionNode } from './revisionGraph.ts';

/**
 * `chosen` so that every revision comes before those that it needs, in alembic's order (1.20, RevisionMap's
 * _topological_sort): down one line as far as no other line needs it, then on with that other. `starts` are those to
 * begin from; every chosen one must be an ancestor of one of them, with no gap between.
 */
export function newestFirst(
  graph: RevisionGraph,
  chosen: ReadonlySet<RevisionNode>,
  starts: Iterable<RevisionNode>,
): RevisionNode[] {
  const left = new Set(chosen);
  const started = new Set(starts);
  const lines = [...graph.nodes.values()].filter((node) => started.has(node) && left.has(node));
  const order: RevisionNode[] = [];
  const passedOver = new Set<RevisionNode>();

  let at = 0;
  for (let node = lines[at]; node !== undefined; node = lines[at]) {
    const other = lineAbove(node, lines, left);
    if (other !== undefined && !passedOver.has(node)) {
      passedOver.add(node);
      at = other;
      continue;
    }
    passedOver.clear();
    if (left.delete(node)) order.push(node);
    const [next, ...more] = node.needs.filter((needed) => left.has(needed) && !lines.includes(needed));
    if (next === undefined) {
      lines.splice(at, 1);
      at = Math.max(at - 1, 0);
    } else {
      lines[at] = next;
      lines.push(...more);
    }
  }
  return order;
}

/** The first of the other lines that stands above a node: it must come down first. */
function lineAbove(
  node: RevisionNode,
  lines: readonly RevisionNode[],
  left: ReadonlySet<RevisionNode>,
): number | undefined {
  if (!node.neededBy.some((later) => left.has(later))) return undefined;
  const above = reachable([node], ({ neededBy }) => neededBy.filter((later) => left.has(later)));
  const index = lines.findIndex((line) => line !== node && above.has(line));
  return index < 0 ? undefined : index;
}
