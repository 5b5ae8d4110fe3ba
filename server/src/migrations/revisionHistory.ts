import type { History, Turn } from './history.ts';
import type { MigrationFile } from './migration.ts';
import { reachable } from './reachable.ts';
import { type RevisionGraph, type RevisionNode, revisionGraph } from './revisionGraph.ts';
import { newestFirst } from './revisionOrder.ts';
import { withNeeds } from './revisionRows.ts';

/** The graph of the revisions that files declare, in the order in which alembic loads them: by name. */
export function graphOf(files: Iterable<MigrationFile>): RevisionGraph {
  return revisionGraph(byPath(files).flatMap(({ revision }) => revision ?? []));
}

/**
 * The history of files that name those they come after. A revision's turn comes behind its ancestors only, in the order
 * in which alembic would apply these, so that of a fork each side is without the other, and a merge has both. Files
 * that declare no revision, and those that only a cycle leads to, come last.
 */
export function revisionHistory(files: Iterable<MigrationFile>): History {
  const all = byPath(files);
  const graph = graphOf(all);
  const lines = new Lines(all);
  const order = newestFirst(graph, withNeeds(graph.effectiveHeads), graph.effectiveHeads).reverse();
  const turns: Turn[] = [];
  const own = new Map<RevisionNode, Turn | undefined>();
  const passes = new Passes();
  for (const node of order) {
    const pass = passes.add(node);
    const between = node.needs.length > 1 ? oldestSince(graph, node, pass) : [];
    const before = lines.through(between, pass && own.get(pass));
    own.set(node, lines.add(before, node, turns));
  }
  let last = lines.through(order);
  const placed = new Set(turns.map(({ path }) => path));
  for (const { path } of all) {
    if (placed.has(path)) continue;
    last = lines.turn(last, path);
    turns.push(last);
  }
  return { turns, last, graph };
}

/**
 * What `node` needs and its pass does not, in alembic's order. What comes before the pass comes before all of it, so
 * that only what lies between has to be put in order.
 */
function oldestSince(
  graph: RevisionGraph,
  node: RevisionNode,
  pass: RevisionNode | undefined,
): readonly RevisionNode[] {
  const since = reachable([node], (each) => (each === pass ? [] : each.needs));
  const order = newestFirst(graph, since, [node]).reverse();
  return order.slice(pass === undefined ? 0 : 1, -1);
}

/** For each revision the last one that every way down from it leads through (its immediate dominator). */
class Passes {
  private readonly above = new Map<RevisionNode, RevisionNode | undefined>();
  private readonly depth = new Map<RevisionNode, number>();

  /** The pass of a node, undefined where the ways down end apart. What the node needs has been added, but for a cycle. */
  add(node: RevisionNode): RevisionNode | undefined {
    const [first, ...others] = node.needs.filter((needed) => this.above.has(needed));
    const pass = others.reduce((one, other) => this.meeting(one, other), first);
    this.above.set(node, pass);
    this.depth.set(node, pass === undefined ? 0 : this.depthOf(pass) + 1);
    return pass;
  }

  private meeting(a: RevisionNode | undefined, b: RevisionNode): RevisionNode | undefined {
    let one = a;
    let other: RevisionNode | undefined = b;
    while (one !== other && one !== undefined && other !== undefined) {
      if (this.depthOf(one) >= this.depthOf(other)) one = this.above.get(one);
      else other = this.above.get(other);
    }
    return one === other ? one : undefined;
  }

  private depthOf(node: RevisionNode): number {
    return this.depth.get(node) ?? 0;
  }
}

/** Turns, of which lines that begin alike share the beginning. */
class Lines {
  private readonly next = new Map<Turn | undefined, Map<string, Turn>>();
  /** A repeated id has several. */
  private readonly paths = new Map<string, string[]>();

  constructor(files: readonly MigrationFile[]) {
    for (const { revision, path } of files) {
      if (revision === undefined) continue;
      const paths = this.paths.get(revision.id);
      if (paths === undefined) this.paths.set(revision.id, [path]);
      else paths.push(path);
    }
  }

  turn(before: Turn | undefined, path: string): Turn {
    const next = this.next.get(before) ?? new Map<string, Turn>();
    this.next.set(before, next);
    const turn = next.get(path) ?? { path, before, depth: before === undefined ? 0 : before.depth + 1 };
    next.set(path, turn);
    return turn;
  }

  /** The turn after those of a revision's files; they are added to `turns`. */
  add(before: Turn | undefined, { id }: RevisionNode, turns: Turn[] = []): Turn | undefined {
    let last = before;
    for (const path of this.paths.get(id) ?? []) {
      last = this.turn(last, path);
      turns.push(last);
    }
    return last;
  }

  /** The last turn of the line that goes on through these revisions. */
  through(nodes: readonly RevisionNode[], before?: Turn): Turn | undefined {
    return nodes.reduce((last, node) => this.add(last, node), before);
  }
}

function byPath(files: Iterable<MigrationFile>): MigrationFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
