import { beforeAll, describe, expect, test } from 'vitest';
import { formatMigration, withFormattedFiles } from '../../server/src/analysis/formatMigration.ts';
import type { MigrationFormat } from '../../server/src/migrations/format.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { Span } from '../../server/src/sql/span.ts';
import { analysisOf, NOW } from '../rules/exampleHistory.ts';

beforeAll(loadParser);

function format(text: string, by: MigrationFormat = gooseFormat, range?: Span) {
  const file = by.read({ path: 'm/1_a.sql', text, byteOrderMark: false });
  const { edits, refused } = formatMigration(by, file, range);
  let result = '';
  let at = 0;
  for (const { span, newText } of edits) {
    result += text.slice(at, span.start) + newText;
    at = span.end;
  }
  return { text: result + text.slice(at), refused: refused.map(({ parsed }) => parsed.text) };
}

/** The text formatted, which another run leaves as it is. */
function formatted(text: string, by?: MigrationFormat): string {
  const once = format(text, by);
  expect(once.refused).toEqual([]);
  expect(format(once.text, by)).toEqual(once);
  return once.text;
}

describe('formatting a migration', () => {
  test('leaves all that stands between the statements as it is', () => {
    const text = [
      '-- +goose NO TRANSACTION',
      '  -- about this file',
      '-- +goose Up',
      '',
      '/* orders */  ',
      '  create table orders (id bigint primary key, note text)  ; -- the first',
      '',
      '',
      '-- +goose StatementBegin',
      'create function f() returns int language plpgsql as $body$',
      'begin',
      '  return   1 ;',
      'end $body$;',
      '-- +goose StatementEnd',
      '-- +goose Down',
      'drop table   orders;',
      '',
    ];
    const after = [...text];
    after[5] = 'CREATE TABLE orders (\n  id bigint PRIMARY KEY,\n  note text\n); -- the first';
    after[9] = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$';
    after[15] = 'DROP TABLE   orders;';
    expect(formatted(text.join('\n'))).toBe(after.join('\n'));
    expect(formatted(text.join('\r\n'))).toBe(after.join('\n').replaceAll('\n', '\r\n'));
  });

  test('keeps psql lines, COPY data and what does not parse', () => {
    const text =
      "\\set x 1\nselect   1;\ncopy t from stdin;\na  select\n\\.\nselect :x;\nselec   2;\nselect   'b';\n";
    expect(formatted(text, plainFormat())).toBe(
      "\\set x 1\nSELECT 1;\nCOPY t FROM STDIN;\na  select\n\\.\nselect :x;\nselec   2;\nSELECT 'b';\n",
    );
  });

  test('touches only the statements of a selection', () => {
    const text = '-- +goose Up\nselect 1;\nselect 2;\nselect 3;\n';
    const at = text.indexOf('2');
    expect(format(text, gooseFormat, { start: at, end: at }).text).toBe(
      '-- +goose Up\nselect 1;\nSELECT 2;\nselect 3;\n',
    );
    expect(format(text, gooseFormat, { start: text.length, end: text.length }).text).toBe(text);
  });

  test('does not part what goose sends together', () => {
    const text = '-- +goose NO TRANSACTION\n-- +goose Up\nselect 1; select 2;\nselect 3;\n';
    expect(formatted(text)).toBe('-- +goose NO TRANSACTION\n-- +goose Up\nselect 1; select 2;\nSELECT 3;\n');
  });

  test('refuses what goose would cut in two, and formats the rest', () => {
    const values = Array.from({ length: 12 }, (_, i) => `insert into t values (${i}, 'x')`).join('; ');
    const text = `-- +goose Up\nselect   1;\ncreate function f() returns void begin atomic ${values}; end;\n`;
    const once = format(text);
    expect(once.text.startsWith('-- +goose Up\nSELECT 1;\n')).toBe(true);
    const { problems } = gooseFormat.read({ path: 'm/1_a.sql', text: once.text, byteOrderMark: false });
    expect(problems).toEqual([]);
  });

  test('says which statements it left alone', () => {
    // In mixed line ends the string would become another one.
    const text = "-- +goose Up\r\nselect   1;\r\nselect   'a\nb';\r\n";
    expect(format(text)).toEqual({
      text: "-- +goose Up\r\nSELECT 1;\r\nselect   'a\nb';\r\n",
      refused: ["select   'a\nb'"],
    });
  });

  test('works on a file with a byte order mark, and on one that goose refuses', () => {
    const marked = gooseFormat.read({
      path: 'm/1_a.sql',
      text: '-- +goose Up\nselect   1;\n',
      byteOrderMark: true,
    });
    expect(formatMigration(gooseFormat, marked).edits).toHaveLength(1);
    expect(formatted('-- +goose Up\nselect   1;\nselect   2\n')).toBe('-- +goose Up\nSELECT 1;\nSELECT 2\n');
  });
});

test('a migration that a fix makes is formatted as all are', () => {
  const path = 'migrations/00001_a.sql';
  const up = 'ALTER TABLE a ADD x int;\ncreate   index i on a (x)\n   where x>0;';
  const analysis = analysisOf([{ path, text: `-- +goose Up\n${up}\n-- +goose Down\nDROP INDEX i;\n` }]);
  const finding = analysis.findings(path).find(({ rule }) => rule === 'index-not-concurrent');
  const [fix] = finding?.fixes ?? [];
  const edits = fix && withFormattedFiles(analysis.edits(fix, path, { now: () => NOW }), analysis.format);
  expect(edits?.creates.map(({ text }) => text)).toEqual([
    '-- +goose NO TRANSACTION\n\n-- +goose Up\nDROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (x) WHERE x > 0;\n\n-- +goose Down\nDROP INDEX CONCURRENTLY IF EXISTS i;\n',
  ]);
});
