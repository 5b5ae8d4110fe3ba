import { beforeAll, describe, expect, test } from 'vitest';
import { ignoresIn } from '../../server/src/analysis/suppression.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf } from '../rules/exampleHistory.ts';

beforeAll(loadParser);

const PATH = 'migrations/00001_step.sql';

/** The rules that speak about a file alone in its folder, with the lines they speak on. */
function said(text: string, which: RegExp): string[] {
  return analysisOf([{ path: PATH, text }])
    .findings(PATH)
    .filter(({ rule }) => which.test(rule))
    .map(({ rule, span }) => `${rule} ${text.slice(0, span.start).split('\n').length}`);
}

const DROP = /^(drop-table|unused-ignore|unknown-rule)$/;

describe('what a comment hides', () => {
  test.each([
    [
      'the next statement',
      '-- skein:ignore drop-table old\nDROP TABLE IF EXISTS a;\nDROP TABLE b;',
      ['drop-table 3'],
    ],
    ['over other comments', '-- skein:ignore drop-table\n\n-- gone since May\nDROP TABLE a;', []],
    [
      'what stands on its line',
      'DROP TABLE a;\nDROP TABLE b; -- skein:ignore drop-table\nDROP TABLE c;',
      ['drop-table 1', 'drop-table 3'],
    ],
    [
      'a statement that ends on its line',
      'DROP TABLE\n  a,\n  b; -- skein:ignore drop-table\nDROP TABLE c;',
      ['drop-table 4'],
    ],
    ['one line of a statement', 'DROP TABLE\n  a, -- skein:ignore drop-table\n  b;', ['drop-table 3']],
    ['the statement it stands in', 'DROP TABLE\n  -- skein:ignore drop-table\n  a, b;', []],
    [
      'the whole file, wherever it stands',
      'DROP TABLE a;\nDROP TABLE b;\n-- skein:ignore-file drop-table',
      [],
    ],
    [
      'several rules',
      '-- skein:ignore drop-column , drop-table: both\nALTER TABLE a DROP b;',
      ['unused-ignore 1'],
    ],
    [
      'only the rules it names',
      '-- skein:ignore drop-column\nDROP TABLE a;',
      ['unused-ignore 1', 'drop-table 2'],
    ],
    ['from a block comment', '/* skein:ignore drop-table */ DROP TABLE a;', []],
    ['with CRLF', '-- skein:ignore drop-table\r\nDROP TABLE a;\r\nDROP TABLE b;\r\n', ['drop-table 3']],
    [
      'the next statement of a DO block',
      'DO $$ BEGIN\n  -- skein:ignore drop-table\n  DROP TABLE a;\n  DROP TABLE b;\nEND $$;',
      ['drop-table 4'],
    ],
    [
      'a line of a DO block',
      'DO $x$ BEGIN\n  DROP TABLE a; -- skein:ignore drop-table\n  DROP TABLE b;\nEND $x$;',
      ['drop-table 3'],
    ],
    ['nothing in a string', "SELECT '\n-- skein:ignore drop-table\n';\nDROP TABLE a;", ['drop-table 4']],
    ['nothing in a name', 'SELECT 1 AS "-- skein:ignore drop-table";\nDROP TABLE a;', ['drop-table 2']],
    ['nothing by a longer word', '-- skein:ignored drop-table\nDROP TABLE a;', ['drop-table 2']],
    [
      'nothing after the last statement',
      'DROP TABLE a;\n-- skein:ignore drop-table',
      ['drop-table 1', 'unused-ignore 2'],
    ],
    ['in squawk’s words', '-- squawk-ignore ban-drop-table, no-such-rule\nDROP TABLE a;', []],
    ['all that squawk knows', '-- squawk-ignore-file\nDROP TABLE a;', []],
    ['not what squawk calls otherwise', '-- squawk-ignore ban-drop-column\nDROP TABLE a;', ['drop-table 2']],
    [
      'before and in goose’s sections',
      '-- skein:ignore drop-table\n-- +goose Up\nDROP TABLE a;\nDROP TABLE b;\n',
      ['drop-table 4'],
    ],
  ])('%s', (_, text, left) => {
    expect(said(text, DROP)).toEqual(left);
  });

  test('a misspelt rule hides nothing and is told', () => {
    expect(said('-- skein:ignore drop-tabel\nDROP TABLE a;', DROP)).toEqual([
      'unknown-rule 1',
      'drop-table 2',
    ]);
  });

  test('nothing is called unused while files are still being read', () => {
    const analysis = analysisOf([{ path: PATH, text: '-- skein:ignore unknown-object\nSELECT 1;' }]);
    analysis.setComplete(false);
    expect(analysis.findings(PATH)).toEqual([]);
    analysis.setComplete(true);
    expect(analysis.findings(PATH).map(({ rule }) => rule)).toEqual(['unused-ignore']);
  });
});

