import { isAbsolute, relative } from 'node:path';
import {
  type AlembicEnvironment,
  DEFAULT_NAMING,
  readAlembicIni,
  readAlembicToml,
} from '../config/alembicConfig.ts';
import type { RevisionSettings } from '../migrations/formats/alembic/revisionSettings.ts';
import { alembicRelease } from './alembicRelease.ts';
import { absolutePath, childOf, isWithin, parentOf, selfAndAncestors, slashed } from './filePath.ts';
import type { DirectoryEntry, FileSystem } from './fileSystem.ts';
import { readHead } from './toolDetection.ts';

/** A folder whose revisions belong to one graph with those of others. */
export interface VersionLocation {
  readonly path: string;
  readonly entries: readonly DirectoryEntry[];
}

/** What the project says of a folder of revisions. */
export interface AlembicProject {
  /**
   * The folders that share a revision graph with it, itself among them, in the order of the configuration that names
   * it; their paths are spelled as its own is. Undefined where none names it.
   */
  readonly locations: readonly VersionLocation[] | undefined;
  readonly revisions: RevisionSettings;
}

/** Reads the nearest alembic.ini or pyproject.toml above the folder `path` that names it, and which alembic runs it. */
export async function alembicProject(path: string, files: FileSystem): Promise<AlembicProject> {
  const absolute = absolutePath(path);
  const found = await environmentOf(absolute, files);
  const release = await alembicRelease(absolute, files);
  const template = await textOf(
    childOf(found?.scriptLocation ?? parentOf(absolute), 'script.py.mako'),
    files,
  );
  return {
    locations: found?.locations.map((each) => ({ ...each, path: spelledLike(path, absolute, each.path) })),
    revisions: {
      naming: found?.naming ?? DEFAULT_NAMING,
      ...(template === undefined ? {} : { template }),
      ...(release === undefined ? {} : { release }),
    },
  };
}

interface FoundEnvironment extends Pick<AlembicEnvironment, 'naming' | 'scriptLocation'> {
  readonly locations: readonly VersionLocation[];
}

async function environmentOf(absolute: string, files: FileSystem): Promise<FoundEnvironment | undefined> {
  for (const folder of selfAndAncestors(absolute)) {
    for (const environment of await environmentsIn(folder, files)) {
      const { recursive, naming } = environment;
      const inFolder = (each: string) =>
        absolutePath(isAbsolute(each) ? each : childOf(folder, slashed(each)));
      const roots = environment.versionLocations.map(inFolder);
      const names = (root: string) => root === absolute || (recursive && isWithin(absolute, root));
      if (!roots.some(names)) continue;
      const locations: VersionLocation[] = [];
      for (const root of roots) await collect(root, recursive, files, locations);
      return { locations, naming, scriptLocation: inFolder(environment.scriptLocation) };
    }
  }
  return undefined;
}

/** The text of a file; undefined where it cannot be read. */
async function textOf(path: string, files: FileSystem): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await files.readFile(path));
  } catch {
    return undefined;
  }
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
