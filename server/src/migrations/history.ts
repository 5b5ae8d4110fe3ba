import type { Direction, MigrationFile } from './migration.ts';
import type { RevisionGraph } from './revisionGraph.ts';

/** A file's turn: when its tool comes to it, and not before, all turns before this one are over. */
export interface Turn {
  readonly path: string;
  readonly before: Turn | undefined;
  /** How many turns come before it. */
  readonly depth: number;
}

/** How a tool goes through the files of a folder. */
export interface History {
  /** Each file's own turn, in the order in which the tool goes through all of them in an empty database. */
  readonly turns: readonly Turn[];
  /** The turn after which all files have been applied; undefined where there are none. */
  readonly last: Turn | undefined;
  /** Where revisions say what they come after: how they hang together. */
  readonly graph?: RevisionGraph;
}

/** The history of a tool that goes through its files one after the other. */
export function inOneLine(files: readonly MigrationFile[]): History {
  const turns: Turn[] = [];
  for (const { path } of files) turns.push({ path, before: turns.at(-1), depth: turns.length });
  return { turns, last: turns.at(-1) };
}

/** Whether a file in the place of another has the same turn: typing seldom moves a file. */
export function standsLike(a: MigrationFile, b: MigrationFile): boolean {
  return a.version === b.version && JSON.stringify(a.revision) === JSON.stringify(b.revision);
}

/** Whether it is known what revision a file is, and what it comes after. */
export function hasPlaceInGraph({ revision, problems }: MigrationFile): boolean {
  return revision !== undefined && !problems.some(({ rule }) => rule === 'alembic-metadata');
}

/** The files in the order of their versions' numbers; those without one last; equal ones by path, so that the order is always the same. */
export function byVersion(files: Iterable<MigrationFile>): MigrationFile[] {
  return [...files].sort(compareByVersion);
}

function compareByVersion(a: MigrationFile, b: MigrationFile): number {
  if (a.version !== undefined && b.version !== undefined) {
    const order =
      compareVersions(a.version, b.version) || Number(half(a) === 'down') - Number(half(b) === 'down');
    if (order !== 0) return order;
  } else if (a.version !== b.version) {
    return a.version === undefined ? 1 : -1;
  }
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Decimal numbers without leading zeros, of any length. */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Groups of files that claim one version, in the order of `files`. The two halves of a pair are no such group. */
export function duplicateVersions(files: readonly MigrationFile[]): MigrationFile[][] {
  const groups = new Map<string, MigrationFile[]>();
  for (const file of files) {
    if (file.version === undefined) continue;
    const key = `${file.version} ${half(file)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** The greatest version of the files; undefined when none has one. */
export function latestVersion(files: readonly MigrationFile[]): string | undefined {
  return files.reduce<string | undefined>((latest, { version }) => {
    if (version === undefined) return latest;
    return latest === undefined || compareVersions(version, latest) > 0 ? version : latest;
  }, undefined);
}

/** Which half of a migration a file holds: plain keeps `x.up.sql` and `x.down.sql` apart, other files are whole. */
function half(file: MigrationFile): Direction {
  return file.tool === 'plain' && file.down !== undefined ? 'down' : 'up';
}
