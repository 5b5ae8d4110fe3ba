import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer, serverVersions } from '../postgres/testDatabase.ts';
import { analysisOf } from '../rules/exampleHistory.ts';
import { gooseText } from '../runner/gooseFolder.ts';
import { runOn } from '../runner/runs.ts';
import { changePath, givenPath, rewriteIn } from './original.ts';
import { CLEAR, textsOf } from './proof.ts';
import { rowsOf, schemaOf } from './schemaSnapshot.ts';

const given = `CREATE SCHEMA shop;
CREATE TABLE orders (id int PRIMARY KEY, code text, ref int, total int);
CREATE TABLE shop."Line Items" (id int, "Größe" int, n int);
CREATE TABLE refs (id int PRIMARY KEY);
CREATE VIEW seen AS SELECT id FROM orders;
CREATE INDEX orders_code ON orders (code);
CREATE SEQUENCE s;
CREATE TYPE pair AS (a int, b int);
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE DOMAIN pct AS int CONSTRAINT pct_ok CHECK (VALUE < 100);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own ON orders USING (true);
CREATE RULE r AS ON DELETE TO refs DO INSTEAD NOTHING;
ALTER TABLE orders ADD CONSTRAINT pos CHECK (total > 0);
INSERT INTO orders VALUES (1, 'a', 1, 1);
INSERT INTO refs VALUES (1);`;

/** What the two rules report, run twice once it is rewritten. */
const originals: readonly (readonly [about: string, up: string])[] = [
  [
    'tables',
    'CREATE TABLE a (id int PRIMARY KEY, b int UNIQUE);\nCREATE TABLE shop."B b" (a int REFERENCES a);',
  ],
  ['columns', 'ALTER TABLE orders ADD a int CHECK (a > 0), ADD COLUMN b text UNIQUE, DROP COLUMN ref;'],
  [
    'indexes',
    'CREATE INDEX i ON orders (total);\nCREATE INDEX ON orders (lower(code));\nCREATE UNIQUE INDEX CONCURRENTLY ON shop."Line Items" ("Größe");',
  ],
  [
    'views and routines',
    "CREATE VIEW v AS SELECT 1 AS x;\nCREATE MATERIALIZED VIEW mv AS SELECT 1 AS x;\nCREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';\nCREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';",
  ],
  [
    'schemas, sequences, statistics',
    'CREATE SCHEMA extra;\nCREATE SEQUENCE extra.t;\nCREATE STATISTICS st ON code, total FROM orders;\nCREATE TABLE extra.copy AS SELECT * FROM orders;',
  ],
  [
    'drops',
    'DROP VIEW seen;\nDROP INDEX orders_code;\nDROP SEQUENCE s;\nDROP TRIGGER touched ON orders;\nDROP POLICY own ON orders;\nDROP RULE r ON refs;\nDROP FUNCTION f(int, text);\nDROP TYPE pair;',
  ],
  [
    'types',
    'CREATE TYPE shop.hue AS ENUM (\'red\');\nCREATE TYPE "My Pair" AS (a int, b text);\nCREATE TYPE span AS RANGE (subtype = int);\nCREATE DOMAIN percent AS int CHECK (VALUE < 100);',
  ],
  [
    'values of an enum',
    "ALTER TYPE mood ADD VALUE 'meh' AFTER 'ok';\nALTER TYPE mood RENAME VALUE 'sad' TO 'blue';",
  ],
  ['attributes', 'ALTER TYPE pair ADD ATTRIBUTE c text;\nALTER TYPE pair RENAME ATTRIBUTE a TO aa;'],
  [
    'constraints',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID, ADD CONSTRAINT u UNIQUE (code);\nALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (ref) REFERENCES refs;',
  ],
  [
    'constraints without a name',
    'ALTER TABLE orders ADD CHECK (total > 0), ADD UNIQUE (code), ADD FOREIGN KEY (ref) REFERENCES refs;\nALTER TABLE shop."Line Items" ADD PRIMARY KEY (id), ADD CHECK ("Größe" > 0);',
  ],
  [
    'constraints among other commands',
    'ALTER TABLE orders ADD COLUMN extra int, ADD CHECK (extra > 0), ALTER total SET DEFAULT 1;',
  ],
  [
    'a key that others refer to',
    'ALTER TABLE orders ADD CONSTRAINT u UNIQUE (code);\nCREATE TABLE more (code text REFERENCES orders (code));',
  ],
  [
    'a key that takes over an index',
    'CREATE UNIQUE INDEX i ON orders (code);\nALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX i;',
  ],
  [
    'a constraint that is validated in the same statement',
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID, VALIDATE CONSTRAINT c;',
  ],
  ['a trigger', 'CREATE TRIGGER t2 AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();'],
  [
    'a constraint trigger',
    'CREATE CONSTRAINT TRIGGER t2 AFTER INSERT ON orders DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();',
  ],
  [
    'policies',
    'CREATE POLICY p2 ON orders FOR SELECT USING (total > 1);\nCREATE POLICY "p 3" ON shop."Line Items" USING (true);',
  ],
  ['a role', 'CREATE ROLE skein_twice NOLOGIN;'],
  ['a table that is renamed', 'ALTER TABLE orders RENAME TO purchases;'],
  ['a column that is renamed', 'ALTER TABLE shop."Line Items" RENAME COLUMN "Größe" TO "größer";'],
  ['a constraint that is renamed', 'ALTER TABLE orders RENAME CONSTRAINT pos TO positive;'],
  [
    'other things that are renamed',
    'ALTER VIEW seen RENAME TO looked;\nALTER INDEX orders_code RENAME TO oc;\nALTER SEQUENCE s RENAME TO s2;\nALTER TYPE mood RENAME TO moods;\nALTER DOMAIN pct RENAME TO pcts;\nALTER TRIGGER touched ON orders RENAME TO t2;\nALTER POLICY own ON orders RENAME TO mine;\nALTER RULE r ON refs RENAME TO r2;\nALTER SCHEMA shop RENAME TO laden;',
  ],
  ['functions that are renamed', 'ALTER FUNCTION f(int, text) RENAME TO f2;'],
  ['a constraint of a domain that is renamed', 'ALTER DOMAIN pct RENAME CONSTRAINT pct_ok TO fine;'],
  ['text with dollars', "CREATE TYPE dollars AS ENUM ('$$', 'x');"],
];

