import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatStatement, saysTheSame } from '../../server/src/sql/format.ts';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';
import { seed } from '../randomSeed.ts';
import { CORPUS } from './corpus.ts';

beforeAll(loadParser);

const formatted = (sql: string) => formatStatement(parseStatement(sql));

describe('a formatted statement', () => {
  test.each([
    ['select   a,b from t where c=1', 'SELECT a, b FROM t WHERE c = 1'],
    ['alter table t add column a int', 'ALTER TABLE t ADD COLUMN a int'],
    ['create index concurrently i on t (a, lower(b))', 'CREATE INDEX CONCURRENTLY i ON t (a, lower(b))'],
    [
      'create table t (id int primary key, key text, value text, year int)',
      'CREATE TABLE t (\n  id int PRIMARY KEY,\n  key text,\n  value text,\n  year int\n)',
    ],
    ['create table t (id int)', 'CREATE TABLE t (id int)'],
    [
      'alter table orders add column note text not null default $$ $$, add column another_note text not null',
      'ALTER TABLE orders\n  ADD COLUMN note text NOT NULL DEFAULT $$ $$,\n  ADD COLUMN another_note text NOT NULL',
    ],
    [
      'create table t (at timestamp(3) with time zone, b bit varying(3), "Key" double precision)',
      'CREATE TABLE t (\n  at timestamp(3) with time zone,\n  b bit varying(3),\n  "Key" double precision\n)',
    ],
    ['grant select on t to app', 'GRANT SELECT ON t TO app'],
    ['create policy p on t for select using (true)', 'CREATE POLICY p ON t FOR SELECT USING (TRUE)'],
    [
      'create table p partition of t for values from (1) to (2)',
      'CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (2)',
    ],
    ["comment on table t is 'a;  b'", "COMMENT ON TABLE t IS 'a;  b'"],
    [
      'create function f() returns int\n  language sql  \n  as $$ select   1 $$',
      'CREATE FUNCTION f() RETURNS int\n  LANGUAGE sql\n  AS $$ select   1 $$',
    ],
  ])('%s', (sql, expected) => {
    expect(formatted(sql)).toBe(expected);
  });

  test('keeps its comments', () => {
    const sql = 'select a, -- the first\n  b /* the second */ from t -- all\nwhere c';
    const result = formatted(sql) ?? '';
    expect(result).toMatch(/^SELECT\n {2}a, -- the first\n {2}b \/\* the second \*\//);
    expect(saysTheSame(parseStatement(sql), parseStatement(result))).toBe(true);
  });

  test('there is none of what is masked or does not parse', () => {
    expect(formatted('select {{ .name }}')).toBeUndefined();
    expect(formatted('select from from')).toBeUndefined();
  });

  test('of every kind says the same, and stays as it is', () => {
    expect(CORPUS.length).toBeGreaterThan(50);
    for (const sql of CORPUS) {
      const parsed = parseStatement(sql);
      if (parsed.node === undefined || parsed.templated) continue;
      const result = formatStatement(parsed);
      expect(result, sql).toBeDefined();
      const again = parseStatement(result ?? '');
      expect(saysTheSame(parsed, again), sql).toBe(true);
      expect(formatStatement(again), sql).toBe(result);
    }
  });

  test('is the same however the statement was written', () => {
    const blank = fc.constantFrom(' ', '  ', '\n', '\n\n', '\t ');
    fc.assert(
      fc.property(fc.array(blank, { minLength: 12, maxLength: 12 }), (blanks) => {
        const words = 'select a , b from t where c = 1 or'.split(' ');
        const text = `${words.map((word, i) => word + (blanks[i] ?? ' ')).join('')}d`;
        expect(formatted(text)).toBe('SELECT a, b FROM t WHERE c = 1 OR d');
      }),
      { seed: seed(), numRuns: 50 },
    );
  });
});

describe('two statements say the same', () => {
  test.each([
    ['SELECT 1', 'select   1'],
    ['SELECT a = ANY(ARRAY[1])', 'select a =\nany (array [1])'],
    ['SELECT 1 -- x', 'SELECT 1   -- x'],
  ])('%s', (a, b) => {
    expect(saysTheSame(parseStatement(a), parseStatement(b))).toBe(true);
  });

  test.each([
    ['SELECT 1', 'SELECT 2'],
    ["SELECT 'a b'", "SELECT 'a  b'"],
    ['SELECT "A"', 'SELECT a'],
    ['SELECT /* x */ 1', 'SELECT 1'],
    ['SELECT 1', 'SELECT'],
    ['SELEC', 'SELEC '],
  ])('not %s and %s', (a, b) => {
    expect(saysTheSame(parseStatement(a), parseStatement(b))).toBe(false);
  });
});
