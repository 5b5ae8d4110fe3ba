import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { BoundedCache } from '../../server/src/sql/boundedCache.ts';
import { kindOf, LONGEST_STATEMENT, loadParser, parseStatement } from '../../server/src/sql/parser.ts';
import { readStatements } from '../../server/src/sql/reader.ts';
import { CORPUS } from './corpus.ts';

beforeAll(loadParser);

test('the wasm is the one that was measured', () => {
  const path = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
  expect(hash).toBe('378b64e6182f65c71ad5dbd2c31c81e9dfed7d2f2debfb4b51c0d0de8fa2ae36');
});

describe('parseStatement', () => {
  test('parses every statement of the corpus', () => {
    for (const sql of CORPUS) {
      const { error, node, templated, bodyErrors } = parseStatement(sql);
      expect({ sql, error, templated, bodyErrors, parsed: node !== undefined }).toEqual({
        sql,
        error: undefined,
        templated: false,
        bodyErrors: [],
        parsed: true,
      });
    }
  });

  test('gives the identical value for equal texts', () => {
    expect(parseStatement('SELECT 1')).toBe(parseStatement(['SELECT', '1'].join(' ')));
    expect(parseStatement('SELEC 1')).toBe(parseStatement('SELEC 1'));
  });

  test('names the kind', () => {
    const { node } = parseStatement('ALTER TABLE a ADD b int');
    expect(node && kindOf(node)).toBe('AlterTableStmt');
  });

  test('places are UTF-16 code units', () => {
    const sql = 'ALTER TABLE é😀 ADD COLUMN "ü" text DEFAULT \'😀\' CHECK (x > 1)';
    const { node } = parseStatement(sql);
    const places: string[] = [];
    collectLocations(node, (location) => places.push(sql.slice(location)));
    expect(places).toContain(sql.slice(sql.indexOf('é')));
    expect(places).toContain(sql.slice(sql.indexOf('"ü"')));
    expect(places).toContain(sql.slice(sql.indexOf("'😀'")));
    expect(places).toContain('CHECK (x > 1)');
    expect(places).toContain('x > 1)');
    expect(parseStatement("SELECT 'é😀' FROM FROM x").error).toEqual({
      message: 'syntax error at or near "FROM"',
      offset: 18,
    });
  });

  test('an error at the end is at the end of the text', () => {
    expect(parseStatement('SELECT 😀 +').error).toEqual({
      message: 'syntax error at end of input',
      offset: 11,
    });
  });

  test('a long token is quoted in short', () => {
    const { message } = parseStatement(`SELECT 'a\n${'b'.repeat(1000)}`).error ?? {};
    expect(message).toBe('unterminated quoted string at or near "\'a…"');
  });

  test('several statements are an error, not one of them', () => {
    expect(parseStatement('SELECT 1; SELECT 2')).toMatchObject({ error: { offset: 10 } });
    expect(parseStatement('SELECT 1; SELECT 2').node).toBeUndefined();
    expect(parseStatement('SELECT 1;').error).toBeUndefined();
  });

  test('nothing at all is neither a tree nor an error', () => {
    for (const sql of ['', '  ', '-- a', '/* a */']) {
      expect([parseStatement(sql).node, parseStatement(sql).error]).toEqual([undefined, undefined]);
    }
  });

  test('a NUL hides nothing', () => {
    expect(parseStatement('SELECT 1\0; DROP TABLE a').error).toBeDefined();
    expect(parseStatement('SELECT 1, \0').node).toBeDefined();
  });

  test('what is too large is not parsed', () => {
    const sql = `SELECT '${'x'.repeat(LONGEST_STATEMENT)}'`;
    expect(parseStatement(sql)).toMatchObject({ notAnalysed: 'too-large' });
    expect(parseStatement(sql).error).toBeUndefined();
  });

  test('what is nested too deeply is an error that says so', () => {
    const deep = { message: 'this statement is nested too deeply to be parsed' };
    expect(parseStatement(`SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`).error).toMatchObject(deep);
    expect(parseStatement(`SELECT ${"'a' || ".repeat(20_000)}'b'`).error).toMatchObject(deep);
    expect(parseStatement('SELECT 1 AS after').node).toBeDefined();
  });
});

function collectLocations(node: unknown, found: (location: number) => void): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'location' && typeof value === 'number' && value >= 0) found(value);
    else collectLocations(value, found);
  }
}

