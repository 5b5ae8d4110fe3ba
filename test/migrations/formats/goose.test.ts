import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gooseFormat } from '../../../server/src/migrations/formats/goose.ts';
import { parseGoose } from '../../../server/src/migrations/formats/gooseLines.ts';
import { statementsOf } from '../../../server/src/migrations/migration.ts';
import { loadParser } from '../../../server/src/sql/parser.ts';
import { changed, goose, unitsOf } from '../migrationFile.ts';

beforeAll(loadParser);

/** `rule at characters` of every problem. */
function problems(text: string): string[] {
  return goose(text).problems.map(({ rule, span, severity }) => {
    return `${severity ?? 'error'} ${rule} at ${text.slice(span.start, span.end)}`;
  });
}

/** The text after the repair of its only problem, which goose must accept. */
function repaired(text: string): string {
  const file = goose(text);
  const [problem, ...others] = file.problems;
  expect(others).toEqual([]);
  const result = changed(gooseFormat, file, problem?.repair?.changes ?? []);
  expect([parseGoose(result, 'up').error, parseGoose(result, 'down').error, goose(result).problems]).toEqual([
    undefined,
    undefined,
    [],
  ]);
  return result;
}

const body = 'DO $$\nBEGIN\n  PERFORM 1;\nEND $$;\n';
const begin = '-- +goose StatementBegin\n';
const end = '-- +goose StatementEnd\n';
const up = '-- +goose Up\n';
const down = '-- +goose Down\n';

describe('units', () => {
  it('is one transaction per direction', () => {
    const file = goose(`${up}SELECT 1; SELECT 2;\nSELECT 3;\n${down}SELECT 4;\n`);
    expect(unitsOf(file.up)).toEqual([['transaction', ['SELECT 1', 'SELECT 2'], ['SELECT 3']]]);
    expect(unitsOf(file.down)).toEqual([['transaction', ['SELECT 4']]]);
    expect(file).toMatchObject({
      transactional: true,
      version: '1',
      name: 'test',
      opaque: false,
      problems: [],
    });
  });

  it('is one query after the other in a file that says NO TRANSACTION, wherever it says so', () => {
    const file = goose(`${up}SELECT 1; SELECT 2;\nSELECT 3;\n${down}SELECT 4;\n-- +goose no transaction`);
    expect(unitsOf(file.up)).toEqual([
      ['oneQueryString', ['SELECT 1', 'SELECT 2']],
      ['autocommit', ['SELECT 3']],
    ]);
    expect(unitsOf(file.down)).toEqual([['autocommit', ['SELECT 4']]]);
    expect(file.transactional).toBe(false);
  });

  it('joins what goose joins: a semicolon that goose does not see, a block', () => {
    const text = `-- +goose NO TRANSACTION\n${up}SELECT 1;--c\nSELECT 2;\n${begin}SELECT 3;\nSELECT 4;\n${end}SELECT 5;\n`;
    expect(unitsOf(goose(text).up)).toEqual([
      ['oneQueryString', ['SELECT 1', 'SELECT 2']],
      ['oneQueryString', ['SELECT 3', 'SELECT 4']],
      ['autocommit', ['SELECT 5']],
    ]);
  });

  it('keeps a statement whole that goose cuts', () => {
    const file = goose(`-- +goose NO TRANSACTION\n${up}${body}SELECT 2;\n`);
    expect(unitsOf(file.up)).toEqual([
      ['autocommit', [body.trimEnd().slice(0, -1)]],
      ['autocommit', ['SELECT 2']],
    ]);
  });

  it('has sections after their annotations, and no down where the file has none', () => {
    const text = `-- head\n${up}SELECT 1;\n${down}SELECT 2;\n`;
    const file = goose(text);
    expect(text.slice(file.up.span.start, file.up.span.end)).toBe('SELECT 1;\n');
    expect(text.slice(file.down?.span.start, file.down?.span.end)).toBe('SELECT 2;\n');
    expect(goose(up).down).toBeUndefined();
    expect(goose(`${up}${down}`).down?.units).toEqual([]);
  });

  it('is read also where goose refuses the file', () => {
    const file = goose(`CREATE TABLE a ();\n${begin}SELECT 1;\n -- +goose Down\nSELECT 2`);
    expect(unitsOf(file.up)).toEqual([['transaction', ['CREATE TABLE a ()'], ['SELECT 1']]]);
    expect(unitsOf(file.down)).toEqual([['transaction', ['SELECT 2']]]);
  });
});

