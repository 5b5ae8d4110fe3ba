import { reachable } from './reachable.ts';
import { RevisionError } from './revisionError.ts';
import type { RevisionGraph, RevisionNode } from './revisionGraph.ts';
import { RevisionNames } from './revisionNames.ts';
import { newestFirst } from './revisionOrder.ts';
import {
  downgradeRows,
  type RowChange,
  type Rows,
  replaced,
  upgradeRows,
  withChanges,
  withNeeds,
} from './revisionRows.ts';
import { downgradeTarget, upgradeTargets } from './revisionTarget.ts';

/** A revision to run in the plan's direction, or (in a stamp) to record without running it. */
export interface RevisionStep {
  /** Absent where a stamp goes to the base. */
  readonly revision: RevisionNode | undefined;
  /** What becomes of the version table, in order. */
  readonly changes: readonly RowChange[];
}

/*
 * `rows` are the ids in the version table, in the order in which it gives them. All plans throw RevisionError where
 * alembic 1.20 refuses: an unsound graph, a row or a target it cannot find, several heads where one is meant, revisions
 * that imply each other. (script/base.py: _upgrade_revs, _downgrade_revs, _stamp_revs.)
 */

/** What `alembic upgrade TARGET` would run, in order. */
export function upgradePlan(graph: RevisionGraph, rows: readonly string[], target: string): RevisionStep[] {
  refuseUnsound(graph);
  refuseRange(target);
  const names = new RevisionNames(graph, severalHeads(target));
  const targets = upgradeTargets(names, rows, target);
  refuseOverlap(targets);
  const current = rows.flatMap((row) => names.several(row));
  refuseOverlap(current);
  const applied = withNeeds(current);
  const missing = new Set([...withNeeds(targets)].filter((node) => !applied.has(node)));
  return steps(graph, newestFirst(graph, missing, targets).reverse(), current, upgradeRows);
}

/** What `alembic downgrade TARGET` would run, in order: all that is applied and comes after the target. */
export function downgradePlan(graph: RevisionGraph, rows: readonly string[], target: string): RevisionStep[] {
  refuseUnsound(graph);
  refuseRange(target);
  const names = new RevisionNames(graph, severalHeads(target));
  const { label, revision } = downgradeTarget(names, rows, target);
  const after = reachable(justAfter(graph, names, revision, label), ({ neededBy }) => neededBy);
  const current = rows.flatMap((row) => names.several(row));
  const dropped = new Set([...withNeeds(current)].filter((node) => after.has(node)));
  if (revision !== undefined && dropped.size === 0 && !current.includes(revision)) {
    throw new RevisionError(`Destination ${target} is not a valid downgrade target from current head(s)`);
  }
  return steps(graph, newestFirst(graph, dropped, current), current, downgradeRows);
}

/** What `alembic stamp TARGET…` would write: each target takes the place of the rows that come before or after it. */
export function stampPlan(
  graph: RevisionGraph,
  rows: readonly string[],
  targets: readonly string[],
): RevisionStep[] {
  refuseUnsound(graph);
  const names = new RevisionNames(
    graph,
    'Multiple heads are present; please specify a single target revision',
  );
  const current = rows.flatMap((row) => names.several(row));
  const inLine = targets.flatMap((target) => names.inLine(current, target, 'dependencies'));
  const moved = [...new Set(inLine)];
  const destinations = targets.flatMap((target) => names.several(target));
  if (destinations.length === 0) {
    return moved.map(({ id }) => ({ revision: undefined, changes: [{ kind: 'delete', id }] }));
  }
  const unmoved = destinations.filter((destination) => !moved.includes(destination));
  return steps(graph, unmoved, current, (destination, now) => stampRows(destination, moved, now));
}

/**
 * What `alembic upgrade|downgrade FROM:TO --sql` would print, in order; for an upgrade `TO` alone goes from the base.
 * Throws RevisionError as the plans do, and where a downgrade does not say where it starts.
 */
export function offlinePlan(
  graph: RevisionGraph,
  direction: 'upgrade' | 'downgrade',
  range: string,
): RevisionStep[] {
  const colon = range.indexOf(':');
  if (colon < 0 && direction === 'downgrade') {
    throw new RevisionError('downgrade with --sql requires <fromrev>:<torev>');
  }
  const from = range.slice(0, Math.max(colon, 0));
  const to = range.slice(colon + 1);
  refuseUnsound(graph);
  const start = from === '' ? undefined : new RevisionNames(graph, severalHeads(from)).one(from);
  const rows = start === undefined ? [] : [start.id];
  return direction === 'upgrade' ? upgradePlan(graph, rows, to) : downgradePlan(graph, rows, to);
}

/** The first revisions to go when what comes after `revision` goes; on the branch, where there is a choice. */
function justAfter(
  graph: RevisionGraph,
  names: RevisionNames,
  revision: RevisionNode | undefined,
  label: string | undefined,
): readonly RevisionNode[] {
  // A base with a label counts as a choice too: alembic looks it up under both its names.
  const bases = [...graph.named.values()].filter(({ parents }) => parents.length === 0);
  const all = revision?.children ?? bases;
  if (label === undefined || all.length <= 1) return all;
  const before = reachable([names.branch(label)], ({ parents }) => parents);
  const chosen = all.filter((node) => before.has(node));
  if (chosen.length === 0) throw new RevisionError('Not a valid downgrade target from current heads');
  return chosen;
}

function stampRows(destination: RevisionNode, moved: readonly RevisionNode[], rows: Rows): RowChange[] {
  const after = reachable([destination], ({ neededBy }) => neededBy);
  const before = withNeeds([destination]);
  const down = moved.some((row) => after.has(row));
  const up = moved.some((row) => before.has(row));
  if (down && up) refuseOverlap(moved);
  // Where an earlier target of this stamp has taken the rows' place this one stands beside it.
  if (!down && (!up || moved.some((row) => !rows.has(row)))) return [{ kind: 'insert', id: destination.id }];
  return replaced(moved, destination);
}

/** Plays the steps on the rows, so that each knows those that it meets. */
function steps(
  graph: RevisionGraph,
  nodes: readonly RevisionNode[],
  current: readonly RevisionNode[],
  changesOf: (node: RevisionNode, rows: Rows) => RowChange[],
): RevisionStep[] {
  let rows: Rows = new Set(current);
  return nodes.map((revision) => {
    const changes = changesOf(revision, rows);
    rows = withChanges(rows, changes, graph.nodes);
    return { revision, changes };
  });
}

function refuseUnsound({ problems }: RevisionGraph): void {
  const problem = problems[0];
  if (problem !== undefined) throw new RevisionError(problem.message);
}

function refuseRange(target: string): void {
  if (target.includes(':')) throw new RevisionError('Range revision not allowed');
}

/** Refuses revisions of which one implies another. */
function refuseOverlap(nodes: readonly RevisionNode[]): void {
  for (const node of nodes) {
    const implied = withNeeds([node]);
    const others = nodes.filter((other) => other !== node && implied.has(other));
    if (others.length === 0) continue;
    const ids = others.map(({ id }) => id).join(', ');
    throw new RevisionError(`Requested revision ${node.id} overlaps with other requested revisions ${ids}`);
  }
}

function severalHeads(target: string): string {
  return `Multiple head revisions are present for given argument '${target}'; please specify a specific target revision, '<branchname>@${target}' to narrow to a specific head, or 'heads' for all heads`;
}
