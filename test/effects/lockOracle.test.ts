import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { differences, type Oracle, versionsOf } from './lockOracle.ts';

/* SKEIN_LOCK_ORACLE names another file of the same form. */

const file = process.env.SKEIN_LOCK_ORACLE ?? new URL('../oracle/lock-oracle.json', import.meta.url);
const oracle: Oracle = JSON.parse(readFileSync(file, 'utf8'));

describe('locks, rewrites and scans, as real servers had them', () => {
  beforeAll(loadParser);

  it.each(versionsOf(oracle))('PostgreSQL %s', (version) => {
    const wrong: Record<string, readonly string[]> = {};
    let compared = 0;
    for (const each of oracle.cases) {
      const found = differences(each, version);
      if (found === undefined) continue;
      compared++;
      if (found.length > 0) wrong[`${each.name}: ${each.ddl}`] = found;
    }
    console.log(`PostgreSQL ${version}: ${compared - Object.keys(wrong).length} of ${compared} predictions`);
    expect(compared).toBeGreaterThan(0);
    expect(wrong).toEqual({});
  });
});