describe('quiet', () => {
  it.each([
    ['a whole file', `${up}SELECT 1; -- c\n\n${down}SELECT 2;`],
    ['CRLF', `${up}SELECT\n1;\n${down}SELECT 2;\n`.replaceAll('\n', '\r\n')],
    ['empty sections', `${up}\n${down}`],
    ['a body on one line', `${up}DO $$ BEGIN PERFORM 1; END $$;\n`],
    ['a body in a block', `${up}${begin}${body}${end}${down}`],
    [
      'a body whose lines do not end with a semicolon',
      `${up}DO $$\nBEGIN PERFORM 1; -- c\nEND $$;\n`.replace('; -- c', ';--c'),
    ],
    ['a block without a semicolon', `${up}${begin}SELECT 1\n${end}`],
    [
      'spellings that goose takes',
      `--+goose up\n---- +goose STATEMENTBEGIN --\nSELECT 1\n--   +goose statementend\n`,
    ],
    ['a heading above the annotation', `-- goose up\n${up}SELECT 1;\n-- goose down\n${down}`],
    ['prose about goose', `-- goose down is not supported here\n${up}SELECT 1;\n`],
    ['SQL between two statements of one line', `${up}SELECT 1; SELECT 2;\n`],
    [
      'variables',
      `${up}-- +goose ENVSUB ON\nCREATE TABLE \${NAME}_t (a int DEFAULT \${N:-1});\n-- +goose ENVSUB OFF\n${begin}${body}${end}`,
    ],
    ['a template that goose fills in', `${up}-- +goose ENVSUB ON\nSELECT '\${R?must be set}';\n`],
    ['a comment between statements', `${up}SELECT 1;\n/* c */\nSELECT 2;\n`],
  ])('%s', (_, text) => {
    expect(goose(text).problems).toEqual([]);
  });
});

