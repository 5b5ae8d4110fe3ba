import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ALL_RULES } from '../../server/src/rules/allRules.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf } from './exampleHistory.ts';

/** The cases with which the peers were measured; each is alone in its folder, as their README says. */
const folder = join(import.meta.dirname, '../conformance/labelled-cases');

interface Expectation {
  readonly postgresVersion?: number;
  /** Rules that must speak. */
  readonly require: readonly string[];
  /** Rules that must be silent. */
  readonly forbid: readonly string[];
  /** Rules that may speak, but not louder. */
  readonly atMost?: Readonly<Record<string, string>>;
}

const expectations: Readonly<Record<string, Expectation>> = JSON.parse(
  readFileSync(join(folder, 'expectations.json'), 'utf8'),
);

const RANK = ['error', 'warning', 'information', 'hint'];

beforeAll(loadParser);

test('each case has its expectations, and they name rules that there are', () => {
  const cases = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  expect(cases).toHaveLength(26);
  expect(Object.keys(expectations).sort()).toEqual(cases.sort());
  const ids = new Set(ALL_RULES.map(({ id }) => id));
  for (const { require: loud, forbid, atMost = {} } of Object.values(expectations)) {
    for (const id of [...loud, ...forbid, ...Object.keys(atMost)]) expect(ids).toContain(id);
  }
});

test.each(Object.entries(expectations))(
  '%s',
  (name, { postgresVersion, require: loud, forbid, atMost = {} }) => {
    const file = { path: `migrations/${name}`, text: readFileSync(join(folder, name), 'utf8') };
    const findings = analysisOf([file], postgresVersion === undefined ? {} : { postgresVersion }).findings(
      file.path,
    );
    const rules = new Set(findings.map(({ rule }) => rule));
    expect(loud.filter((id) => !rules.has(id))).toEqual([]);
    expect(forbid.filter((id) => rules.has(id))).toEqual([]);
    for (const { rule, severity } of findings) {
      const most = atMost[rule];
      if (most !== undefined) expect(RANK.indexOf(severity), rule).toBeGreaterThanOrEqual(RANK.indexOf(most));
    }
  },
);
