import type { History, Turn } from './history.ts';
import type { MigrationFile } from './migration.ts';
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
  const order = oldestFirst(graph, graph.effectiveHeads);
  const turns: Turn[] = [];
  const own = new Map<RevisionNode, Turn | undefined>();
  for (const node of order) {
    const [need, ...more] = node.needs;
    const alone = more.length === 0 && need !== undefined ? own.get(need) : undefined;
    const before = more.length === 0 ? alone : lines.through(oldestFirst(graph, [node]).slice(0, -1));
    own.set(node, lines.add(before, node, turns));
  }
  let last = lines.through(order);
  const placed = new Set(turns.map(({ path }) => path));
  for (const { path } of all) {
    if (placed.has(path)) continue;
    last = lines.turn(last, path);
    turns.push(last);
  }
  return { turns, last };
}

/** What `from` needs and `from` itself, as alembic would apply it. */
function oldestFirst(graph: RevisionGraph, from: readonly RevisionNode[]): RevisionNode[] {
  return newestFirst(graph, withNeeds(from), from).reverse();
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
    const turn = next.get(path) ?? { path, before };
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

  /** The last turn of the line through these revisions. */
  through(nodes: readonly RevisionNode[]): Turn | undefined {
    return nodes.reduce<Turn | undefined>((last, node) => this.add(last, node), undefined);
  }
}

function byPath(files: Iterable<MigrationFile>): MigrationFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
