/* Paths as callers spell them, `/` between parts (a backslash counts as one, for paths as typed on Windows). */

/** The last part of a path. */
export function baseNameOf(path: string): string {
  return path.slice(folderOf(path).length);
}

/** All before the base name, the separator included; empty for a bare name. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
