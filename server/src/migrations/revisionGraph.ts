import { reachable } from './reachable.ts';
import { dependencyCycle, parentCycle, selfLoops } from './revisionCycles.ts';
import { markBranches } from './revisionLabels.ts';

/** A migration as alembic knows it: what its file says of itself and of those before it. */
export interface Revision {
  readonly id: string;
  /** `down_revision`: none for a base, several for a merge. Full ids. */
  readonly downRevisions: readonly string[];
  /** `depends_on`: full ids or branch labels. */
  readonly dependsOn: readonly string[];
  readonly branchLabels: readonly string[];
}

/** A revision among the others. Edges to revisions that do not exist are left out. */
export interface RevisionNode extends Revision {
  /** What `down_revision` names. */
  readonly parents: readonly RevisionNode[];
  /** What `depends_on` names. */
  readonly dependencies: readonly RevisionNode[];
  /** What must be applied before it: parents, and the dependencies that no ancestor by `down_revision` names too. */
  readonly needs: readonly RevisionNode[];
  /** The revisions that have it as a parent. */
  readonly children: readonly RevisionNode[];
  /** The revisions that have it as a parent or a dependency. */
  readonly neededBy: readonly RevisionNode[];
  /** The labels of the branches it is on: its own and those of its line. */
  readonly labels: ReadonlySet<string>;
}

/** Why alembic would refuse the revisions (it warns of a repeated id, and then reads one of the two). */
export interface RevisionProblem {
  readonly kind: 'identifier' | 'repeatedId' | 'repeatedLabel' | 'missing' | 'cycle';
  /** In alembic's words. */
  readonly message: string;
  /** The ids of the revisions at fault. */
  readonly revisions: readonly string[];
  /** The ids or the label that they name or share. */
  readonly names: readonly string[];
}

/**
 * How alembic's revisions hang together. All lists keep the order in which the revisions were given: alembic's own is
 * that of the files' names, folder after folder.
 */
export interface RevisionGraph {
  /** By id. Of several with one id it is the last, as in alembic. */
  readonly nodes: ReadonlyMap<string, RevisionNode>;
  /** By id and by branch label. */
  readonly named: ReadonlyMap<string, RevisionNode>;
  /** No revision has them as a parent. */
  readonly heads: readonly RevisionNode[];
  /** Heads that no revision depends on: what the version table holds when all is applied. */
  readonly effectiveHeads: readonly RevisionNode[];
  /** They have no parents. */
  readonly bases: readonly RevisionNode[];
  /** In the order in which alembic comes upon them; it stops at the first. */
  readonly problems: readonly RevisionProblem[];
}

/** A node while the graph is being made. */
export interface OpenNode extends RevisionNode {
  readonly parents: OpenNode[];
  readonly dependencies: OpenNode[];
  readonly needs: OpenNode[];
  readonly children: OpenNode[];
  readonly neededBy: OpenNode[];
  readonly labels: Set<string>;
}

/** Characters that mean something in a target, and so are refused in an id (alembic 1.20, script/revision.py). */
const reserved = ['+', '-', ':', '@'];

/** The graph of `revisions`, whatever is wrong with them: that is in `problems`. */
export function revisionGraph(revisions: readonly Revision[]): RevisionGraph {
  const problems: RevisionProblem[] = [];
  const nodes = new Map<string, OpenNode>();
  for (const revision of revisions) {
    problems.push(...selfLoops(revision), ...unusableId(revision.id));
    if (nodes.has(revision.id)) problems.push(repeatedId(revision.id));
    nodes.set(revision.id, openNode(revision));
  }
  const named = withLabels(nodes, problems);
  link(nodes, named, problems);

  const all = [...nodes.values()];
  for (const node of all) node.needs.push(...neededFirst(node));
  const cycle = parentCycle(all) ?? dependencyCycle(all);
  if (cycle !== undefined) problems.push(cycle);
  markBranches(all);

  return {
    nodes,
    named,
    heads: all.filter(({ children }) => children.length === 0),
    effectiveHeads: all.filter(({ neededBy }) => neededBy.length === 0),
    bases: all.filter(({ parents }) => parents.length === 0),
    problems,
  };
}

function openNode(revision: Revision): OpenNode {
  return {
    ...revision,
    parents: [],
    dependencies: [],
    needs: [],
    children: [],
    neededBy: [],
    labels: new Set(revision.branchLabels),
  };
}

/** The width of alembic_version.version_num (alembic 1.20, runtime/migration.py). */
export const LONGEST_ID = 32;

/** Whether alembic takes a text for an id, and can record it. */
export function isUsableId(id: string): boolean {
  return id.length <= LONGEST_ID && unusableId(id).length === 0;
}

/** An id with characters that alembic refuses. */
export function unusableId(id: string): RevisionProblem[] {
  const found = reserved.filter((character) => id.includes(character));
  if (found.length === 0) return [];
  const message = `Character(s) '${found.join(', ')}' not allowed in revision identifier '${id}'`;
  return [{ kind: 'identifier', message, revisions: [id], names: found }];
}

function repeatedId(id: string): RevisionProblem {
  return {
    kind: 'repeatedId',
    message: `Revision ${id} is present more than once`,
    revisions: [id],
    names: [id],
  };
}

function withLabels(
  nodes: ReadonlyMap<string, OpenNode>,
  problems: RevisionProblem[],
): ReadonlyMap<string, OpenNode> {
  const named = new Map(nodes);
  for (const node of nodes.values()) {
    for (const label of node.branchLabels) {
      const other = named.get(label);
      if (other === undefined) {
        named.set(label, node);
        continue;
      }
      problems.push({
        kind: 'repeatedLabel',
        message: `Branch name '${label}' in revision ${node.id} already used by revision ${other.id}`,
        revisions: [node.id, other.id],
        names: [label],
      });
    }
  }
  return named;
}

/** Ties each node to those it names. Only `depends_on` may name a label. */
function link(
  nodes: ReadonlyMap<string, OpenNode>,
  named: ReadonlyMap<string, OpenNode>,
  problems: RevisionProblem[],
): void {
  for (const node of nodes.values()) {
    const parents = lookUp(node, node.downRevisions, nodes, problems);
    const dependencies = lookUp(node, node.dependsOn, named, problems);
    node.parents.push(...parents);
    node.dependencies.push(...dependencies);
    for (const parent of parents) parent.children.push(node);
    for (const needed of new Set([...parents, ...dependencies])) needed.neededBy.push(node);
  }
}

function lookUp(
  node: OpenNode,
  names: readonly string[],
  known: ReadonlyMap<string, OpenNode>,
  problems: RevisionProblem[],
): Set<OpenNode> {
  const found = new Set<OpenNode>();
  for (const name of names) {
    const other = known.get(name);
    if (other !== undefined && name !== node.id) found.add(other);
    if (other === undefined) {
      const message = `Revision ${name} referenced from ${node.id} is not present`;
      problems.push({ kind: 'missing', message, revisions: [node.id], names: [name] });
    }
  }
  return found;
}

function neededFirst(node: OpenNode): Set<OpenNode> {
  if (node.dependencies.length === 0) return new Set(node.parents);
  const inherited = new Set<OpenNode>();
  for (const ancestor of reachable(node.parents, ({ parents }) => parents)) {
    if (ancestor !== node) for (const dependency of ancestor.dependencies) inherited.add(dependency);
  }
  return new Set([...node.parents, ...node.dependencies.filter((needed) => !inherited.has(needed))]);
}
