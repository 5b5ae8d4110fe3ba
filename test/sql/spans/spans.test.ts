import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatement } from '../../../server/src/sql/parser.ts';
import type { Span } from '../../../server/src/sql/span.ts';
import { alterTableCommands } from '../../../server/src/sql/spans/alterTable.ts';
import { createIndexSpans } from '../../../server/src/sql/spans/createIndex.ts';
import { tableElements } from '../../../server/src/sql/spans/createTable.ts';
import { droppedObjects } from '../../../server/src/sql/spans/dropped.ts';
import { renameSpans } from '../../../server/src/sql/spans/renamed.ts';
import { findKeywords, keywordEnd, statementHead } from '../../../server/src/sql/spans/statementHead.ts';
import { CORPUS } from '../corpus.ts';

beforeAll(loadParser);

const at = (sql: string, span: Span | undefined) => span && sql.slice(span.start, span.end);

describe('ALTER TABLE', () => {
  const names = (sql: string) =>
    alterTableCommands(parseStatement(sql)).map((command) => at(sql, command.name));

  test('a command each, and what it names', () => {
    expect(
      names(
        'ALTER TABLE a ADD rule int, DROP trigger, ALTER COLUMN "é" SET NOT NULL, ADD COLUMN IF NOT EXISTS b int',
      ),
    ).toEqual(['rule', 'trigger', '"é"', 'b']);
    expect(
      names(
        'ALTER TABLE a VALIDATE CONSTRAINT b, DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT d CHECK (x), ADD CHECK (y)',
      ),
    ).toEqual(['b', 'c', 'd', undefined]);
    expect(
      names(
        'ALTER TABLE a ENABLE ALWAYS TRIGGER b, DISABLE TRIGGER ALL, DISABLE RULE c, ENABLE ROW LEVEL SECURITY',
      ),
    ).toEqual(['b', undefined, 'c', undefined]);
    expect(names('ALTER TABLE a DETACH PARTITION s.b CONCURRENTLY')).toEqual(['b']);
    expect(names('ALTER TYPE t ADD ATTRIBUTE attribute int, DROP ATTRIBUTE IF EXISTS b')).toEqual([
      'attribute',
      'b',
    ]);
    expect(names('ALTER TABLE ONLY (a) ADD b int')).toEqual(['b']);
    expect(names('ALTER TABLE a * SET (x = 1, y = 2), OWNER TO z, CLUSTER ON i')).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('where clauses go', () => {
    const sql =
      'ALTER TABLE a ADD b int, ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES y (z) /* , */ , DROP COLUMN d';
    const commands = alterTableCommands(parseStatement(sql));
    expect(commands.map((command) => at(sql, command.span))).toEqual([
      'ADD b int',
      'ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES y (z)',
      'DROP COLUMN d',
    ]);
    expect(commands.map((command) => sql.slice(0, command.existsAt).split(/\s+/).at(-1))).toEqual([
      'ADD',
      'CONSTRAINT',
      'COLUMN',
    ]);
    expect(at(sql, commands[1]?.constraint)).toBe('CONSTRAINT c FOREIGN KEY (x) REFERENCES y (z)');
  });

  test('a type ends where COLLATE, USING or a constraint begins', () => {
    const sql =
      'ALTER TABLE a ALTER b TYPE numeric(1, 2)[] USING b::int, ALTER c TYPE varchar(3) COLLATE "C", ADD d double precision NOT NULL';
    const commands = alterTableCommands(parseStatement(sql));
    expect(commands.map((command) => at(sql, command.type ?? command.column?.type))).toEqual([
      'numeric(1, 2)[]',
      'varchar(3)',
      'double precision',
    ]);
  });

  test('every command of the corpus stands between its commas', () => {
    for (const sql of CORPUS.filter((each) => each.startsWith('ALTER TABLE'))) {
      for (const { span } of alterTableCommands(parseStatement(sql))) {
        expect(at(sql, span), sql).toMatch(
          /^(ADD|DROP|ALTER|SET|VALIDATE|ENABLE|DISABLE|FORCE|OWNER|ATTACH|DETACH|CLUSTER|REPLICA|INHERIT)\b/,
        );
      }
    }
  });
});

test('CREATE TABLE: elements, columns and their constraints', () => {
  const sql = `CREATE TABLE IF NOT EXISTS s.t (
    "é" int CONSTRAINT a NOT NULL DEFAULT (1 + 2) COLLATE "C" CHECK (x IN (1, 2)), -- 😀, )
    b text[] GENERATED ALWAYS AS ('x' || y) STORED, LIKE u INCLUDING ALL, CONSTRAINT c UNIQUE (a, b) DEFERRABLE
  ) PARTITION BY LIST (b)`;
  const elements = tableElements(parseStatement(sql));
  expect(elements.map((element) => at(sql, element.name))).toEqual(['"é"', 'b', undefined, 'c']);
  expect(elements[0]?.column?.constraints.map((span) => at(sql, span))).toEqual([
    'CONSTRAINT a NOT NULL',
    'DEFAULT (1 + 2)',
    'CHECK (x IN (1, 2))',
  ]);
  expect(at(sql, elements[1]?.column?.type)).toBe('text[]');
  expect(at(sql, elements[1]?.column?.constraints[0])).toBe("GENERATED ALWAYS AS ('x' || y) STORED");
  expect(at(sql, elements[3]?.span)).toBe('CONSTRAINT c UNIQUE (a, b) DEFERRABLE');
  expect(tableElements(parseStatement('CREATE TABLE a PARTITION OF b FOR VALUES IN (1, 2)'))).toEqual([]);
});

test('CREATE INDEX: its names, elements and clauses', () => {
  const sql =
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s."t" USING gin ((a + 1) DESC, lower(b), c ops) INCLUDE (d, e) WITH (x = 1) WHERE (f > 1)';
  const spans = createIndexSpans(parseStatement(sql));
  expect([at(sql, spans?.head.name), at(sql, spans?.table), at(sql, spans?.table.last)]).toEqual([
    'i',
    's."t"',
    '"t"',
  ]);
  expect(spans?.elements.map((span) => at(sql, span))).toEqual(['(a + 1) DESC', 'lower(b)', 'c ops']);
  expect(spans?.including.map((span) => at(sql, span))).toEqual(['d', 'e']);
  expect(at(sql, spans?.where)).toBe('WHERE (f > 1)');
  expect(createIndexSpans(parseStatement('CREATE INDEX ON t (a)'))?.head.name).toBeUndefined();
  expect(createIndexSpans(parseStatement('DROP INDEX t'))).toBeUndefined();
});

test('DROP: each object', () => {
  const dropped = (sql: string) =>
    droppedObjects(parseStatement(sql)).map((object) => [at(sql, object.span), at(sql, object.name?.last)]);
  expect(dropped('DROP TABLE IF EXISTS a.b, "c, d" CASCADE')).toEqual([
    ['a.b', 'b'],
    ['"c, d"', '"c, d"'],
  ]);
  expect(dropped('DROP TABLE cascade')).toEqual([['cascade', 'cascade']]);
  expect(dropped('DROP TABLE data, restrict RESTRICT')).toEqual([
    ['data', 'data'],
    ['restrict', 'restrict'],
  ]);
  expect(dropped('DROP FUNCTION f(a int, VARIADIC text[]), s.g')).toEqual([
    ['f(a int, VARIADIC text[])', 'f'],
    ['s.g', 'g'],
  ]);
  expect(dropped('DROP TRIGGER a ON s.t CASCADE')).toEqual([['a', 'a']]);
  expect(dropped('DROP INDEX CONCURRENTLY a')).toEqual([['a', 'a']]);
  expect(dropped('DROP OPERATOR CLASS a USING btree')).toEqual([['a', 'a']]);
});

test('RENAME: the object, the old name and the new', () => {
  const renamed = (sql: string) => {
    const spans = renameSpans(parseStatement(sql));
    return [at(sql, spans?.object), at(sql, spans?.oldName), at(sql, spans?.newName)];
  };
  expect(renamed('ALTER TABLE IF EXISTS s.a RENAME TO "B"')).toEqual(['s.a', 'a', '"B"']);
  expect(renamed('ALTER TABLE a RENAME b TO c')).toEqual(['a', 'b', 'c']);
  expect(renamed('ALTER TABLE a RENAME COLUMN attribute TO c')).toEqual(['a', 'attribute', 'c']);
  expect(renamed('ALTER TABLE a RENAME attribute TO "to"')).toEqual(['a', 'attribute', '"to"']);
  expect(renamed('ALTER TABLE rename RENAME CONSTRAINT b TO c')).toEqual(['rename', 'b', 'c']);
  expect(renamed('ALTER TYPE a RENAME ATTRIBUTE b TO c CASCADE')).toEqual(['a', 'b', 'c']);
  expect(renamed('ALTER FUNCTION f(int, text) RENAME TO g')).toEqual(['f', 'f', 'g']);
  expect(renamed('ALTER TRIGGER a ON t RENAME TO b')).toEqual(['a', 'a', 'b']);
  expect(renamed('ALTER TABLE a ADD b int')).toEqual([undefined, undefined, undefined]);
});

describe('the head of a statement', () => {
  const head = (sql: string) => {
    const found = statementHead(parseStatement(sql));
    return (
      found && [
        sql.slice(0, found.verbEnd),
        sql.slice(0, found.kindEnd),
        sql.slice(0, found.existsAt),
        at(sql, found.exists),
        at(sql, found.name),
      ]
    );
  };

  test('says where OR REPLACE, CONCURRENTLY and IF EXISTS go', () => {
    expect(head('CREATE  INDEX i ON t (a)')).toEqual([
      'CREATE',
      'CREATE  INDEX',
      'CREATE  INDEX',
      undefined,
      'i',
    ]);
    expect(head('DROP INDEX CONCURRENTLY IF EXISTS s.i')).toEqual([
      'DROP',
      'DROP INDEX',
      'DROP INDEX CONCURRENTLY',
      'IF EXISTS',
      's.i',
    ]);
    expect(head('create materialized view if not exists v as select 1')).toEqual([
      'create',
      'create materialized view',
      'create materialized view',
      'if not exists',
      'v',
    ]);
    expect(head('REINDEX (VERBOSE) TABLE t')?.at(1)).toBe('REINDEX (VERBOSE) TABLE');
    expect(head('CREATE OR REPLACE FUNCTION data() RETURNS int AS $$$$ LANGUAGE sql')?.at(4)).toBe('data');
    expect(head('CREATE TABLE data (a int)')?.at(4)).toBe('data');
    expect(head('CREATE TEMP TABLE view (a int)')?.at(4)).toBe('view');
    expect(head('SELECT 1')).toBeUndefined();
  });

  test('keywords are found outside parentheses and quotes', () => {
    const sql = 'CREATE UNIQUE INDEX i ON t (a) WHERE (b IS NOT NULL) AND "not null" IS /* x */ NOT NULL';
    expect(keywordEnd(parseStatement(sql), ['CREATE', 'UNIQUE?', 'INDEX'])).toBe(19);
    expect(keywordEnd(parseStatement('create index i on t (a)'), ['CREATE', 'UNIQUE?', 'INDEX'])).toBe(12);
    expect(keywordEnd(parseStatement(sql), ['CREATE', 'INDEX'])).toBeUndefined();
    expect(at(sql, findKeywords(parseStatement(sql), ['NOT', 'NULL']))).toBe('NOT NULL');
    expect(findKeywords(parseStatement(sql), ['NOT', 'NULL'])?.end).toBe(sql.length);
    expect(findKeywords(parseStatement(sql), ['CONCURRENTLY'])).toBeUndefined();
  });
});
