import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { split } from '../../server/src/sql/splitter.ts';
import { clientOn } from '../postgres/clientOn.ts';
import { serverVersions } from '../postgres/testDatabase.ts';
import { schemaAfter } from './schemaAfter.ts';
import { SCHEMAS } from './schemas.ts';
import { linesOf, linesOfServer, saysTheSame } from './serverCatalog.ts';

/* Our catalog says what pg_catalog says, after every change. */

interface Oracle {
  readonly cases: readonly {
    readonly setup: readonly string[];
    readonly ddl: string;
    readonly context: string;
  }[];
}

/** The schemas and changes of the lock oracle: no rows, and nothing that cannot be in a transaction. */
function fromOracle(): typeof SCHEMAS {
  const oracle: Oracle = JSON.parse(
    readFileSync(new URL('../oracle/lock-oracle.json', import.meta.url), 'utf8'),
  );
  const groups = new Map<string, string[]>();
  for (const { setup, ddl, context } of oracle.cases) {
    if (context !== 'transaction' || setup.some((each) => /^create role/i.test(each))) continue;
    const schema = setup.filter((each) => !/^(insert|update|delete|set)\b/i.test(each)).join(';\n');
    groups.set(schema, [...(groups.get(schema) ?? []), ddl]);
  }
  return [...groups].map(([setup, changes]) => ({ setup, changes }));
}

describe.each(serverVersions)('PostgreSQL %s', (version) => {
  beforeAll(loadParser);
  const connected = clientOn(version);

  it('says the same after every change', async () => {
    const client = connected();
    let statements = 0;
    const different: Record<string, unknown> = {};
    const unmade: string[] = [];
    for (const { setup, changes } of [...SCHEMAS, ...fromOracle()]) {
      await client.query('BEGIN');
      const made = await client.query(setup).then(
        () => true,
        () => false,
      );
      if (!made) unmade.push(setup);
      // What one version does not know yet is tried on the other.
      for (const change of made ? ['', ...changes] : []) {
        await client.query('SAVEPOINT before');
        const done = await client.query(change).then(
          () => true,
          () => false,
        );
        if (done) {
          const [theirs, ours] = [await linesOfServer(client), linesOf(schemaAfter(`${setup};\n${change}`))];
          const missing = theirs.filter((line) => !ours.some((own) => saysTheSame(own, line)));
          const extra = ours.filter((own) => !theirs.some((line) => saysTheSame(own, line)));
          if (missing.length + extra.length > 0) different[change || setup] = { missing, extra };
          statements += split(change || setup).filter((piece) => piece.kind === 'statement').length;
        }
        await client.query('ROLLBACK TO before');
      }
      await client.query('ROLLBACK');
    }
    console.log(`PostgreSQL ${version}: the catalog is the same after ${statements} statements`);
    expect(different).toEqual({});
    expect(SCHEMAS.filter(({ setup }) => unmade.includes(setup))).toEqual([]);
    expect(statements).toBeGreaterThan(300);
  }, 120_000);
});
