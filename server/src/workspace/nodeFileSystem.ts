import { constants, type Dirent, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { slashed } from './filePath.ts';
import { type DirectoryEntry, type FileSystem, FileSystemError, type Obstacle } from './fileSystem.ts';

/** The disk of this machine. */
export const nodeFileSystem: FileSystem = {
  async readDirectory(path) {
    const entries = await attempt(path, () => readdir(path, { withFileTypes: true }));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return Promise.all(
      entries.map(async (entry) => ({ name: entry.name, kind: await entryKind(path, entry) })),
    );
  },

  readFile: (path, limit) => attempt(path, () => readRegularFile(path, limit)),

  kindOf: (path) => attempt(path, async () => kind(await stat(path))),

  realPath: (path) => attempt(path, async () => slashed(await realpath(path))),
};

/**
 * Puts `bytes` in the place of the file at once: a reader sees the old file or the new one, and a crash in between
 * leaves the old one. Keeps the mode; a link stays a link. Throws FileSystemError.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await attempt(path, async () => {
    const target = await realpath(path);
    const { mode } = await stat(target);
    // A file that may not be written is not replaced either, though its directory would allow it.
    await (await open(target, 'r+')).close();
    const temporary = `${target}.skein-${process.pid}`;
    try {
      await writeWhole(temporary, bytes, mode);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/** Writes a file that is not there yet. Throws FileSystemError, and then has left nothing. */
export async function createFile(path: string, bytes: Uint8Array): Promise<void> {
  await attempt(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  });
}

/** Gives a file a name that nothing has. Throws FileSystemError, and then it has its old one. */
export async function renameFile(from: string, to: string): Promise<void> {
  // rename() takes the place of what is there: the name is taken first, by nobody else.
  await createFile(to, new Uint8Array());
  try {
    await attempt(from, () => rename(from, to));
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

async function writeWhole(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    // The mode given to open is cut by the umask.
    await handle.chmod(mode);
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readRegularFile(path: string, limit: number | undefined): Promise<Uint8Array> {
  // Without O_NONBLOCK, opening a named pipe waits for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new FileSystemError('not-a-file', `${path} is not a regular file`);
    return limit === undefined || stats.size <= limit
      ? await handle.readFile()
      : await readPart(handle, limit);
  } finally {
    await handle.close();
  }
}

async function readPart(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(limit);
  let filled = 0;
  while (filled < limit) {
    const { bytesRead } = await handle.read(bytes, filled, limit - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function entryKind(folder: string, entry: Dirent): Promise<DirectoryEntry['kind']> {
  if (!entry.isSymbolicLink()) return kind(entry);
  return stat(`${folder}/${entry.name}`).then(kind, () => 'file');
}

function kind(entry: Dirent | Stats): DirectoryEntry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'directory' : 'other';
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FileSystemError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FileSystemError(await obstacle(path, code), message);
  }
}

async function obstacle(path: string, code: string | undefined): Promise<Obstacle> {
  switch (code) {
    case 'ENOENT':
      return lstat(path).then(
        (stats) => (stats.isSymbolicLink() ? 'dangling' : 'vanished'),
        () => 'vanished',
      );
    case 'ELOOP':
      return 'dangling';
    case 'EACCES':
    case 'EPERM':
      return 'no-permission';
    case 'EEXIST':
      return 'exists';
    case 'EISDIR':
      return 'not-a-file';
    case 'ENOTDIR':
      return 'not-a-directory';
    default:
      return 'other';
  }
}
