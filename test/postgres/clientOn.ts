import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { TestServerDatabase } from './databaseAt.ts';
import { onServer } from './testDatabase.ts';

/** Gives the tests of the `describe` that calls this a client, of a database of its own on a server of this version. */
export function clientOn(version: number): () => Client {
  let database: TestServerDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await onServer(version);
    client = new Client({ connectionString: database.url });
    await client.connect();
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  return () => client;
}
