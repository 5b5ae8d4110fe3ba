import type { MigrationFormat } from './format.ts';
import type { Direction, MigrationFile } from './migration.ts';

/** The files in the order in which their tool applies them. */
export function inOrder(format: MigrationFormat, files: Iterable<MigrationFile>): MigrationFile[] {
  return [...files].sort((a, b) => format.compare(a, b));
}

/** Numeric order of versions; files without one last; equal ones by path, so that the order is always the same. */
export function compareByVersion(a: MigrationFile, b: MigrationFile): number {
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