test('twice the comments cost about twice the time', () => {
  const fastest = (comments: number): number => {
    const text = `-- +goose Up\n${'-- skein:ignore drop-table old\nDROP TABLE a;\nSELECT 1;\n\n'.repeat(comments)}`;
    const file = gooseFormat.read({ path: PATH, text, byteOrderMark: false });
    expect(ignoresIn(file)).toHaveLength(comments);
    return Math.min(
      ...Array.from({ length: 20 }, () => {
        const begin = performance.now();
        ignoresIn(file);
        return performance.now() - begin;
      }),
    );
  };
  expect(fastest(2000) / fastest(1000)).toBeLessThan(3);
});

describe('in Python', () => {
  const path = 'migrations/a1_step.py';
  const revision = (...lines: readonly string[]) =>
    `from alembic import op\nrevision = "a1"\ndown_revision = None\n\n\ndef upgrade():\n${lines.map((line) => `    ${line}\n`).join('')}`;
  const dropped = (text: string) =>
    analysisOf([{ path, text }])
      .findings(path)
      .filter(({ rule }) => DROP.test(rule))
      .map(({ rule, span }) => `${rule} ${text.slice(0, span.start).split('\n').length}`);

  test.each([
    [
      'the next statement',
      ["# skein:ignore drop-table it's old", 'op.drop_table("a")', 'op.drop_table("b")'],
      ['drop-table 9'],
    ],
    [
      'what stands on its line',
      ['op.drop_table("a")  # skein:ignore drop-table', 'op.drop_table("b")'],
      ['drop-table 8'],
    ],
    ['all of the file', ['# skein:ignore-file drop-table', 'op.drop_table("a")', 'op.drop_table("b")'], []],
    [
      'nothing, in a string',
      ['op.execute("SELECT \'# skein:ignore drop-table\'")', 'op.drop_table("b")'],
      ['drop-table 8'],
    ],
    [
      'the next statement, said in the SQL of a string',
      [
        'op.execute("""',
        '    -- skein:ignore drop-table it is old',
        '    DROP TABLE a;',
        '    DROP TABLE b',
        '""")',
      ],
      ['drop-table 10'],
    ],
    [
      'what stands on its line, said in SQL',
      ['op.execute("""', 'DROP TABLE a; -- skein:ignore drop-table', 'DROP TABLE b """)'],
      ['drop-table 9'],
    ],
    [
      'what stands on its line, in a string of two literals',
      ['op.execute("DROP TABLE a /* skein:ignore drop-table */; "', '    "DROP TABLE b")'],
      ['drop-table 8'],
    ],
    [
      'nothing, where nothing is',
      ['# skein:ignore drop-table', 'op.execute("SELECT 1")'],
      ['unused-ignore 7'],
    ],
  ])('a comment hides %s', (_, lines, left) => {
    expect(dropped(revision(...lines))).toEqual(left);
  });
});
