import { reachable } from './reachable.ts';
import type { Revision, RevisionNode, RevisionProblem } from './revisionGraph.ts';

/** A revision that names itself. */
export function selfLoops({ id, downRevisions, dependsOn }: Revision): RevisionProblem[] {
  if (downRevisions.includes(id)) return [cycle('Self-loop', [id])];
  if (dependsOn.includes(id)) return [cycle('Dependency self-loop', [id])];
  return [];
}

/** Revisions that come before themselves by `down_revision`. */
export function parentCycle(nodes: readonly RevisionNode[]): RevisionProblem | undefined {
  const stray = outsideAllLines(
    nodes,
    ({ parents }) => parents,
    ({ children }) => children,
  );
  return stray.length === 0 ? undefined : cycle('Cycle', stray);
}

/** Revisions that come before themselves by `down_revision` and `depends_on` together. */
export function dependencyCycle(nodes: readonly RevisionNode[]): RevisionProblem | undefined {
  const stray = outsideAllLines(
    nodes,
    ({ parents, dependencies }) => [...parents, ...dependencies],
    ({ neededBy }) => neededBy,
  );
  return stray.length === 0 ? undefined : cycle('Dependency cycle', stray);
}

/**
 * What cannot be reached both from an end and from a beginning: alembic's measure of a cycle (RevisionMap's
 * _detect_cycles). All of the nodes in their order where there is no end or no beginning, else sorted.
 */
function outsideAllLines(
  nodes: readonly RevisionNode[],
  before: (node: RevisionNode) => readonly RevisionNode[],
  after: (node: RevisionNode) => readonly RevisionNode[],
): string[] {
  const last = nodes.filter((node) => after(node).length === 0);
  const first = nodes.filter((node) => before(node).length === 0);
  if (last.length === 0 || first.length === 0) return nodes.map(({ id }) => id);
  const fromLast = reachable(last, before);
  const fromFirst = reachable(first, after);
  return nodes
    .filter((node) => !fromLast.has(node) || !fromFirst.has(node))
    .map(({ id }) => id)
    .sort();
}

function cycle(kind: string, revisions: readonly string[]): RevisionProblem {
  return {
    kind: 'cycle',
    message: `${kind} is detected in revisions (${revisions.join(', ')})`,
    revisions,
    names: revisions,
  };
}
