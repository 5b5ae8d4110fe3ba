import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { statementsOf } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { onServer, serverVersions, using } from '../postgres/testDatabase.ts';
import { analysisOf } from '../rules/exampleHistory.ts';
import { rewriteIn } from './original.ts';
import { rowsOf, schemaOf } from './schemaSnapshot.ts';

/** Plain SQL has no transaction but its own: what stands or falls together gets BEGIN and COMMIT. */

beforeAll(loadParser);

const given = `CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL, qty int CHECK (qty > 0));
CREATE INDEX orders_qty ON orders (qty);
GRANT SELECT ON orders TO PUBLIC;
INSERT INTO orders SELECT i, 'n' || i, i FROM generate_series(1, 25) AS i;
`;

const path = 'migrations/0002_change.sql';

const changes: readonly (readonly [string, string, number])[] = [
  ['rename-table', 'ALTER TABLE orders RENAME TO purchases;', 2],
  ['rename-column', 'ALTER TABLE orders RENAME note TO remark;', 2],
  ['drop-table', 'DROP TABLE orders;', 2],
  ['drop-column', 'ALTER TABLE orders DROP COLUMN note;', 3],
  ['change-column-type', 'ALTER TABLE orders ALTER qty TYPE bigint;', 7],
];

function rewrittenPlain(rule: string, change: string) {
  const text = `CREATE TABLE before_it (id int);\n${change}\nCREATE TABLE after_it (id int);\n`;
  const files = [
    { path: 'migrations/0001_given.sql', text: given, byteOrderMark: false },
    { path, text, byteOrderMark: false },
  ];
  const contents = new Map(files.map((file) => [file.path, file]));
  const analysis = analysisOf(files);
  const result = rewriteIn(analysis, contents, path, [rule], () => undefined);
  return { analysis, result, originals: files.map((file) => file.path), contents, text };
}

describe.each(changes)('%s', (rule, change, phases) => {
  test('in phases, and clean', () => {
    const { analysis, result, contents } = rewrittenPlain(rule, change);
    expect(result?.refusals).toEqual([]);
    expect(result?.created).toHaveLength(phases - 1);
    expect(contents.get(path)?.text).toMatch(
      /BEGIN;\nSET LOCAL lock_timeout = '2s';\n[\s\S]*COMMIT;\nCREATE TABLE after_it/,
    );
    const paths = [...contents.keys()].slice(1);
    const serious = paths.flatMap((each) =>
      analysis
        .findings(each)
        .filter(
          ({ severity, rule: found }) =>
            severity === 'error' || (severity === 'warning' && found !== 'not-idempotent'),
        )
        .map(({ rule: found, message }) => `${each}: ${found}: ${message}`),
    );
    expect(serious).toEqual([]);
  });

  test.each(serverVersions)('on PostgreSQL %i it comes to the same', async (version) => {
    const { analysis, contents, text } = rewrittenPlain(rule, change);
    const wanted = await using(onServer(version));
    await wanted.query(given);
    await wanted.query(text);
    const found = await using(onServer(version));
    const client = new Client({ connectionString: found.url });
    await client.connect();
    try {
      for (const each of contents.keys()) {
        const file = analysis.file(each);
        for (const statement of file === undefined ? [] : statementsOf(file.up))
          await client.query(statement.parsed.text);
      }
    } finally {
      await client.end();
    }
    expect(await schemaOf(found)).toEqual(await schemaOf(wanted));
    expect(await rowsOf(found)).toEqual(await rowsOf(wanted));
  });
});

test('the change goes before what lets it run again', () => {
  const { analysis, contents } = rewrittenPlain('none', 'ALTER TABLE orders RENAME note TO remark;');
  const rules = ['not-idempotent', 'not-idempotent-guard', 'rename-column'];
  const result = rewriteIn(analysis, contents, path, rules, () => undefined);
  const applied = result?.applied.map(({ rule }) => rule) ?? [];
  expect(applied.slice(0, 2)).toEqual(['not-idempotent', 'rename-column']);
});