const RULES = ['not-idempotent', 'not-idempotent-guard'];

beforeAll(loadParser);

function rewrittenUp(up: string, head: string) {
  const files = [
    { path: givenPath, text: gooseText({ up: given, down: 'SELECT 1;' }), byteOrderMark: false },
    { path: changePath, text: `${head}-- +goose Up\n${up}\n`, byteOrderMark: false },
  ];
  const analysis = analysisOf(files, {});
  const contents = new Map(files.map((file) => [file.path, file]));
  const result = rewriteIn(analysis, contents, changePath, RULES, () => undefined);
  expect(result?.applied.length, 'nothing was rewritten').toBeGreaterThan(0);
  const left = analysis.findings(changePath).filter(({ rule }) => RULES.includes(rule));
  const text = textsOf([...contents.values()]);
  expect(left, text).toEqual([]);
  return { files: [...contents.values()], text };
}

describe.each(serverVersions)('on PostgreSQL %i', (version) => {
  let database: TestServerDatabase;
  beforeAll(async () => {
    database = await onServer(version);
  });
  afterAll(async () => {
    await database.query('DROP ROLE IF EXISTS skein_twice');
    await database.drop();
  });

  test.each(originals)('run twice: %s', async (_, up) => {
    const concurrently = up.includes('CONCURRENTLY');
    for (const head of concurrently ? ['-- +goose NO TRANSACTION\n'] : ['', '-- +goose NO TRANSACTION\n']) {
      await database.query(CLEAR);
      await database.query('DROP ROLE IF EXISTS skein_twice');
      const original = [
        { path: givenPath, text: gooseText({ up: given, down: 'SELECT 1;' }), byteOrderMark: false },
        { path: changePath, text: `${head}-- +goose Up\n${up}\n`, byteOrderMark: false },
      ];
      expect((await runOn(database, original)).failure).toBeUndefined();
      const [schema, rows] = [await schemaOf(database), await rowsOf(database)];
      await database.query('DROP ROLE IF EXISTS skein_twice');
      await database.query(CLEAR);
      const { files, text } = rewrittenUp(up, head);
      for (const run of ['first', 'second']) {
        expect((await runOn(database, files)).failure, `${run}\n${text}`).toBeUndefined();
        expect(await schemaOf(database), `${run}\n${text}`).toEqual(schema);
        expect(await rowsOf(database), `${run}\n${text}`).toEqual(rows);
        await database.query('DELETE FROM goose_db_version WHERE version_id = 2');
      }
    }
  });
});
