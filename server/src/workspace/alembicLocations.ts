import { isAbsolute, relative } from 'node:path';
import { type AlembicEnvironment, readAlembicIni, readAlembicToml } from '../config/alembicConfig.ts';
import { absolutePath, childOf, isWithin, selfAndAncestors, slashed } from './filePath.ts';
import type { DirectoryEntry, FileSystem } from './fileSystem.ts';
import { readHead } from './toolDetection.ts';

/** A folder whose revisions belong to one graph with those of others. */
export interface VersionLocation {
  readonly path: string;
  readonly entries: readonly DirectoryEntry[];
}

/**
 * The folders that share a revision graph with the folder `path`, by the nearest alembic.ini or pyproject.toml above it
 * that names it, in its order; their paths are spelled as `path` is. Undefined where none names it.
 */
export async function versionLocations(
  path: string,
  files: FileSystem,
): Promise<readonly VersionLocation[] | undefined> {
  const absolute = absolutePath(path);
  for (const folder of selfAndAncestors(absolute)) {
    for (const environment of await environmentsIn(folder, files)) {
      const roots = environment.versionLocations.map((each) =>
        absolutePath(isAbsolute(each) ? each : childOf(folder, slashed(each))),
      );
      const names = (root: string) =>
        root === absolute || (environment.recursive && isWithin(absolute, root));
      if (!roots.some(names)) continue;
      const found: VersionLocation[] = [];
      for (const root of roots) await collect(root, environment.recursive, files, found);
      return found.map((each) => ({ ...each, path: spelledLike(path, absolute, each.path) }));
    }
  }
  return undefined;
}

async function environmentsIn(folder: string, files: FileSystem): Promise<AlembicEnvironment[]> {
  const ini = readAlembicIni(await readHead(files, childOf(folder, 'alembic.ini')), folder);
  if (ini.length > 0) return ini;
  const toml = readAlembicToml(await readHead(files, childOf(folder, 'pyproject.toml')), folder);
  return toml === undefined ? [] : [toml];
}

async function collect(
  path: string,
  recursive: boolean,
  files: FileSystem,
  found: VersionLocation[],
): Promise<void> {
  if (found.some((each) => each.path === path)) return;
  const entries = await files.readDirectory(path).catch(() => undefined);
  if (entries === undefined) return;
  found.push({ path, entries });
  if (!recursive) return;
  for (const { name, kind } of entries) {
    const isCode = kind === 'directory' && !name.startsWith('.') && name !== '__pycache__';
    if (isCode) await collect(childOf(path, name), true, files, found);
  }
}

/** `other` as seen from `path`, which is `absolute`, in the same spelling. */
function spelledLike(path: string, absolute: string, other: string): string {
  if (isAbsolute(path)) return other;
  return other === absolute ? path : childOf(path, slashed(relative(absolute, other)));
}
