import { isAbsolute } from 'node:path';
import type { RevisionSettings } from '../migrations/formats/alembic/revisionSettings.ts';
import { alembicProject, type VersionLocation } from './alembicLocations.ts';
import { type ConfigFile, type ConfigFiles, configFileName } from './configFiles.ts';
import { absolutePath, baseNameOf, childOf, isWithin, parentOf } from './filePath.ts';
import { type DirectoryEntry, type FileSystem, obstacleInWords } from './fileSystem.ts';
import {
  configuredFolder,
  configuredPath,
  type DetectedTool,
  detectTool,
  readHead,
} from './toolDetection.ts';

/** A folder of migrations, its tool known. */
export interface MigrationFolder extends DetectedTool {
  readonly path: string;
  /** What is in it on disk. */
  readonly entries: readonly DirectoryEntry[];
  readonly config: ConfigFile | undefined;
  /** Other folders whose files belong to the same history: alembic's version_locations. */
  readonly elsewhere: readonly VersionLocation[];
  /** How alembic's new revisions are written here. */
  readonly revisions?: RevisionSettings;
}

export interface Discovery {
  /** In the order of their paths. */
  readonly folders: readonly MigrationFolder[];
  /** Directories that could not be looked into, with the reason. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** True when the search ended at its bound: there may be more. */
  readonly cut: boolean;
}

/** Directories that hold other people's code, or copies of what stands elsewhere. Hidden ones are skipped too. */
const skipped = new Set(['node_modules', 'vendor', 'dist']);

/** Enough for the largest repositories; ends a search that was started at the root of a disk. */
const mostDirectories = 50_000;

/** Directories that are read at the same time. */
const width = 16;

/** Finds the migration folders at and below `root`, which is a directory. Stops with the signal's reason when aborted. */
export async function discover(
  root: string,
  files: FileSystem,
  configs: Pick<ConfigFiles, 'nearest'>,
  signal?: AbortSignal,
): Promise<Discovery> {
  const folders: MigrationFolder[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  const visited = new Set<string>();
  let waiting = [root];
  while (waiting.length > 0 && visited.size < mostDirectories) {
    signal?.throwIfAborted();
    const batch = waiting.slice(0, width);
    waiting = waiting.slice(width);
    const found = await Promise.all(batch.map((path) => lookInto(path, visited, files, configs)));
    for (const look of found) {
      if ('reason' in look) unreadable.push(look);
      else {
        if (look.folder && !folders.some(({ path }) => samePath(path, look.folder?.path)))
          folders.push(look.folder);
        waiting.push(...look.below);
      }
    }
  }
  folders.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { folders, unreadable, cut: waiting.length > 0 };
}

/** How the editor's view of a folder differs from the disk's. */
export interface FolderInEditor {
  /** Names of files that are open, whether or not they are on disk yet. */
  readonly open: readonly string[];
  head(name: string): Promise<string>;
}

/** The migration folder at exactly `path`, if it is one. Rejects when it cannot be read. */
export async function migrationFolderAt(
  path: string,
  files: FileSystem,
  configs: Pick<ConfigFiles, 'nearest'>,
  editor: FolderInEditor = { open: [], head: (name) => readHead(files, childOf(path, name)) },
): Promise<MigrationFolder | undefined> {
  const [listed, config] = await Promise.all([files.readDirectory(path), configs.nearest(path)]);
  const unsaved = editor.open.filter((name) => !listed.some((entry) => entry.name === name));
  const entries = [...listed, ...unsaved.map((name) => ({ name, kind: 'file' as const }))];
  const detected = await detectTool({ path, entries, head: editor.head }, files, config);
  if (detected) return placed(path, listed, config, detected, files);
  const named =
    !entries.some(({ name }) => name.endsWith('.sql')) &&
    (await alembicProject(path, files)).locations !== undefined;
  if (!named) return undefined;
  return placed(path, listed, config, { tool: 'alembic', pairs: false }, files);
}

/**
 * The folder of a tool: of alembic's the first of all that share its graph of revisions. Undefined where alembic does
 * not look into it.
 */
async function placed(
  path: string,
  entries: readonly DirectoryEntry[],
  config: ConfigFile | undefined,
  detected: DetectedTool,
  files: FileSystem,
): Promise<MigrationFolder | undefined> {
  if (detected.tool !== 'alembic') return { path, entries, config, elsewhere: [], ...detected };
  const { locations, revisions } = await alembicProject(path, files);
  if (locations === undefined && !configuredFolder(path, config) && (await isBesideVersions(path, files)))
    return undefined;
  const [home = { path, entries }, ...elsewhere] = locations ?? [];
  return { ...home, config, elsewhere, ...detected, revisions };
}

/** Whether a folder stands in an environment of alembic beside its `versions`, where alembic looks unless told otherwise. */
async function isBesideVersions(path: string, files: FileSystem): Promise<boolean> {
  const absolute = absolutePath(path);
  if (baseNameOf(absolute) === 'versions') return false;
  const around = await files.readDirectory(parentOf(absolute)).catch(() => []);
  const has = (name: string, kind: DirectoryEntry['kind']) =>
    around.some((entry) => entry.name === name && entry.kind === kind);
  return has('env.py', 'file') && has('versions', 'directory');
}

function samePath(a: string, b: string | undefined): boolean {
  return b !== undefined && absolutePath(a) === absolutePath(b);
}

type Look =
  | { readonly folder: MigrationFolder | undefined; readonly below: readonly string[] }
  | { readonly path: string; readonly reason: string };

async function lookInto(
  path: string,
  visited: Set<string>,
  files: FileSystem,
  configs: Pick<ConfigFiles, 'nearest'>,
): Promise<Look> {
  try {
    // Links may lead in circles; each directory is looked into once.
    const real = await files.realPath(path);
    if (visited.has(real)) return { folder: undefined, below: [] };
    visited.add(real);
    const entries = await files.readDirectory(path);
    const config = await configs.nearest(path);
    const head = (name: string) => readHead(files, childOf(path, name));
    const detected = await detectTool({ path, entries, head }, files, config);
    const below = entries
      .filter(
        (entry) => entry.kind === 'directory' && !entry.name.startsWith('.') && !skipped.has(entry.name),
      )
      .map((entry) => childOf(path, entry.name));
    const hasConfig = entries.some((entry) => entry.name === configFileName);
    return {
      folder: detected && (await placed(path, entries, config, detected, files)),
      below: hasConfig && config ? [...below, ...listedBelow(config, path)] : below,
    };
  } catch (error) {
    return { path, reason: obstacleInWords(error) };
  }
}

/** Folders that a skein.json names, for those that the search would skip. */
function listedBelow(config: ConfigFile, path: string): string[] {
  const listed = config.config.folders ?? [];
  return listed
    .filter((folder) => isWithin(configuredPath(config, folder.path), config.folder))
    .map((folder) => (isAbsolute(folder.path) ? folder.path : childOf(path, folder.path)));
}
