import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { acquireLock, type LockHeld, type LockHolder } from './lockFile.ts';

/** Where the embedded database of one migration folder lives: `.skein/<hash of the folder>/` in its project. */
export interface EmbeddedDirectory {
  readonly path: string;
  /** The server's files. */
  readonly data: string;
  /** Exists once the server's files are whole; without it they are made anew. */
  readonly complete: string;
  readonly lock: string;
  /** Relative to the project, for people: `.skein/0123456789ab`. */
  readonly shown: string;
}

/** What stands at the top of a project: the nearest directory that has one is it, else the one above the migrations. */
const projectMarks = ['skein.json', '.git'];

/** The directory for a migration folder, which exists. Links in its path are followed, so that it has one database. */
export async function embeddedDirectory(folder: string): Promise<EmbeddedDirectory> {
  const real = await realpath(resolve(folder));
  const project = projectOf(real);
  const key = relative(project, real).split(sep).join('/');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const path = join(project, '.skein', hash);
  return {
    path,
    data: join(path, 'data'),
    complete: join(path, 'complete'),
    lock: join(path, 'lock'),
    shown: `.skein/${hash}`,
  };
}

function projectOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (projectMarks.some((mark) => existsSync(join(at, mark)))) return at;
    if (dirname(at) === at) return dirname(folder);
  }
}

/** Makes the directory, and keeps it out of version control. */
export async function prepareDirectory({ path }: EmbeddedDirectory): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(dirname(path), '.gitignore'), '*\n', { flag: 'wx' }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

/** Deletes the database; the next session makes a new one. Rejects with LockHeld while someone has it open. */
export async function resetDirectory(directory: EmbeddedDirectory): Promise<void> {
  if (!existsSync(directory.path)) return;
  const lock = await acquireLock(directory.lock);
  try {
    await rm(directory.complete, { force: true });
    await rm(directory.data, { recursive: true, force: true });
  } finally {
    await lock.release();
  }
}

/** What to tell a person about a database that is in use. */
export function inUseMessage(directory: EmbeddedDirectory, error: LockHeld): string {
  return `the embedded database in ${directory.shown} is open in ${holderInWords(error.holder)}; if that no longer runs, delete ${directory.lock}`;
}

function holderInWords({ pid, since }: LockHolder): string {
  return pid === process.pid
    ? 'another command of this program'
    : `another program (process ${pid}, since ${since})`;
}
