import { compareVersions } from '../migrations/history.ts';
import type { FileName } from './rule.ts';

/** Whether a version is a time (20260102030405, 20260102, seconds since 1970) and not a number counted up from one. */
export function isTimestamp(version: string): boolean {
  return version.length >= 10 || /^(19|20)\d{6}$/.test(version);
}

/** How the files of a folder are numbered. */
export interface Numbering {
  /** Counted versions, each once, in order. */
  readonly counted: readonly string[];
  /** Which of them comes before another; nothing before the first. */
  readonly before: ReadonlyMap<string, string>;
  /** Files with a counted version, and with a time. */
  readonly numbered: readonly FileName[];
  readonly timed: readonly FileName[];
}

const known = new WeakMap<readonly FileName[], Numbering>();

/** Worked out once for the files of a folder: each of them asks. */
export function numberingOf(names: readonly FileName[]): Numbering {
  let found = known.get(names);
  if (found === undefined) {
    found = numbering(names);
    known.set(names, found);
  }
  return found;
}

function numbering(names: readonly FileName[]): Numbering {
  const versioned = names.filter(({ version }) => version !== undefined);
  const timed = versioned.filter(({ version = '' }) => isTimestamp(version));
  const numbered = versioned.filter(({ version = '' }) => !isTimestamp(version));
  const counted = [...new Set(numbered.map(({ version = '' }) => version))].sort(compareVersions);
  const before = new Map<string, string>();
  for (const [i, version] of counted.entries()) {
    const last = counted[i - 1];
    if (last !== undefined) before.set(version, last);
  }
  return { counted, before, numbered, timed };
}
