import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { parseConnectionString } from '../../server/src/database/connectionString.ts';
import { embeddedDatabase } from '../../server/src/database/embeddedDatabase.ts';
import { type EmbeddedProgram, embeddedProgram } from '../../server/src/database/embeddedProgram.ts';
import { serverDatabase } from '../../server/src/database/serverDatabase.ts';
import type { Database } from '../../server/src/database/session.ts';
import { type EmbeddedBundle, embeddedFolder } from './embeddedBundle.ts';

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

/** The servers that everything is tested on. */
export const serverVersions = [15, 18] as const;

/** All that migrations can be run on. */
export const engines: readonly { readonly name: string; readonly make: () => Promise<TestDatabase> }[] = [
  ...serverVersions.map((version) => ({ name: `PostgreSQL ${version}`, make: () => onServer(version) })),
  { name: 'embedded', make: () => onEmbedded() },
];

/** An empty database on a server of this major version. */
export async function onServer(version: number): Promise<TestServerDatabase> {
  return databaseAt(Number(await ask(String(version))));
}

/** An empty embedded database; `texts` are the migrations it is for. */
export async function onEmbedded(texts: Iterable<string> = []): Promise<TestDatabase> {
  sharing ??= shared();
  const { bundle, program } = await sharing;
  const { directory, remove } = await embeddedFolder(bundle);
  const database = embeddedDatabase({ program, directory, texts });
  return {
    database,
    query: async (text) => {
      const session = await database.connect();
      try {
        return [...(await session.query(text))];
      } finally {
        await session.close();
      }
    },
    drop: async () => remove(),
  };
}

/** Once per test worker. */
let sharing: ReturnType<typeof shared> | undefined;

async function shared(): Promise<{ bundle: EmbeddedBundle; program: EmbeddedProgram }> {
  const bundle: EmbeddedBundle = JSON.parse(await ask('embedded'));
  return { bundle, program: embeddedProgram(bundle.worker, bundle.assets) };
}

async function ask(what: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${inject('postgresService')}/${what}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
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
