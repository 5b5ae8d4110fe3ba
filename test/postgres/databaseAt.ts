import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { parseConnectionString } from '../../server/src/database/connectionString.ts';
import { serverDatabase } from '../../server/src/database/serverDatabase.ts';
import type { Database } from '../../server/src/database/session.ts';

/** An empty database of one test. */
export interface TestDatabase {
  readonly database: Database;
  /** Rows of one query, by a connection of its own; values as the driver makes them, or as text on the embedded one. */
  query(text: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export interface TestServerDatabase extends TestDatabase {
  readonly url: string;
  readonly port: number;
  readonly name: string;
}

/** Makes an empty database on the server at a port of this machine. */
export async function databaseAt(port: number): Promise<TestServerDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const server = `postgres://postgres@127.0.0.1:${port}`;
  await once(`${server}/postgres`, `CREATE DATABASE ${name}`);
  const url = `${server}/${name}?sslmode=disable`;
  return {
    url,
    port,
    name,
    database: databaseOf(url),
    query: (text) => once(url, text),
    drop: async () => void (await once(`${server}/postgres`, `DROP DATABASE ${name} WITH (FORCE)`)),
  };
}

/** The database that a connection string names, with nothing from this machine's environment. */
export function databaseOf(url: string): Database {
  return serverDatabase(parseConnectionString(url, () => undefined, { user: 'postgres', host: 'localhost' }));
}

async function once(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(text);
    return rows;
  } finally {
    await client.end();
  }
}
