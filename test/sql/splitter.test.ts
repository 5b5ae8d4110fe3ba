import fc from 'fast-check';
import { parseSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { type Piece, split } from '../../server/src/sql/splitter.ts';
import { byteOffsets } from '../../server/src/sql/textOffsets.ts';
import { CORPUS } from './corpus.ts';

beforeAll(loadParser);

function texts(sql: string): string[] {
  return split(sql).map((piece) => sql.slice(piece.start, piece.end));
}

describe('a semicolon ends a statement', () => {
  test('but not in quotes, comments and parentheses', () => {
    const whole = [
      "SELECT 'a;b'",
      `SELECT "a;b"`,
      'SELECT $$a;b$$',
      'SELECT $t$a;$$;b$t$',
      "SELECT E'\\';'",
      "SELECT 'it''s;'",
      'SELECT /* ; /* ; */ ; */ 1',
      'SELECT 1 -- ;\n+ 1',
      'CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)',
      "SELECT 'a'\n  ';b'",
      "SELECT e'a'\n '\\';b'",
      'SELECT a$b$c',
      'SELECT U&"d;"',
    ];
    for (const sql of whole) expect(texts(`${sql}; SELECT 2`), sql).toEqual([sql, 'SELECT 2']);
  });

  test('nor in the body of BEGIN ATOMIC, CASE … END and all', () => {
    const sql = 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END';
    expect(texts(`${sql}; SELECT 2`)).toEqual([sql, 'SELECT 2']);
  });

  test('where BEGIN begins a transaction, and END ends one', () => {
    expect(texts('BEGIN; SELECT 1; END; BEGIN; COMMIT')).toEqual([
      'BEGIN',
      'SELECT 1',
      'END',
      'BEGIN',
      'COMMIT',
    ]);
  });

  test('and empty statements are none', () => {
    expect(texts(' ;; -- a\n; SELECT 1;; /* b */ ')).toEqual(['SELECT 1']);
  });

  test('spans leave out comments around a statement, and know where its semicolon ends', () => {
    expect(split('\ufeff-- a\nSELECT 1 /* b */ ; ')).toEqual([
      { kind: 'statement', start: 6, end: 14, terminatedEnd: 24 },
    ]);
    expect(split('SELECT 1 -- b')).toEqual([{ kind: 'statement', start: 0, end: 8, terminatedEnd: 8 }]);
  });

  test('what is never closed is told', () => {
    expect(
      ["SELECT 'a;", 'SELECT "a;', 'SELECT $$a;', 'SELECT (a;', 'SELECT /* a;'].map(
        (sql) => split(sql)[0]?.open,
      ),
    ).toEqual(['quote', 'quote', 'quote', 'parenthesis', 'comment']);
  });
});

describe('psql', () => {
  test('a command takes the rest of its line and ends the statement before it', () => {
    const pieces = split('\\set x 1\r\nSELECT :x \\gset\nSELECT 2;\n\\echo a; b\n');
    expect(pieces.map((piece) => piece.kind)).toEqual([
      'psqlCommand',
      'statement',
      'psqlCommand',
      'statement',
      'psqlCommand',
    ]);
    expect(texts('\\set x 1\r\nSELECT :x \\gset\n')).toEqual(['\\set x 1', 'SELECT :x', '\\gset']);
  });

  test('a backslash in quotes is none, and \\; is a semicolon', () => {
    expect(texts("SELECT '\\d'; SELECT 1 \\; SELECT 2;")).toEqual(["SELECT '\\d'", 'SELECT 1', 'SELECT 2']);
  });

  test('COPY data goes up to its closing line', () => {
    for (const newline of ['\n', '\r\n']) {
      const sql = ['COPY t (a) FROM stdin;', "it's; 1", '\\N', '\\.', 'SELECT 1;'].join(newline);
      expect(texts(sql)).toEqual([
        'COPY t (a) FROM stdin',
        ["it's; 1", '\\N', '\\.'].join(newline),
        'SELECT 1',
      ]);
    }
  });

  test('COPY without a closing line, or from a file, has no data', () => {
    expect(texts('COPY t FROM stdin;\nSELECT 1;')).toEqual(['COPY t FROM stdin', 'SELECT 1']);
    expect(texts("COPY t FROM 'x';\nSELECT 1;\n\\.")).toEqual(["COPY t FROM 'x'", 'SELECT 1', '\\.']);
  });
});

/** What separates statements, and what can stand beside them. */
const filler = fc.constantFrom(' ', '\n', '\r\n', '\t', '-- é; 😀\n', '/* ;\n /* ; */ */', ';', '\f');
const between = fc.array(filler, { maxLength: 4 }).map((fillers) => fillers.join(''));
const file = fc
  .array(fc.tuple(between, fc.constantFrom(...CORPUS), between), { maxLength: 12 })
  .map((parts) => parts.map(([before, sql, after]) => `${before} ${sql}${after};`).join(''));

function libraryPieces(sql: string): string[] {
  const toUtf16 = byteOffsets(sql) ?? ((byte: number) => byte);
  if (split(sql).length === 0) return [];
  return (parseSync(sql).stmts ?? []).map((raw) => {
    const start = raw.stmt_location ?? 0;
    const end = raw.stmt_len ? start + raw.stmt_len : Number.POSITIVE_INFINITY;
    return sql
      .slice(toUtf16(start), toUtf16(end))
      .replace(/(?:\s|-- é; 😀|\/\* ;\n \/\* ; \*\/ \*\/)+$/u, '');
  });
}

describe('at random', () => {
  test("it agrees with Postgres's own boundaries on files that parse", () => {
    fc.assert(
      fc.property(file, (sql) => {
        expect(texts(sql)).toEqual(libraryPieces(sql));
      }),
      { numRuns: 150 },
    );
  });

  test('pieces follow one another, and between them stand only blanks, comments and semicolons', () => {
    const soup = fc.array(
      fc.oneof(
        filler,
        fc.constantFrom(...CORPUS, "'", '"', '$$', '$a$', '(', ')', '/*', '\\x', 'é😀', '\ud800'),
      ),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(soup, (parts) => {
        const sql = parts.join('');
        let at = 0;
        let rest = '';
        for (const piece of split(sql)) {
          expect(inOrder(at, piece, sql.length)).toBe(true);
          rest += sql.slice(at, piece.start);
          at = piece.terminatedEnd;
        }
        rest += sql.slice(at);
        expect(rest.replaceAll(/--.*|\/\* ;\n \/\* ; \*\/ \*\/|\/\* ; \*\/|[\s;]/g, '')).toBe('');
      }),
      { numRuns: 300 },
    );
  });
});

function inOrder(at: number, piece: Piece, length: number): boolean {
  return (
    at <= piece.start &&
    piece.start < piece.end &&
    piece.end <= piece.terminatedEnd &&
    piece.terminatedEnd <= length
  );
}
