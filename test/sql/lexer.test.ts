import fc from 'fast-check';
import { scanSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { tokenize } from '../../server/src/sql/lexer.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { byteOffsets } from '../../server/src/sql/textOffsets.ts';
import { CORPUS } from './corpus.ts';

beforeAll(loadParser);

function kinds(sql: string): string[] {
  return tokenize(sql).map((token) => `${token.kind} ${token.value}`);
}

describe('tokens', () => {
  test('words are folded, quoted names unquoted', () => {
    expect(kinds('SELECT Größe, "A""b" x$1')).toEqual([
      'word select',
      'word größe',
      'punctuation ,',
      'quotedName A"b',
      'word x$1',
    ]);
  });

  test('strings of every kind are one token', () => {
    for (const sql of [
      "'it''s'",
      "E'\\''",
      "e'a\\\\'",
      "B'01'",
      "x'1F'",
      "N'a'",
      "U&'\\0061'",
      '$$a$$',
      '$é$ $$ $é$',
      "'a'\n 'b'",
    ]) {
      expect(kinds(sql), sql).toEqual([`string ${sql}`]);
    }
    expect(kinds("'a' 'b'")).toHaveLength(2);
    expect(kinds("be'a'")).toEqual(['word be', "string 'a'"]);
  });

  test('numbers, parameters and operators', () => {
    expect(kinds('1.5e-3 .5 0x1F 1_000 $12 1..2')).toEqual([
      'number 1.5e-3',
      'number .5',
      'number 0x1F',
      'number 1_000',
      'parameter $12',
      'number 1',
      'operator ..',
      'number 2',
    ]);
    expect(kinds('a->>b::c:=-1@>-2')).toEqual([
      'word a',
      'operator ->>',
      'word b',
      'operator ::',
      'word c',
      'operator :=',
      'operator -',
      'number 1',
      'operator @>-',
      'number 2',
    ]);
    expect(kinds('a+-b<-- c\n/* d */*/**/e')).toEqual([
      'word a',
      'operator +',
      'operator -',
      'word b',
      'operator <',
      'operator *',
      'word e',
    ]);
  });

  test('what is never closed reaches to the end', () => {
    expect(["'a b", '"a b', '$x$ a b'].map((sql) => kinds(sql).length)).toEqual([1, 1, 1]);
    expect(tokenize('a /* b')).toHaveLength(1);
  });
});

/** Postgres's own tokens, comments left out, as places in UTF-16. */
function libraryTokens(sql: string): string[] {
  const toUtf16 = byteOffsets(sql) ?? ((byte: number) => byte);
  const isComment = (text: string) => text.startsWith('--') || text.startsWith('/*');
  return scanSync(sql).tokens.flatMap(({ start, end }) => {
    const text = sql.slice(toUtf16(start), toUtf16(end));
    return isComment(text) ? [] : [`${toUtf16(start)}-${toUtf16(end)}`];
  });
}

const places = (sql: string) => tokenize(sql).map((token) => `${token.start}-${token.end}`);

describe("they are those of Postgres's own lexer", () => {
  test('on the corpus', () => {
    for (const sql of CORPUS) expect(places(sql), sql).toEqual(libraryTokens(sql));
  });

  test('on characters at random', () => {
    const pieces = fc.constantFrom(
      'a',
      'É',
      '1',
      '.',
      ' ',
      '\n',
      '+',
      '-',
      '*',
      '<',
      '>',
      '=',
      '@',
      '!',
      ':',
      "'x'",
      '"n"',
      '$$s$$',
      '$1 ',
      '(',
      ']',
      '😀',
      'e',
      "E'\\n'",
      '/',
      '%',
    );
    const soup = fc.array(pieces, { maxLength: 15 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (sql) => {
        let expected: string[] | undefined;
        try {
          expected = libraryTokens(sql);
        } catch {
          return; // an open comment, junk after a number
        }
        expect(places(sql)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('they never overlap, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (sql) => {
        const tokens = tokenize(sql);
        return tokens.every(
          (token, i) =>
            token.start >= (tokens[i - 1]?.end ?? 0) && token.end > token.start && token.end <= sql.length,
        );
      }),
    );
  });
});
