import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { split } from '../../server/src/sql/splitter.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer, serverVersions } from '../postgres/testDatabase.ts';
import { differences } from './lockOracle.ts';
import { measure, rowCounts } from './measure.ts';
import { SITUATIONS } from './situations.ts';

/* Beside the recorded oracle: what the servers of this run do. A server that refuses a statement says nothing of it. */

const ran = new Set<string>();

describe.each(SITUATIONS.map((each, i) => [i + 1, each] as const))('situation %i', (_, situation) => {
  const setup = split(situation.setup).map(({ start, end }) => situation.setup.slice(start, end));

  describe.each(serverVersions)('PostgreSQL %s', (version) => {
    let database: TestServerDatabase;
    let client: Client;
    let observer: Client;

    beforeAll(async () => {
      await loadParser();
      database = await onServer(version);
      client = new Client({ connectionString: database.url });
      observer = new Client({ connectionString: database.url });
      await client.connect();
      await observer.connect();
      await client.query(
        "SET timezone = 'UTC'; SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0",
      );
      for (const text of setup) await client.query(text);
      await client.query('ANALYZE');
    });

    afterAll(async () => {
      await client.end();
      await observer.end();
      await database.drop();
    });

    it('does what we say', async () => {
      const wrong: Record<string, readonly string[]> = {};
      const counts = await rowCounts(client);
      for (const ddl of situation.statements) {
        const { record, kinds } = await measure(client, observer, ddl, counts);
        if (record.error === undefined) ran.add(ddl);
        const family = /^(select|insert|update|delete|merge|with|do|call)\b/i.test(ddl) ? 'dml' : 'ddl';
        const one = { name: ddl, family, setup, ddl, context: 'transaction', kinds } as const;
        const found = differences({ ...one, results: { [version]: record } }, String(version)) ?? [];
        if (found.length > 0) wrong[ddl] = found;
      }
      expect(wrong).toEqual({});
    });
  });
});

it('no statement is there that no server runs', () => {
  const all = SITUATIONS.flatMap(({ statements }) => statements);
  console.log(`${all.length} statements`);
  expect(all.filter((each) => !ran.has(each))).toEqual([]);
});