describe('goose-annotation', () => {
  it.each([
    ['leading blanks', ` \t-- +goose Up\nSELECT 1;\n`, `${up}SELECT 1;\n`],
    ['too many words', `-- +goose Up now\nSELECT 1;\n`, `${up}SELECT 1;\n`],
    ['two spaces', `-- +goose NO  TRANSACTION\n${up}`, `-- +goose NO TRANSACTION\n${up}`],
    ['a slip', `${up}-- +goose StatmentBegin\n${body}${end}`, `${up}${begin}${body}${end}`],
    [
      'words the wrong way round',
      `${up}${begin}SELECT 1\n-- +goose EndStatement\n`,
      `${up}${begin}SELECT 1\n${end}`,
    ],
    ['three dashes', `--- +goose Up\nSELECT 1;\n`, `${up}SELECT 1;\n`],
    ['said twice', `-- +goose +goose Up\n`, up],
    ['prose', `${up}-- run with +goose up\nSELECT 1;\n`, `${up}-- run with goose up\nSELECT 1;\n`],
    ['capitals, a comment to goose', `-- +GOOSE Up\nSELECT 1;\n`, `${up}SELECT 1;\n`],
    ['no plus', `-- goose: Up\nSELECT 1;\n`, `${up}SELECT 1;\n`],
    [
      'capitals, and Down runs with Up',
      `${up}SELECT 1;\n-- +Goose down\nSELECT 2;\n`,
      `${up}SELECT 1;\n${down}SELECT 2;\n`,
    ],
    ['no Up', `SELECT 1;\n`, `${up}SELECT 1;\n`],
    ['no Up, with Down', `-- c\nSELECT 1;\n${down}`, `${up}-- c\nSELECT 1;\n${down}`],
    ['Down alone', `${down}SELECT 1;\n`, `${up}${down}SELECT 1;\n`],
    ['SQL before Up', `-- head\n\nSELECT 1;\n${up}SELECT 2;\n`, `-- head\n\n${up}SELECT 1;\nSELECT 2;\n`],
    ['a block comment before Up', `/* c */\n${up}SELECT 2;\n`, `${up}/* c */\nSELECT 2;\n`],
    ['an empty file', ``, up],
    ['nothing but comments', `-- c`, `-- c\n${up}`],
    ['Up twice', `${up}SELECT 1;\n${up}SELECT 2;\n`, `${up}SELECT 1;\n${down}SELECT 2;\n`],
    [
      'Down twice',
      `${up}SELECT 1;\n${down}SELECT 2;\n${down}SELECT 3;\n`,
      `${up}SELECT 1;\n${down}SELECT 2;\nSELECT 3;\n`,
    ],
    ['a block that never ends', `${up}${begin}${body}\n\n`, `${up}${begin}${body}${end}\n\n`],
    [
      'a block without end before Down',
      `${up}${begin}${body}\n${down}`,
      `${up}${begin}${body}${end}\n${down}`,
    ],
    [
      'a block in a block',
      `${up}${begin}${body}${begin}${body}${end}`,
      `${up}${begin}${body}${end}${begin}${body}${end}`,
    ],
    ['an end without begin', `${up}${body}${end}`, `${up}${begin}${body}${end}`],
    ['an end without a statement', `${up}${end}SELECT 1;\n`, `${up}SELECT 1;\n`],
    ['an empty block', `${up}${begin}-- c\n${end}SELECT 1;\n`, `${up}-- c\nSELECT 1;\n`],
    [
      'a dollar quote under ENVSUB',
      `${up}-- +goose ENVSUB ON\n${begin}${body}${end}SELECT '$R';\n`,
      `${up}-- +goose ENVSUB ON\n${begin}-- +goose ENVSUB OFF\n${body}-- +goose ENVSUB ON\n${end}SELECT '$R';\n`,
    ],
    ['CRLF', `SELECT 1;\r\n`, `-- +goose Up\r\nSELECT 1;\r\n`],
  ])('repairs %s', (_, text, expected) => {
    expect(goose(text).problems.map(({ rule }) => rule)).toEqual(['goose-annotation']);
    expect(repaired(text)).toBe(expected);
  });

  it('speaks in goose’s words at the characters', () => {
    expect(goose(`${up}  -- +goose Down\n`).problems[0]).toMatchObject({
      message: `failed to parse annotation line "  -- +goose Down": "  -- +goose Down" contains leading whitespace: invalid annotation`,
      span: { start: 15, end: 29 },
    });
    expect(problems(`SELECT 1;\nSELECT 2;\n`)).toEqual(['error goose-annotation at SELECT 1;']);
    expect(problems(`${up}${begin}SELECT 1;`)).toEqual([
      'error goose-annotation at -- +goose StatementBegin',
    ]);
    expect(problems(`${up}${begin}${end}SELECT 1;\nSELECT 2;\n`)).toEqual([
      'error goose-annotation at SELECT 1;',
    ]);
    expect(goose(`${up}-- +goose ENVSUB ON\nSELECT $1;\n`).problems[0]?.message).toBe(
      'variable substitution failed: Expected identifier to start with a letter, got 1',
    );
  });

  it('names each line that goose would stop at once, with what it would say first', () => {
    expect(problems(` -- +goose Up\nSELECT 1;\n-- +goose Dwon\n-- +goose nonsense\n`)).toEqual([
      'error goose-annotation at -- +goose Up',
      'error goose-annotation at -- +goose Dwon',
      'error goose-annotation at -- +goose nonsense',
    ]);
  });

  it('asks before a correction that changes what an accepted file runs', () => {
    const grade = (text: string) => goose(text).problems[0]?.repair?.grade;
    expect(grade(`${up}SELECT 1;\n-- goose down\nSELECT 2;\n`)).toBe('review');
    expect(grade(`-- +GOOSE Up\nSELECT 1;\n`)).toBe('safe');
    expect(grade(`${up}SELECT 1;\n${up}SELECT 2;\n`)).toBe('review');
  });

  it('sees a byte order mark that the text does not show', () => {
    const file = gooseFormat.read({ path: '1_x.sql', text: `${up}SELECT 1;\n`, byteOrderMark: true });
    expect(file.problems).toMatchObject([
      {
        rule: 'goose-annotation',
        message: 'failed to parse migration: unexpected state 0 on line "\\ufeff-- +goose Up"',
        span: { start: 0, end: 12 },
      },
    ]);
    expect(unitsOf(file.up)).toEqual([['transaction', ['SELECT 1']]]);
  });
});

