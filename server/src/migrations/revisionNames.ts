import { reachable } from './reachable.ts';
import { RevisionError } from './revisionError.ts';
import type { RevisionGraph, RevisionNode } from './revisionGraph.ts';

/** Where a walk has come to: past the first revision it is at the base. */
export type Place = RevisionNode | 'base';

/** A name without its branch. `ids` is empty for the base. */
interface Resolved {
  readonly ids: readonly string[];
  readonly label: string | undefined;
}

/**
 * What names stand for, as in alembic 1.20 (script/revision.py, RevisionMap): ids and their unambiguous beginnings,
 * branch labels, head, heads, base, and each of these after `label@`. A label may also be the id of any revision on the
 * branch. All methods throw RevisionError where alembic refuses.
 */
export class RevisionNames {
  private readonly graph: RevisionGraph;
  private readonly severalHeads: string;

  /** `severalHeads` is what to say where one head is asked for and there are several: commands differ in that. */
  constructor(graph: RevisionGraph, severalHeads: string) {
    this.graph = graph;
    this.severalHeads = severalHeads;
  }

  /** The revision a name stands for; undefined for the base. */
  one(name: string): RevisionNode | undefined {
    const { ids, label } = this.resolve(name);
    if (ids.length > 1) throw new RevisionError(this.severalHeads);
    if (ids[0] !== undefined) return this.find(ids[0], label);
    if (label !== undefined && label !== '') this.branch(label);
    return undefined;
  }

  /** The revisions a name stands for; none for the base. `label@-N` walks down from the heads of a branch. */
  several(name: string): RevisionNode[] {
    const { ids, label } = this.resolve(name);
    const steps = /^-[0-9]+$/.test(ids[0] ?? '') ? Number(ids[0]) : 0;
    if (steps < 0) return this.belowHeads(steps, label);
    return ids.map((id) => this.find(id, label));
  }

  /** The revisions that a name's branch or revision comes before or after; all of them where it is the base. */
  inLine(
    nodes: readonly RevisionNode[],
    name: string,
    edges: 'parents' | 'dependencies' = 'parents',
  ): RevisionNode[] {
    const { ids, label } = this.resolve(name);
    const members = label === undefined ? ids : [label, ...ids];
    if (members.length === 0 || nodes.length === 0) return [...nodes];
    const wanted = members.map((member) => this.find(member));
    return nodes.filter((node) => {
      const line = lineOf(node, edges);
      return wanted.some((member) => line.has(member));
    });
  }

  /** The one revision or branch that a label names. */
  branch(label: string): RevisionNode {
    const branch = this.graph.named.get(label) ?? this.matching(label, undefined);
    if (branch === undefined) throw notFound(label);
    return branch;
  }

  /**
   * The place `steps` above `start` (below, where negative), or undefined where there are not as many. Above the base
   * are the bases; below it, as alembic has it, the heads. A branch label helps to choose on the way up.
   */
  walk(start: Place | undefined, steps: number, label?: string): Place | undefined {
    let place = start;
    for (let taken = 0; taken < Math.abs(steps); taken++) {
      const next = steps > 0 ? this.above(place, label) : this.below(place);
      if (next.length > 1) throw new RevisionError('Ambiguous walk');
      if (next[0] === undefined) return undefined;
      place = next[0];
    }
    return place;
  }

  private belowHeads(steps: number, label: string | undefined): RevisionNode[] {
    const heads = this.graph.effectiveHeads.filter(({ labels }) => label === undefined || labels.has(label));
    const places = heads.map((head) => this.walk(head, steps));
    return places.flatMap((place) => {
      if (place === 'base') throw new RevisionError('Walked too far');
      return place ?? [];
    });
  }

  private above(place: Place | undefined, label: string | undefined): readonly Place[] {
    if (place === 'base') return [];
    const next = place?.children ?? this.graph.bases;
    return label === undefined ? next : this.inLine(next, label);
  }

  private below(place: Place | undefined): readonly Place[] {
    if (place === 'base') return [];
    const next = place?.parents ?? this.graph.heads;
    return next.length === 0 ? ['base'] : next;
  }

  private resolve(name: string): Resolved {
    const at = name.indexOf('@');
    const label = at < 0 ? undefined : name.slice(0, at);
    const rest = name.slice(at + 1);
    if (rest === 'base') return { ids: [], label };
    if (rest !== 'head' && rest !== 'heads') return { ids: [rest], label };
    const { heads, effectiveHeads } = this.graph;
    const unlabelled = rest === 'head' ? heads : effectiveHeads;
    const meant = label === undefined ? unlabelled : this.inLine(heads, label);
    if (rest === 'head' && meant.length > 1) throw new RevisionError(this.severalHeads);
    return { ids: meant.map(({ id }) => id), label };
  }

  /** The revision with this id, the beginning of an id, or a label; on the branch, where one is given. */
  private find(id: string, label?: string): RevisionNode {
    const branch = label === undefined ? undefined : this.branch(label);
    const found = this.graph.named.get(id) ?? this.matching(id, label);
    const strange = branch !== undefined && found !== undefined && !lineOf(found, 'parents').has(branch);
    if (found === undefined || strange) throw notFound(id);
    return found;
  }

  /** The only revision with an id or a label of more than three characters that starts so. */
  private matching(start: string, label: string | undefined): RevisionNode | undefined {
    const names = [...this.graph.named.keys()].filter((name) => name.length > 3 && name.startsWith(start));
    const nodes = names.map((name) => this.find(name));
    const candidates = label === undefined ? nodes : this.inLine(nodes, label);
    return candidates.length === 1 ? candidates[0] : undefined;
  }
}

function lineOf(node: RevisionNode, edges: 'parents' | 'dependencies'): Set<RevisionNode> {
  const before = reachable([node], edges === 'parents' ? ({ parents }) => parents : ({ needs }) => needs);
  const after = reachable(
    [node],
    edges === 'parents' ? ({ children }) => children : ({ neededBy }) => neededBy,
  );
  return new Set([...before, ...after]);
}

function notFound(id: string): RevisionError {
  return new RevisionError(`Can't locate revision identified by '${id}'`);
}
