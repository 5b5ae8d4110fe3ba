import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseGoose } from '../../server/src/migrations/formats/gooseLines.ts';
import { placedIn } from '../../server/src/runner/errorPlace.ts';
import { goosePlace } from '../../server/src/runner/goosePlace.ts';

const values: Readonly<Record<string, string>> = { LONG: '🦆1234567890', EMPTY: '', TWO: "'a'", A: 'x' };
const environment = (name: string) => values[name];

/** The place of `boom`, the token that the server is made to complain about. */
function placeOfBoom(document: string): ReturnType<typeof placedIn> | undefined {
  const { statements, error } = parseGoose(document, 'up', environment);
  const statement = statements.find(({ text }) => text.includes('boom'));
  if (error !== undefined || statement === undefined) return undefined;
  const position = [...statement.text.slice(0, statement.text.indexOf('boom'))].length + 1;
  return placedIn(document, goosePlace(document, statement, position, [], environment));
}

describe('a position of the server', () => {
  const parts = fc.constantFrom(
    ...[
      'a',
      ' ',
      '🦆',
      'ü',
      '\t',
      '1 ',
      `\${LONG}`,
      '$LONG ',
      `\${EMPTY}`,
      `\${NOPE:-dflt 🦆}`,
      `\${TWO}`,
      '\\$ ',
    ],
  );
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.array(parts, { maxLength: 8 }).map((items) => items.join('')) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('-- note', '', '  ', '-- +goose ENVSUB ON', '-- +goose NO TRANSACTION'),
    },
    { weight: 1, arbitrary: fc.constantFrom('SELECT 1;', `INSERT INTO t VALUES (\${LONG});`) },
  );
  const lines = fc.array(line, { maxLength: 8 });

  test('is the same token in the document, whatever stands before it', () => {
    let mapped = 0;
    fc.assert(
      fc.property(
        lines,
        fc.array(parts, { maxLength: 6 }),
        fc.array(parts, { maxLength: 6 }),
        lines,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (before, left, right, after, newline, block) => {
          const boom = `${left.join('')} boom ${right.join('')}`;
          const [open, close] = block ? ['-- +goose StatementBegin', '-- +goose StatementEnd'] : ['', ''];
          const body = [...before, open, boom, ...after.filter((text) => text !== '')];
          const end = block ? [close] : ['', ';'];
          const document = ['-- +goose Up', '-- +goose ENVSUB ON', ...body, ...end, ''].join(newline);
          const place = placeOfBoom(document);
          if (!place) return;
          mapped++;
          const offset = document.indexOf('boom');
          expect(place.span).toEqual({ start: offset, end: offset + 4 });
          const lineStart = document.lastIndexOf('\n', offset) + 1;
          expect(place.line).toBe(document.slice(0, offset).split('\n').length);
          expect(place.column).toBe(offset - lineStart + 1);
        },
      ),
      { numRuns: 2000 },
    );
    expect(mapped).toBeGreaterThan(500);
  });

  test('inside a value is the place of its variable', () => {
    const document = `-- +goose Up\n-- +goose ENVSUB ON\nSELECT a, \${A:-no} + \${WRONG}, c;\n`;
    const known = (name: string) => (name === 'WRONG' ? 'b + boom' : values[name]);
    const [statement] = parseGoose(document, 'up', known).statements;
    if (!statement) throw new Error('no statement');
    const position = statement.text.indexOf('boom') + 1;
    const { span } = goosePlace(document, statement, position, [], known);
    expect(span.start).toBe(document.indexOf(`\${WRONG}`));
  });

  test('at the end of the statement is after it', () => {
    const document = '-- +goose Up\nSELECT (1 +;\n';
    const [statement] = parseGoose(document, 'up').statements;
    if (!statement) throw new Error('no statement');
    const place = goosePlace(document, statement, statement.text.length, [], environment);
    const { line, column } = placedIn(document, place);
    expect([line, column]).toEqual([2, 12]);
  });
});

describe('without a position', () => {
  const document =
    '-- +goose Up\n-- why\nALTER TABLE shop."Order items" ADD COLUMN qty int;\n-- +goose Down\n';
  const [statement] = parseGoose(document, 'up').statements;

  test.each([
    [['qty'], 'qty'],
    [['Order items'], '"Order items"'],
    [['nowhere', 'shop'], 'shop'],
    [['nowhere'], 'ALTER'],
    [[], 'ALTER'],
  ])('the first name that the statement has: %j', (names, token) => {
    if (!statement) throw new Error('no statement');
    const { span } = goosePlace(document, statement, undefined, names, environment);
    expect(document.slice(span.start, span.end)).toBe(token);
  });
});

test('of several statements in one chunk the failing one is told', () => {
  const document = "-- +goose Up\nSELECT ';'; SELECT boom;\n";
  expect(placeOfBoom(document)?.statement).toBe('SELECT boom');
});
