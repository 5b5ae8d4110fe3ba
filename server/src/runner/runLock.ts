import type { Session } from '../database/session.ts';
import { pause } from './pause.ts';
import { RunRefused } from './runRefused.ts';

/** How long to wait for another run, both in milliseconds. */
export interface LockPatience {
  readonly total: number;
  readonly between: number;
}

/** As goose's library: five minutes. It tries every five seconds; a person who watches wants to go on sooner. */
export const usualPatience: LockPatience = { total: 300_000, between: 1_000 };

/**
 * Takes the advisory lock `key` of the session (when its connection ends, the server releases it), waiting for whoever holds it: `onWait` is told once who that is. Tries again and again rather than
 * waiting in the server, where a waiting query would hold up CREATE INDEX CONCURRENTLY of the other run.
 * Throws RunRefused when the other run takes too long; the signal's reason when it is aborted.
 */
export async function takeLock(
  session: Session,
  key: string,
  patience: LockPatience,
  signal: AbortSignal | undefined,
  onWait: (sentence: string) => void,
): Promise<void> {
  for (let waited = 0; ; waited += patience.between) {
    signal?.throwIfAborted();
    const [row] = await session.query(`SELECT pg_try_advisory_lock(${key}) AS locked`);
    if (row?.locked === 't') return;
    const holder = waited === 0 || waited >= patience.total ? await holderInWords(session, key) : '';
    if (waited >= patience.total) {
      throw new RunRefused(
        'locked',
        `another run holds the lock on this database (${holder})`,
        'Wait until it has ended, or end it if it hangs, then try again.',
      );
    }
    if (waited === 0) onWait(`Waiting for another run on this database (${holder})`);
    await pause(patience.between, signal);
  }
}

export async function releaseLock(session: Session, key: string): Promise<void> {
  await session.query(`SELECT pg_advisory_unlock(${key})`);
}

async function holderInWords(session: Session, key: string): Promise<string> {
  const [holder] = await session.query(
    `SELECT a.pid, a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = ${key}
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  if (!holder) return 'which has just ended';
  const program = holder.application_name ? `${holder.application_name}, ` : '';
  return `${program}server process ${holder.pid}, connected since ${holder.backend_start}`;
}