describe('goose-statement-block', () => {
  it.each([
    ['a body', `${up}${body}SELECT 1;\n`, `${up}${begin}${body}${end}SELECT 1;\n`],
    ['a body in Down', `${up}${down}  ${body}`, `${up}${down}${begin}  ${body}${end}`],
    ['a literal', `${up}SELECT 'a;\nb';\n`, `${up}${begin}SELECT 'a;\nb';\n${end}`],
    [
      'a comment that ends a line',
      `${up}SELECT 1 /* a;\nb */ + 1; -- c\n`,
      `${up}${begin}SELECT 1 /* a;\nb */ + 1; -- c\n${end}`,
    ],
    [
      'company on its lines',
      `${up}SELECT 1; ${body.trimEnd()} SELECT 2;\n`,
      `${up}SELECT 1;\n${begin}${body}${end}SELECT 2;\n`,
    ],
    [
      'BEGIN ATOMIC',
      `${up}CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n  SELECT 1;\nEND;\n`,
      `${up}${begin}CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\n  SELECT 1;\nEND;\n${end}`,
    ],
    ['CRLF', `${up}${body}`.replaceAll('\n', '\r\n'), `${up}${begin}${body}${end}`.replaceAll('\n', '\r\n')],
  ])('wraps %s', (_, text, expected) => {
    expect(goose(text).problems.map(({ rule }) => rule)).toEqual(['goose-statement-block']);
    expect(repaired(text)).toBe(expected);
  });

  it('stands at the words that begin the statement', () => {
    expect(problems(`${up}${body}`)).toEqual(['error goose-statement-block at DO']);
    const text = `${up}CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\n$$;\n`;
    expect(goose(text).problems[0]?.message).toMatch(/^goose cuts this CREATE FUNCTION statement/);
  });

  it('says at the second statement that a block holds several', () => {
    expect(problems(`${up}${begin}SELECT 1;\nDROP TABLE a;\n${end}`)).toEqual([
      'information goose-statement-block at DROP TABLE',
    ]);
  });
});

describe('goose-unterminated', () => {
  it.each([
    ['nothing', `${up}SELECT 1`, `${up}SELECT 1;`],
    ['nothing before Down', `${up}SELECT 1\n${down}`, `${up}SELECT 1;\n${down}`],
    ['nothing, with a comment', `${up}SELECT 1 -- c\n`, `${up}SELECT 1; -- c\n`],
    ['nothing, with a comment that touches', `${up}SELECT 1--c\n`, `${up}SELECT 1; --c\n`],
    ['nothing, with a block comment', `${up}SELECT 1 /* c */\n`, `${up}SELECT 1 /* c */;\n`],
    ['a comment that touches', `${up}SELECT 1;--c\n`, `${up}SELECT 1; --c\n`],
    ['a block comment', `${up}SELECT 1; /* c */\n`, `${up}SELECT 1 /* c */;\n`],
    ['dashes in a literal', `${up}SELECT 'a -- b';\n`, `${up}SELECT 'a -- b'\n;\n`],
    [
      'a block comment of its own',
      `${up}SELECT 1;\n/* one\n * two\n */\n`,
      `${up}SELECT 1;\n-- one\n-- two\n`,
    ],
    ['a line of blanks before a comment', `${up}SELECT 1;\n  \n-- c\n`, `${up}SELECT 1;\n\n-- c\n`],
    [
      'nothing before a block',
      `${up}SELECT 1\n${begin}SELECT 2\n${end}`,
      `${up}SELECT 1;\n${begin}SELECT 2\n${end}`,
    ],
  ])('is repaired: %s', (_, text, expected) => {
    expect(goose(text).problems.map(({ rule }) => rule)).toEqual(['goose-unterminated']);
    expect(repaired(text)).toBe(expected);
  });

  it('stands at the last word of the statement, and quotes little of it', () => {
    expect(problems(`${up}SELECT a\n  FROM t -- c\n${down}`)).toEqual(['error goose-unterminated at t']);
    const message = goose(`${up}SELECT ${'a, '.repeat(500)} a`).problems[0]?.message ?? '';
    expect(message).toMatch(
      /^failed to parse migration: state 1, direction: up: unexpected unfinished SQL query: "SELECT a/,
    );
    expect(message.length).toBeLessThan(220);
  });
});

