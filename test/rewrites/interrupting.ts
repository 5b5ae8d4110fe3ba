import { Client } from 'pg';
import type { Database } from '../../server/src/database/session.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';

/**
 * A database that keeps the texts it is sent, and whose n-th text of a migration (from 1; BEGIN and COMMIT are texts too) meets a connection that was killed; where it works CONCURRENTLY, it is killed at
 * its work, and what it has half built stays.
 */
export function interrupting(
  { database, url, query }: TestServerDatabase,
  at: number,
): { readonly database: Database; readonly texts: readonly string[] } {
  const texts: string[] = [];
  const strike = async (send: () => Promise<unknown>, text: string): Promise<void> => {
    const kill = () =>
      query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name <> 'holder'
         AND datname = current_database() AND pid <> pg_backend_pid()`,
      );
    if (/\bCREATE\b.*\bCONCURRENTLY\b/.test(text)) await atItsWork(url, send, kill);
    else await kill();
  };
  return {
    texts,
    database: {
      ...database,
      connect: async (options) => {
        const session = await database.connect(options);
        const counted = <A extends readonly unknown[], T>(send: (text: string, ...rest: A) => Promise<T>) => {
          return async (text: string, ...rest: A): Promise<T> => {
            if (texts.push(text) === at) await strike(() => send(text, ...rest), text);
            return send(text, ...rest);
          };
        };
        return Object.create(session, {
          run: { value: counted(session.run.bind(session)) },
        });
      },
    },
  };
}

/**
 * Where a run of these texts is worth breaking off (from 1): at each text, but of what one transaction holds, which goes
 * as a whole, only at the first and the last.
 */
export function placesToStrike(texts: readonly string[]): readonly number[] {
  let isOpen = false;
  return texts.flatMap((text, i) => {
    if (text === 'BEGIN') isOpen = true;
    if (text === 'COMMIT') isOpen = false;
    const edge =
      text === 'BEGIN' || text === 'COMMIT' || texts[i - 1] === 'BEGIN' || texts[i + 1] === 'COMMIT';
    return isOpen && !edge ? [] : [i + 1];
  });
}

/** Kills a build that waits for the end of an older snapshot (documentation: Building Indexes Concurrently). */
async function atItsWork(
  url: string,
  send: () => Promise<unknown>,
  kill: () => Promise<unknown>,
): Promise<void> {
  const holder = new Client({ connectionString: url, application_name: 'holder' });
  await holder.connect();
  try {
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT 1');
    let over = false;
    const sent = send()
      .catch(() => undefined)
      .finally(() => {
        over = true;
      });
    const waits = async () => {
      const { rows } = await holder.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'virtualxid'",
      );
      return rows.length > 0;
    };
    while (!over && !(await waits()));
    await kill();
    await sent;
  } finally {
    await holder.end();
  }
}
