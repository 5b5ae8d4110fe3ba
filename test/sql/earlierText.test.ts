import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { applyEdits } from '../../server/src/migrations/edits.ts';
import { earlierText } from '../../server/src/sql/earlierText.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { readStatements } from '../../server/src/sql/reader.ts';
import type { SqlReading } from '../../server/src/sql/reading.ts';
import type { Span } from '../../server/src/sql/span.ts';
import { changeBetween } from '../../server/src/sql/textChange.ts';

beforeAll(loadParser);

/* A text that was read before says nothing else of the next one than what is read of it at first sight. */

/** Cuts a document into stretches, as goose's annotations do. */
const CUT = '-- cut\n';

const PARTS = [
  'SELECT 1;\n',
  'CREATE TABLE a (\n  id int,\n  b text\n);\n',
  'DROP TABLE a; DROP TABLE b;\n',
  "INSERT INTO t VALUES ('it''s; -- no', E'\\';', $$;$$, $x$ ' $$ ; $x$);\n",
  "SELECT 'a'\n  'b';\n",
  'DO $$\nBEGIN\n  PERFORM 1;\nEND $$;\n',
  'CREATE FUNCTION f() RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  SELECT CASE WHEN true THEN 1 END;\n  SELECT 2;\nEND;\n',
  'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);\n',
  '-- a comment; with \'quotes" and $$\n',
  '/* one; /* in ; */ another */\n',
  "COPY t FROM STDIN;\n1\t2;\nit's\n\\.\n",
  'COPY t (a) FROM stdin;\n',
  'COPY t TO STDOUT;\n',
  '\\set a 1\n',
  "\\echo it's  \n",
  '\\.\n',
  'SELECT 1 \\gexec\n',
  'SELECT 1\\; SELECT 2;\n',
  'SELECT :a;\n',
  'SELECT {{ a }};\n{% if b %}\n',
  'SELEC 1;\n',
  'DROP TABEL a\n\nDROP TABLE b;\n',
  'CREATE TABLE a (id int\n',
  'ALTER TABLE a ADD x int\n',
  'SELECT 1',
  ';\n',
  '\n\n',
  '\r\n',
  '  ',
  "INSERT INTO t VALUES ('it's', 'b');\n",
  "SELECT 'it's;\n",
  'DO $$ BEGIN PERFORM 1; END $;\n',
  '    ALTER TABLE a ADD x int\n    DROP TABLE b;\n',
  CUT,
  `SELECT 1\n${CUT}  , 2;\n`,
];
/** What a key or two may put in, or take with it. */
const KEYS = [
  'x',
  ';',
  "'",
  '"',
  '$$',
  '$x$',
  '(',
  ')',
  '\\',
  '/*',
  '*/',
  '--',
  '\n',
  ' ',
  '\\.\n',
  '\ufeff',
  'e',
  "E'",
];

const partOf = fc.constantFrom(...PARTS);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const edit = fc.record({
  at: share,
  removes: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(60)),
  puts: fc.oneof(fc.constant(''), fc.constantFrom(...KEYS), partOf),
  /** A line, as a share of the text, at which it is cut besides: an annotation far off may have a say in it. */
  cut: fc.option(share, { freq: 3 }),
});

interface Read {
  readonly text: string;
  readonly sql: readonly SqlReading[];
}

function stretchesOf(text: string, cut: number | null): Span[] {
  const marks = [...text.matchAll(new RegExp(`^${CUT}`, 'gm'))].map(({ index }) => index);
  const line = cut === null ? 0 : text.lastIndexOf('\n', Math.floor(cut * text.length)) + 1;
  const ends = [...marks, line, text.length].sort((a, b) => a - b);
  return ends.flatMap((end, i) => {
    const before = ends[i - 1];
    const start = before === undefined ? 0 : before + (marks.includes(before) ? CUT.length : 0);
    return start < end ? [{ start, end }] : [];
  });
}

function read(text: string, last?: Read, cut: number | null = null): Read {
  const earlier = earlierText(last, text);
  return { text, sql: stretchesOf(text, cut).map((span) => readStatements(text, span, earlier)) };
}

function typed(text: string, { at, removes, puts }: { at: number; removes: number; puts: string }): string {
  const start = Math.floor(at * text.length);
  const end = Math.min(text.length, start + removes);
  return applyEdits(text, [{ span: { start, end }, text: puts }]);
}

function taken(last: Read, next: Read): number {
  const before = new Set<object>(last.sql.flatMap(({ statements }) => statements));
  return next.sql.flatMap(({ statements }) => statements).filter((each) => before.has(each)).length;
}

test('after any edits a document is read as it is read at first sight', () => {
  let same = 0;
  fc.assert(
    fc.property(
      fc.array(partOf, { maxLength: 12 }),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      (parts, edits) => {
        let last = read(parts.join(''));
        for (const each of edits) {
          const text = typed(last.text, each);
          const next = read(text, last, each.cut);
          expect(next).toEqual(read(text, undefined, each.cut));
          same += taken(last, next);
          last = next;
        }
      },
    ),
    { numRuns: 1000 },
  );
  expect(same).toBeGreaterThan(300);
});

/** Reads `before`, then `after` in its place, and holds that against `after` at first sight. */
function readAgain(before: string, after: string): { readonly last: Read; readonly next: Read } {
  const last = read(before);
  const next = read(after, last);
  expect(next).toEqual(read(after));
  return { last, next };
}

test('what stands before an edit is taken over as it is, what stands behind it in its new place', () => {
  const [head, broken, tail] = ['DROP TABLE a;\n', 'SELEC 1;\n', 'DROP TABLE b;\nDROP TABLE c;\n'];
  const { last, next } = readAgain(
    `${head}${broken}${head}SELECT 1;\n${tail}`,
    `${head}${broken}${head}SELECT 12;\n${tail}`,
  );
  const [before = [], after = []] = [last, next].map(({ sql }) =>
    sql.flatMap(({ statements }) => statements),
  );
  expect(after.map((each, i) => each === before[i])).toEqual([true, false, true, false, false, false]);
  expect(after.map(({ span }, i) => span.start - (before[i]?.span.start ?? 0))).toEqual([0, 0, 0, 0, 1, 1]);
});

test('what is broken beyond measure is read as it is at first sight', () => {
  const broken = 'SELEC 1\nDROP TABLE a;\n';
  for (const count of [199, 200, 201]) {
    const text = broken.repeat(count);
    for (const first of ['SELECT 2;\n', 'SELEX 2\nDROP TABLE c;\n']) {
      readAgain(text, first + text);
      readAgain(first + text, text);
    }
  }
});

test('the change between two texts is the shortest', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }),
      fc.constantFrom(0, 1, 1023, 1024, 1025, 3000),
      fc.constantFrom(0, 1, 1023, 1024, 1025, 3000),
      (before, after, head, tail) => {
        const around = (text: string) => `${'x'.repeat(head)}${text}${'x'.repeat(tail)}`;
        const { start, endBefore, endAfter } = changeBetween(around(before), around(after));
        const [left, right] = [around(before), around(after)];
        expect(left.slice(0, start) + right.slice(start, endAfter) + left.slice(endBefore)).toBe(right);
        const [old, put] = [left.slice(start, endBefore), right.slice(start, endAfter)];
        if (old !== '' && put !== '') {
          expect([old[0] === put[0], old.at(-1) === put.at(-1)]).toEqual([false, false]);
        }
      },
    ),
  );
});
