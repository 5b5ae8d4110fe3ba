import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandVariables } from '../../../server/src/migrations/formats/gooseEnvsub.ts';
import { parseGoose } from '../../../server/src/migrations/formats/gooseLines.ts';
import { goQuote } from '../../../server/src/migrations/formats/goStrings.ts';

/* What test/conformance/goose.test.ts does not hold: made with goose v3.27.3 in the same way. */

const texts = (sql: string) => parseGoose(`-- +goose Up\n${sql}\n`, 'up').statements.map(({ text }) => text);

describe('the line machine', () => {
  it.each([
    [
      'Go’s white space before a comment',
      'SELECT 1;\u00a0-- c\nSELECT 2;\u2028--c',
      ['SELECT 1;\u00a0-- c', 'SELECT 2;\u2028--c'],
    ],
    ['no white space in Go', 'SELECT 1;\ufeff\nSELECT 2;', ['SELECT 1;\ufeff\nSELECT 2;']],
    ['a line that starts with a semicolon', '; --;\n;--\n;', ['; --;', ';--\n;']],
    ['a carriage return inside a line', 'SELECT 1; \r\n', ['SELECT 1;']],
  ])('knows %s', (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('folds case as Go does', () => {
    expect(texts('-- +goose \u017ftatementBegin\nSELECT 1\n-- +goose \u017ftatementEnd')).toEqual([
      'SELECT 1',
    ]);
  });

  it('says where each statement stands', () => {
    const text = '-- +goose Up\r\n\r\n-- c\r\n  SELECT 1\r\n  , 2; -- d\r\nSELECT 3;';
    const { statements } = parseGoose(text, 'up');
    expect(statements.map(({ span }) => text.slice(span.start, span.end))).toEqual([
      'SELECT 1\r\n  , 2; -- d',
      'SELECT 3;',
    ]);
  });

  it('sends all SQL of well-ended lines, in order', () => {
    const line = fc.stringMatching(/^[a-z ]{0,5}[a-z];$/);
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (up, down) => {
        const text = ['-- +goose Up', ...up, '-- +goose Down', ...down].join('\n');
        expect(parseGoose(text, 'up').statements.map(({ text: sql }) => sql)).toEqual(
          up.map((sql) => sql.trim()),
        );
        expect(parseGoose(text, 'down').statements.map(({ text: sql }) => sql)).toEqual(
          down.map((sql) => sql.trim()),
        );
      }),
    );
  });
});

describe('goQuote', () => {
  it('escapes as strconv.Quote', () => {
    expect(goQuote('é😀 "\\\u0007\u007f\u0080\u200b\ufeff\u{10ffff}\ud800')).toBe(
      '"é😀 \\"\\\\\\a\\x7f\\u0080\\u200b\\ufeff\\U0010ffff\ufffd"',
    );
  });
});

describe('expandVariables', () => {
  const env = (name: string) =>
    new Map([
      ['R', 'rval'],
      ['E', ''],
      ['U', 'aé😀z'],
      ['É', 'e'],
    ]).get(name);
  const text = (line: string) => expandVariables(line, env);

  it.each([
    ['$R ${R} [${NOPE}] [$R_x]', 'rval rval [] []'],
    ['${NOPE:-d} ${E:-d} [${E-d}] ${NOPE-a}b}', 'd d [] ab}'],
    ['${NOPE:-${R:1:2}x}', 'vax'],
    ['${R:1} ${R:-2} ${R: 1 : -1 } ${R:9}.${R:2:9}', 'val rval va .al'],
    ['${U:0:3} ${U:7}', 'aé z'],
    ['\\$R $$R \\\\$R $( ${É}', '$R $R \\\\rval $( e'],
    ['a $', 'a $'],
    ['100%', '100%'],
  ])('%s', (line, expected) => {
    expect(text(line)).toEqual({ text: expected });
  });

  it.each([
    ['$1', 'Expected identifier to start with a letter, got 1'],
    ['${R', 'Expected an operator, got \ufffd'],
    ['${R+x}', 'Expected an operator, got +'],
    ['${R:-a', 'Expected brace expansion to end with }, got \ufffd'],
    ['${R:+x}', 'Unable to parse offset: strconv.Atoi: parsing "+x": invalid syntax'],
    ['${R:1:}', 'Unable to parse length: strconv.Atoi: parsing "": invalid syntax'],
    [
      '${R:99999999999999999999}',
      'Unable to parse offset: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['${NOPE?}', '$NOPE: not set'],
    ['${NOPE?need ${R}}', '$NOPE: need rval'],
    ['${NOPE?x} $1', 'Expected identifier to start with a letter, got 1'],
  ])('refuses %s', (line, error) => {
    expect(text(line)).toEqual({ error });
  });
});
