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

/** A configuration of alembic, and where it stands. */
export interface NamedEnvironment {
  readonly environment: AlembicEnvironment;
  /** Absolute path of the folder that the configuration is in. */
  readonly folder: string;
  /** alembic.ini or pyproject.toml. */
  readonly file: string;
}

/** Reads the nearest alembic.ini or pyproject.toml above the folder `path` that names it, and which alembic runs it. */
export async function alembicProject(path: string, files: FileSystem): Promise<AlembicProject> {
  const absolute = absolutePath(path);
  const named = await environmentNaming(path, files);
  const release = await alembicRelease(absolute, files);
  const scripts = named === undefined ? parentOf(absolute) : scriptLocationOf(named);
  const template = await textOf(childOf(scripts, 'script.py.mako'), files);
  const { readEnvironmentScript, USUAL_VERSION_TABLE } = await import(
    '../migrations/formats/alembic/environmentScript.ts'
  );
  const environment = readEnvironmentScript((await textOf(childOf(scripts, 'env.py'), files)) ?? '');
  return {
    locations: named && (await locationsOf(named, path, files)),
    revisions: {
      naming: named?.environment.naming ?? DEFAULT_NAMING,
      ...(template === undefined ? {} : { template }),
      ...(release === undefined ? {} : { release }),
      ...(environment.transactions === 'each' ? { transactionPerMigration: true } : {}),
      ...(environment.table !== undefined && environment.table !== USUAL_VERSION_TABLE
        ? { sharesDatabase: true }
        : {}),
    },
  };
}

/** Absolute path of the folder of env.py. */
export function scriptLocationOf({ environment, folder }: NamedEnvironment): string {
  return inFolder(folder, environment.scriptLocation);
}

async function locationsOf(
  { environment, folder }: NamedEnvironment,
  path: string,
  files: FileSystem,
): Promise<VersionLocation[]> {
  const found: VersionLocation[] = [];
  for (const root of rootsOf(environment, folder)) await collect(root, environment.recursive, files, found);
  const absolute = absolutePath(path);
  return found.map((each) => ({ ...each, path: spelledLike(path, absolute, each.path) }));
}

/** The nearest configuration at or above the folder `path` that names it; undefined where none does. */
export async function environmentNaming(
  path: string,
  files: FileSystem,
): Promise<NamedEnvironment | undefined> {
  const absolute = absolutePath(path);
  for (const folder of selfAndAncestors(absolute)) {
    for (const { environment, file } of await environmentsIn(folder, files)) {
      const names = (root: string) =>
        root === absolute || (environment.recursive && isWithin(absolute, root));
      if (rootsOf(environment, folder).some(names)) return { environment, folder, file };
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

function rootsOf({ versionLocations: written }: AlembicEnvironment, folder: string): string[] {
  return written.map((each) => inFolder(folder, each));
}

function inFolder(folder: string, path: string): string {
  return absolutePath(isAbsolute(path) ? path : childOf(folder, slashed(path)));
}

async function environmentsIn(
  folder: string,
  files: FileSystem,
): Promise<readonly Omit<NamedEnvironment, 'folder'>[]> {
  const text = await readHead(files, childOf(folder, 'alembic.ini'));
  const besideScript = text !== '' && (await textOf(childOf(folder, 'env.py'), files)) !== undefined;
  const ini = readAlembicIni(text, folder, besideScript);
  if (ini.length > 0) return ini.map((environment) => ({ environment, file: 'alembic.ini' }));
  const toml = readAlembicToml(await readHead(files, childOf(folder, 'pyproject.toml')), folder);
  return toml === undefined ? [] : [{ environment: toml, file: 'pyproject.toml' }];
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
