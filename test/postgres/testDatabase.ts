import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

/** A database of one test, on a server of the run. */
export interface TestDatabase {
  readonly url: string;
  readonly port: number;
  readonly name: string;
  /** Rows of one query, by a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** The servers that everything is tested on. */
export const serverVersions = [15, 18] as const;

/** Makes an empty database on a server of this major version. */
export async function testDatabase(version: number): Promise<TestDatabase> {
  const answer = await fetch(`http://127.0.0.1:${inject('postgresService')}/${version}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return databaseAt(Number(text));
}

/** Makes an empty database on the server at a port of this machine. */
export async function databaseAt(port: number): Promise<TestDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  const server = `postgres://postgres@127.0.0.1:${port}`;
  await once(`${server}/postgres`, `CREATE DATABASE ${name}`);
  const url = `${server}/${name}?sslmode=disable`;
  return {
    url,
    port,
    name,
    query: (text) => once(url, text),
    drop: async () => void (await once(`${server}/postgres`, `DROP DATABASE ${name} WITH (FORCE)`)),
  };
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
