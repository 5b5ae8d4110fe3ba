import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/migrations/edits.ts';
import type { MigrationFormat } from '../../../server/src/migrations/format.ts';
import { gooseFormat } from '../../../server/src/migrations/formats/goose.ts';
import { plainFormat } from '../../../server/src/migrations/formats/plain.ts';
import type { FileContent, MigrationFile } from '../../../server/src/migrations/migration.ts';
import { statementsOf } from '../../../server/src/migrations/migration.ts';
import { loadParser } from '../../../server/src/sql/parser.ts';

beforeAll(loadParser);

/* What is read of a file that was read before is what is read of it at first sight. */

const LINES = [
  '-- +goose Up',
  '-- +goose Down',
  '-- +goose Down',
  '-- +goose StatementBegin',
  '-- +goose StatementEnd',
  '-- +goose NO TRANSACTION',
  '-- +goose ENVSUB ON',
  '-- +goose ENVSUB OFF',
  '-- +Goose down',
  '-- goose statement end',
  '-- +goose Up now',
  '-- a comment of goose; and more',
  'BEGIN;',
  'COMMIT;',
  'SELECT 1;',
  'SELECT 1; SELECT 2; -- both',
  'CREATE TABLE a (\n  id int,\n  b text\n);',
  'DO $$\nBEGIN\n  PERFORM 1;\nEND $$;',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  SELECT 1;\n  SELECT 2;\nEND;',
  "INSERT INTO t VALUES ('$A', '${B:-x}');",
  'COPY t FROM STDIN;\n1;\n\\.',
  '\\set a 1',
  'SELEC 1;',
  'CREATE TABLE a (id int',
  "SELECT 'a",
  'DROP TABLE b',
  ';',
  '',
];
const KEYS = ['x', ';', "'", '$$', '(', '--', '\n', '\r\n', ' '];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removes: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(60)),
  puts: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...KEYS),
    fc.constantFrom(...LINES).map((line) => `\n${line}\n`),
  ),
});

function typed(text: string, { at, removes, puts }: { at: number; removes: number; puts: string }): string {
  const start = Math.floor(at * text.length);
  return applyEdits(text, [{ span: { start, end: Math.min(text.length, start + removes) }, text: puts }]);
}

function statementsIn({ up, down }: MigrationFile) {
  return [up, down].flatMap((script) => (script === undefined ? [] : statementsOf(script)));
}

const content = (text: string): FileContent => ({ path: 'm/00001_a.sql', text, byteOrderMark: false });

describe.each<[string, MigrationFormat]>([
  ['goose', gooseFormat],
  ['plain', plainFormat()],
])('%s', (_, format) => {
  test('a file is read after any edits as it is read at first sight', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...LINES), { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        (lines, newline, edits) => {
          let text = ['-- +goose Up', ...lines, ''].join('\n').replaceAll('\n', newline);
          let before = format.read(content(text));
          for (const each of edits) {
            text = typed(text, each);
            const after = format.read(content(text), before);
            expect(after).toEqual(format.read(content(text)));
            const known = new Set(statementsIn(before));
            taken += statementsIn(after).filter((statement) => known.has(statement)).length;
            before = after;
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test('a file that could not be read before is read as at first sight', () => {
    const text = '-- +goose Up\nSELECT 1;\n';
    const closed = format.read({ ...content(''), unreadable: 'cannot be read' });
    expect(format.read(content(text), closed)).toEqual(format.read(content(text)));
    const read = format.read(content(text));
    expect(format.read({ ...content(''), unreadable: 'cannot be read' }, read)).toEqual(closed);
  });
});
