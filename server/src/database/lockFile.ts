import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { processIdentity } from './processIdentity.ts';

/** A lock that this process holds. */
export interface LockFile {
  /** Gives it up; never rejects. */
  release(): Promise<void>;
}

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** The holder's start time, as processIdentity gives it; absent where the system does not say. */
  readonly started?: string;
  readonly host: string;
  /** When the lock was taken, ISO 8601. For people. */
  readonly since: string;
  /** One per lock ever taken. */
  readonly nonce: string;
}

/** Someone else holds the lock, and lives. */
export class LockHeld extends Error {
  readonly holder: LockHolder;

  constructor(path: string, holder: LockHolder) {
    super(`${path} is held by process ${holder.pid} on ${holder.host} since ${holder.since}`);
    this.holder = holder;
  }
}

/**
 * Takes an exclusive lock: a file that names its holder. The file of a holder that is gone, its id perhaps given to a
 * later process, is taken over; of several that try, one wins. Rejects with LockHeld.
 */
export async function acquireLock(path: string): Promise<LockFile> {
  const own = await ownHolder();
  for (;;) {
    if (await create(path, own)) return { release: () => releaseLock(path, own) };
    const holder = await read(path);
    if (holder === undefined) continue;
    if (holder !== 'unreadable' && (await lives(holder))) throw new LockHeld(path, holder);
    await takeOver(path, holder, own);
  }
}

/**
 * Removes the file of a dead holder. Two processes that both found it dead must not remove each other's new lock: only
 * the holder of a lock for that very purpose looks again, and removes.
 */
async function takeOver(path: string, dead: LockHolder | 'unreadable', own: LockHolder): Promise<void> {
  const guard = await acquireLock(`${path}.takeover`).catch((error) => {
    if (error instanceof LockHeld && error.holder.pid === own.pid) return undefined;
    throw error;
  });
  if (guard === undefined) return;
  try {
    const now = await read(path);
    if (nonceOf(now) === nonceOf(dead)) await rm(path, { force: true });
  } finally {
    await guard.release();
  }
}

function nonceOf(holder: LockHolder | 'unreadable' | undefined): string | undefined {
  return typeof holder === 'object' ? holder.nonce : holder;
}

async function ownHolder(): Promise<LockHolder> {
  const identity = await processIdentity(process.pid);
  const started = typeof identity === 'object' ? identity.started : undefined;
  return {
    pid: process.pid,
    started,
    host: hostname(),
    since: new Date().toISOString(),
    nonce: randomUUID(),
  };
}

/** A process on another machine cannot be asked: it is taken for alive. */
async function lives(holder: LockHolder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  const identity = await processIdentity(holder.pid);
  if (identity === 'gone') return false;
  if (identity === 'unknown' || holder.started === undefined) return true;
  return identity.started === holder.started;
}

/** The file appears with all its text or not at all: it is written aside and linked into place. */
async function create(path: string, holder: LockHolder): Promise<boolean> {
  const aside = `${path}.${holder.nonce}`;
  const text = `${JSON.stringify(holder, undefined, 2)}\n`;
  await writeFile(aside, text);
  try {
    await link(aside, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // File systems without links (exFAT, some network drives).
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return await createInPlace(path, text);
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined` when there is none any more. */
async function read(path: string): Promise<LockHolder | 'unreadable' | undefined> {
  try {
    const holder: Partial<LockHolder> = JSON.parse(await readFile(path, 'utf8'));
    const { pid, host, since, nonce } = holder;
    const whole =
      typeof pid === 'number' &&
      typeof host === 'string' &&
      typeof since === 'string' &&
      typeof nonce === 'string';
    return whole ? { ...holder, pid, host, since, nonce } : 'unreadable';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

/** While its holder lives nobody else touches the file. */
async function releaseLock(path: string, own: LockHolder): Promise<void> {
  try {
    if (nonceOf(await read(path)) === own.nonce) await rm(path, { force: true });
  } catch {
    // A lock that stays behind is taken over by the next one.
  }
}
