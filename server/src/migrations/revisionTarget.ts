import { RevisionError } from './revisionError.ts';
import type { RevisionNode } from './revisionGraph.ts';
import type { RevisionNames } from './revisionNames.ts';
import { withNeeds } from './revisionRows.ts';

/** `label@name+N` and its parts; more may follow, and is ignored (alembic 1.20, script/revision.py). */
const relative = /^(?:(.+?)@)?([\p{L}\p{N}_]+)?([+-][0-9]+)/u;

/** Where a downgrade goes. */
export interface DowngradeTarget {
  /** The branch to keep to. */
  readonly label: string | undefined;
  /** What stays; undefined at the base. */
  readonly revision: RevisionNode | undefined;
}

/** The revisions an upgrade of a database with these rows goes to. Throws RevisionError where there are none. */
export function upgradeTargets(
  names: RevisionNames,
  rows: readonly string[],
  target: string,
): RevisionNode[] {
  const match = relative.exec(target);
  if (match === null) return names.several(target);
  const [, label, name, count = ''] = match;
  const steps = Number(count);
  if (name === undefined) {
    if (steps <= 0) throw noSuchCount(String(steps));
    const place = names.walk(startOfUpgrade(names, rows, label), steps, label);
    if (place === undefined || place === 'base') throw noSuchCount(count);
    return [place];
  }
  const place =
    steps > 0
      ? names.walk(names.one(name), steps, label)
      : names.walk(names.one(onBranch(name, label)), steps);
  if (place === undefined || place === 'base') throw walkedTooFar();
  return [place];
}

/** Where a downgrade of a database with these rows goes. Throws RevisionError where there is no such place. */
export function downgradeTarget(
  names: RevisionNames,
  rows: readonly string[],
  target: string,
): DowngradeTarget {
  const match = relative.exec(target);
  if (match === null) {
    const at = target.lastIndexOf('@');
    const label = at > 0 ? target.slice(0, at) : undefined;
    return { label, revision: names.one(target.slice(at + 1)) };
  }
  const [, label, name, count = ''] = match;
  const steps = Number(count);
  if (name === undefined) {
    if (steps >= 0) throw noSuchCount(count);
    return belowCurrent(names, rows, label, count);
  }
  const place =
    steps >= 0
      ? names.walk(names.one(name), steps, label)
      : names.walk(names.one(onBranch(name, label)), steps);
  if (place === undefined) throw walkedTooFar();
  return { label, revision: place === 'base' ? undefined : place };
}

/** The row that a relative upgrade starts from, or the last applied revision of the branch; undefined at the base. */
function startOfUpgrade(
  names: RevisionNames,
  rows: readonly string[],
  label: string | undefined,
): RevisionNode | undefined {
  const current = rows.flatMap((row) => names.several(row));
  const starts = label === undefined ? current : lastOnBranch(names, current, label);
  if (starts.length > 1) throw new RevisionError('Ambiguous upgrade from multiple current revisions');
  return starts[0];
}

function lastOnBranch(
  names: RevisionNames,
  current: readonly RevisionNode[],
  label: string,
): readonly RevisionNode[] {
  const rows = names.inLine(current, label);
  if (rows.length > 0) return rows;
  const applied = names.inLine([...withNeeds(current)], label);
  const needed = new Set(applied.flatMap(({ needs }) => needs));
  return applied.filter((node) => !needed.has(node));
}

/** `-N` steps below the first row, or below the one on the branch. */
function belowCurrent(
  names: RevisionNames,
  rows: readonly string[],
  label: string | undefined,
  count: string,
): DowngradeTarget {
  const from = label === undefined ? rows[0] : rowOfBranch(names, rows, label)?.id;
  if (from === undefined) throw noSuchCount(count);
  const branch = label ?? from;
  const place = names.walk(names.one(onBranch(from, branch)), Number(count));
  if (place === undefined) throw noSuchCount(count);
  return { label: branch, revision: place === 'base' ? undefined : place };
}

function rowOfBranch(names: RevisionNames, rows: readonly string[], label: string): RevisionNode | undefined {
  const current = rows.flatMap((row) => names.several(row));
  const onIt = names.inLine(current, label);
  const applied = withNeeds(current);
  const [row, ...others] =
    onIt.length > 0
      ? onIt
      : names.inLine(
          [...applied].filter(({ children }) => !children.some((child) => applied.has(child))),
          label,
        );
  if (others.length > 0) throw new RevisionError('Ambiguous walk');
  return row;
}

function onBranch(name: string, label: string | undefined): string {
  return label === undefined ? name : `${label}@${name}`;
}

/** `count` as it was written. */
function noSuchCount(count: string): RevisionError {
  return new RevisionError(`Relative revision ${count} didn't produce ${Math.abs(Number(count))} migrations`);
}

/** What alembic says of a downgrade. Of an upgrade it says nothing: an assertion fails. */
function walkedTooFar(): RevisionError {
  return new RevisionError('Walked too far');
}
