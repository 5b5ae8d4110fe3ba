import { posix, resolve } from 'node:path';

/** `path` with `/` between its parts, as all paths in this program are written. */
export function slashed(path: string): string {
  return path.replaceAll('\\', process.platform === 'win32' ? '/' : '\\');
}

/** `path` made absolute, seen from the working directory, without `.` and `..`. */
export function absolutePath(path: string): string {
  return slashed(resolve(path));
}

/** The directory that `path` stands in: `.` for a bare name. */
export function parentOf(path: string): string {
  return posix.dirname(path);
}

/** The last part of `path`. */
export function baseNameOf(path: string): string {
  return posix.basename(path);
}

/** `name` inside `folder`: `name` alone in the folder `.`, as a person would write it. */
export function childOf(folder: string, name: string): string {
  return posix.join(folder, name);
}

/** Whether `path` is `folder` or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** `path` and every directory above it, nearest first. `path` is absolute. */
export function* selfAndAncestors(path: string): Generator<string> {
  for (let at = path; ; at = parentOf(at)) {
    yield at;
    if (parentOf(at) === at || parentOf(at) === '.') return;
  }
}