describe('other files', () => {
  it('takes a Go migration for one whose effect is unknown', () => {
    const file = goose('package migrations\n\nfunc init() {}\n', 'm/00007_seed.go');
    expect(file).toMatchObject({ version: '7', name: 'seed', opaque: true, up: { units: [] } });
    expect(file.problems).toMatchObject([
      { rule: 'not-analysed', severity: 'information', span: { start: 0, end: 18 } },
    ]);
  });

  it('says why a file cannot be read', () => {
    const content = {
      path: '1_x.sql',
      text: '',
      byteOrderMark: false,
      unreadable: 'cannot be read: permission denied',
    };
    expect(gooseFormat.read(content)).toMatchObject({
      opaque: true,
      version: '1',
      problems: [{ rule: 'unreadable-file', message: 'The file cannot be read: permission denied.' }],
    });
    expect(goose(`${up}SELECT '\0';\n`)).toMatchObject({
      opaque: true,
      problems: [{ rule: 'unreadable-file', span: { start: 21, end: 22 } }],
    });
  });

  it('has a version only under a name that goose reads', () => {
    expect(goose(up, 'm/20240102030405_a_b.sql')).toMatchObject({
      version: '20240102030405',
      name: 'a_b',
      problems: [],
    });
    expect(goose(up, 'm/init.sql')).toMatchObject({ problems: [{ rule: 'migration-file-name' }] });
    expect(goose(up, 'm/init.sql').version).toBeUndefined();
  });
});

const line = fc.constantFrom(
  '-- +goose Up',
  '-- +goose Down',
  '-- +goose StatementBegin',
  '-- +goose StatementEnd',
  '-- +goose NO TRANSACTION',
  '-- +goose ENVSUB ON',
  ' -- +goose Up',
  '-- +goose Dwon',
  '-- +GOOSE StatementBegin',
  '-- note +goose',
  '-- note',
  '/* note */',
  '',
  '  ',
  'SELECT 1;',
  'SELECT 1; SELECT 2;',
  'SELECT 1;--c',
  "SELECT 'é😀",
  "';",
  'DO $$',
  'BEGIN',
  'END $$;',
  'CREATE TABLE t (',
  ');',
  '\\set x 1',
  `SELECT \${R};`,
);

describe('any text', () => {
  const text = fc.oneof(
    fc.array(line, { maxLength: 14 }).map((lines) => lines.join('\n')),
    fc.array(line, { maxLength: 8 }).map((lines) => `-- +goose Up\r\n${lines.join('\r\n')}\r\n`),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  it('is read, with statements in order, each the text at its span', () => {
    fc.assert(
      fc.property(text, (sample) => {
        const file = goose(sample);
        let at = 0;
        for (const script of [file.up, ...(file.down ? [file.down] : [])]) {
          expect(script.span.start).toBeLessThanOrEqual(script.span.end);
          for (const { span, terminatedEnd, parsed } of statementsOf(script)) {
            expect(span.start).toBeGreaterThanOrEqual(Math.max(at, script.span.start));
            expect(terminatedEnd).toBeLessThanOrEqual(script.span.end);
            expect(sample.slice(span.start, span.end)).toBe(parsed.text);
            at = terminatedEnd;
          }
        }
        for (const { span } of file.problems) {
          expect(0 <= span.start && span.start <= span.end && span.end <= sample.length).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is accepted by goose after repairs, one after the other', () => {
    let repairedFiles = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        let sample = lines.join('\n');
        for (let round = 0; round < 30; round++) {
          const file = goose(sample);
          const repair = file.problems.find((problem) => problem.repair !== undefined)?.repair;
          if (repair === undefined) break;
          sample = changed(gooseFormat, file, repair.changes);
          repairedFiles++;
        }
        const rest = goose(sample).problems.filter(({ severity }) => severity === undefined);
        expect(rest.filter(({ repair }) => repair !== undefined)).toEqual([]);
        if (rest.length === 0) {
          expect([parseGoose(sample, 'up').error, parseGoose(sample, 'down').error]).toEqual([
            undefined,
            undefined,
          ]);
        }
      }),
      { numRuns: 200 },
    );
    expect(repairedFiles).toBeGreaterThan(100);
  });
});
