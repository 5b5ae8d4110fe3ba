import type { Client } from 'pg';
import type { OracleRecord } from './lockOracle.ts';

/* What a statement does on a server: the fields of the lock oracle, taken in the same way (its `method` says how). */

export interface Measured {
  readonly record: OracleRecord;
  /** What each relation is, where it is no ordinary table. */
  readonly kinds: Readonly<Record<string, string>>;
}

interface Relation {
  readonly oid: number;
  readonly name: string;
  readonly kind: string;
  readonly file: number;
  /** Rows read from it in this session so far. */
  readonly read: number;
}

const RELATIONS = `
SELECT c.oid::int, n.nspname || '.' || c.relname AS name, c.relkind AS kind, c.relfilenode::int AS file,
  coalesce(pg_stat_get_xact_tuples_returned(c.oid), 0)::int AS read
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'i', 'I', 'v', 'm', 'S', 'c')`;

const KINDS: Readonly<Record<string, string>> = {
  p: 'partitioned table',
  i: 'index',
  I: 'partitioned index',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  c: 'composite type',
};

/** pg_locks' modes, weakest first. */
const MODES = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** How many rows each table holds by itself. */
export async function rowCounts(client: Client): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, kind } of await relations(client)) {
    if (kind !== 'r' && kind !== 'm') continue;
    const quoted = name.replace(/^(.*?)\.(.*)$/, '"$1"."$2"');
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ONLY ${quoted}`);
    counts.set(name, rows[0]?.n ?? 0);
  }
  return counts;
}

/**
 * Runs a statement in a transaction of `client`, takes the record and rolls back. `observer` is another session of the
 * same server, since looking would take locks of its own.
 */
export async function measure(
  client: Client,
  observer: Client,
  statement: string,
  counts: ReadonlyMap<string, number>,
): Promise<Measured> {
  await client.query('BEGIN');
  try {
    const before = await relations(client);
    const kinds = Object.fromEntries(
      before.flatMap(({ name, kind }) => (KINDS[kind] === undefined ? [] : [[name, KINDS[kind]]])),
    );
    try {
      await client.query(statement);
    } catch (error) {
      const code = String((error as { code?: string }).code);
      const refused = code === '25001' || code === '2D000';
      return {
        kinds,
        record: refused ? { runsInTransaction: false, inTransaction: { code } } : { error: { code } },
      };
    }
    const locks = await locksOf(client, observer, before);
    const after = new Map((await relations(client)).map((each) => [each.oid, each]));
    const whose = (which: (old: Relation, now: Relation) => boolean): string[] =>
      before.flatMap((old) => {
        const now = after.get(old.oid) ?? [...after.values()].find((each) => each.name === old.name);
        return now !== undefined && which(old, now) ? [old.name] : [];
      });
    const truncates = /^truncate/i.test(statement);
    const isAnew = (old: Relation, now: Relation): boolean => !truncates && now.file !== old.file;
    return {
      kinds,
      record: {
        runsInTransaction: true,
        locks,
        rewrite: whose((old, now) => (old.kind === 'r' || old.kind === 'm') && isAnew(old, now)),
        reindex: whose((old, now) => old.kind === 'i' && isAnew(old, now)),
        scan: whose((old, now) => {
          const count = counts.get(old.name) ?? 0;
          return now.oid === old.oid && count > 0 && now.read - old.read >= count;
        }),
      },
    };
  } finally {
    await client.query('ROLLBACK');
  }
}

async function relations(client: Client): Promise<readonly Relation[]> {
  // By name, so that it is planned once.
  return (await client.query<Relation>({ name: 'relations', text: RELATIONS })).rows;
}

/** The strongest lock on each relation. */
async function locksOf(
  client: Client,
  observer: Client,
  before: readonly Relation[],
): Promise<Record<string, string>> {
  const [session] = (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  const { rows } = await observer.query<{ oid: number; mode: string }>(
    `SELECT relation::int AS oid, mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND granted`,
    [session?.pid],
  );
  const strongest: Record<string, string> = {};
  for (const mode of MODES) {
    for (const { oid, name } of before) {
      if (rows.some((each) => each.oid === oid && each.mode === mode)) strongest[name] = mode;
    }
  }
  return strongest;
}
