import {
  installedAlembic,
  LOCK_FILES,
  listsRequirements,
  REQUIREMENT_FILES,
  wantedAlembic,
} from '../config/alembicVersion.ts';
import { childOf, selfAndAncestors } from './filePath.ts';
import type { DirectoryEntry, FileSystem } from './fileSystem.ts';

/** Where virtual environments are kept, by convention. */
const ENVIRONMENTS: readonly string[] = ['.venv', 'venv', 'env'];

/**
 * The release of alembic that runs the revisions in the folder at `path`: what is installed in the nearest virtual
 * environment at or above it, else the least that the nearest lock file, else the nearest list of requirements allows.
 * The search ends where the repository does. Undefined where nothing says it.
 */
export async function alembicRelease(path: string, files: FileSystem): Promise<string | undefined> {
  let locked: string | undefined;
  let wanted: string | undefined;
  for (const folder of selfAndAncestors(path)) {
    const entries = await entriesOf(folder, files);
    const installed = await installedBelow(folder, entries, files);
    if (installed !== undefined) return installed;
    const names = entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
    locked ??= await firstOf(folder, names.filter(isLockFile), files);
    wanted ??= await firstOf(folder, names.filter(isRequirementFile), files);
    if (entries.some(({ name }) => name === '.git')) break;
  }
  return locked ?? wanted;
}

function isLockFile(name: string): boolean {
  return (LOCK_FILES as readonly string[]).includes(name);
}

function isRequirementFile(name: string): boolean {
  return (REQUIREMENT_FILES as readonly string[]).includes(name) || listsRequirements(name);
}

async function firstOf(
  folder: string,
  names: readonly string[],
  files: FileSystem,
): Promise<string | undefined> {
  for (const name of names) {
    const bytes = await files.readFile(childOf(folder, name)).catch(() => undefined);
    const release = bytes && wantedAlembic(name, new TextDecoder().decode(bytes));
    if (release !== undefined) return release;
  }
  return undefined;
}

/** What the virtual environments in a folder hold: `lib/python3.12/site-packages`, on Windows `Lib/site-packages`. */
async function installedBelow(
  folder: string,
  entries: readonly DirectoryEntry[],
  files: FileSystem,
): Promise<string | undefined> {
  for (const name of ENVIRONMENTS) {
    if (!entries.some((entry) => entry.name === name && entry.kind === 'directory')) continue;
    for (const library of ['lib', 'Lib']) {
      const root = childOf(childOf(folder, name), library);
      const pythons = (await entriesOf(root, files)).map((entry) => entry.name);
      const places = pythons.filter((each) => /^python3/.test(each)).map((each) => childOf(root, each));
      for (const place of [...places, root]) {
        for (const entry of await entriesOf(childOf(place, 'site-packages'), files)) {
          const release = installedAlembic(entry.name);
          if (release !== undefined) return release;
        }
      }
    }
  }
  return undefined;
}

async function entriesOf(path: string, files: FileSystem): Promise<readonly DirectoryEntry[]> {
  return files.readDirectory(path).catch(() => []);
}