describe('placeholders', () => {
  test('are masked at equal length', () => {
    const cases = [
      'CREATE TABLE :schema.t (a int)',
      `SELECT :'name', :"column" FROM :"table" WHERE a = :n::int`,
      `CREATE TABLE \${SCHEMA}.t_\${SUFFIX} (a int)`,
      'ALTER TABLE {{ .Schema }}.t ADD a int',
      'SELECT * FROM {schema}.t WHERE a = %(a)s AND b = $VALUE',
    ];
    for (const sql of cases) {
      const parsed = parseStatement(sql);
      expect([parsed.error, parsed.notAnalysed, parsed.templated], sql).toEqual([undefined, undefined, true]);
      expect(parsed.sql).toHaveLength(sql.length);
      expect(parsed.sql).not.toBe(sql);
    }
    expect(parseStatement("SELECT :'x', a::int").sql).toBe("SELECT '_x', a::int");
  });

  test('are left alone where the text is SQL as it stands', () => {
    for (const sql of [
      `SELECT '{{x}} \${y} :z'`,
      'SELECT a[1:n], b::text',
      "SELECT '{a}'::text[]",
      'SELECT $1',
      'SELECT $x$a$x$',
      'SELECT a %s',
    ]) {
      expect([parseStatement(sql).templated, parseStatement(sql).error], sql).toEqual([false, undefined]);
    }
  });

  test('a template that may be any SQL makes no error', () => {
    for (const sql of [
      '{{ if .x }} CREATE TABLE a (b int)',
      'CREATE TABLE a ({% for c in columns %} b int,',
      `INSERT INTO a \${REST} b c`,
    ]) {
      expect(parseStatement(sql), sql).toMatchObject({ notAnalysed: 'templated', templated: true });
      expect(parseStatement(sql).error).toBeUndefined();
    }
  });

  test('an error beside a psql variable is one', () => {
    expect(parseStatement('SELEC * FROM :t').error).toEqual({
      message: 'syntax error at or near "SELEC"',
      offset: 0,
    });
  });
});

describe('readStatements', () => {
  test('reads a part of a document, in order, at its place', () => {
    const document = 'é😀; \\set a 1\nSELECT :a;\ncopy t from stdin;\n1;\n\\.\nDROP TABLE t';
    const { statements, asides } = readStatements(document, { start: 5, end: document.length - 2 });
    expect(statements.map(({ parsed }) => parsed.text)).toEqual([
      'SELECT :a',
      'copy t from stdin',
      'DROP TABLE',
    ]);
    expect(asides.map(({ span }) => document.slice(span.start, span.end))).toEqual(['\\set a 1', '1;\n\\.']);
    const [select] = statements;
    expect(document.slice(select?.span.start, select?.terminatedEnd)).toBe('SELECT :a;');
    expect(document[select?.toDocument(7) ?? 0]).toBe(':');
  });

  test('never throws, and places statements in order, whatever the text', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.constantFrom(
        ...CORPUS,
        "'",
        '"',
        '$$',
        '$a$',
        '(',
        ')',
        '/*',
        '\\x',
        'é😀',
        '\ud800',
        '\udc00',
        '\0',
        ';\n',
        '{{',
        '}}',
        ':x',
        '\r\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        const text = parts.join('');
        let at = 0;
        for (const { parsed, span, terminatedEnd, toDocument } of readStatements(text).statements) {
          expect(span.start >= at && span.end <= terminatedEnd && terminatedEnd <= text.length).toBe(true);
          expect(text.slice(span.start, span.end)).toBe(parsed.text);
          expect(parsed.sql).toHaveLength(parsed.text.length);
          expect(typeof toDocument).toBe('function');
          expect(parsed.inner.every((inner) => inner.toOuter(0) < parsed.text.length)).toBe(true);
          expect(parsed.bodyErrors.every((error) => error.span.end <= parsed.text.length)).toBe(true);
          at = terminatedEnd;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('comes through what is no SQL at all', () => {
    const size = 2_000_000;
    for (const piece of ['(', "'", '$$;\n', '/*', '\\x\n', '\0', 'a', "'\n;\n", '{{;\n']) {
      const text = piece.repeat(size / piece.length);
      expect(
        readStatements(text).asides.every(({ kind }) => kind !== 'copyData'),
        piece,
      ).toBe(true);
    }
  });
});

test('the cache keeps what is asked for and forgets the rest', () => {
  const cache = new BoundedCache<number>(10);
  for (let i = 0; i < 50; i++) {
    cache.set(`once ${i}`, i, 1);
    cache.set('always', -1, 1);
    expect(cache.get('always')).toBe(-1);
    expect(cache.get(`once ${i}`)).toBe(i);
  }
  const kept = Array.from({ length: 50 }, (_, i) => cache.get(`once ${i}`)).filter(
    (value) => value !== undefined,
  );
  expect(kept.length).toBeLessThanOrEqual(10);
  expect(cache.get('never')).toBeUndefined();
});
