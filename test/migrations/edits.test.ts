import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../server/src/migrations/change.ts';
import type { MigrationFormat } from '../../server/src/migrations/format.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { parseGoose } from '../../server/src/migrations/formats/gooseLines.ts';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import { type MigrationFile, statementsOf } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import type { Statement } from '../../server/src/sql/statement.ts';
import { changed, goose, noon, statementTexts } from './migrationFile.ts';

beforeAll(loadParser);

const plain = plainFormat();
const up = '-- +goose Up\n';
const down = '-- +goose Down\n';
const begin = '-- +goose StatementBegin\n';
const end = '-- +goose StatementEnd\n';
const body = 'DO $$\nBEGIN\n  PERFORM 1;\nEND $$';

function statements(file: MigrationFile): Statement[] {
  return [file.up, ...(file.down ? [file.down] : [])].flatMap((script) => statementsOf(script));
}

/** The statement whose text starts so. */
function statement(file: MigrationFile, start: string): Statement {
  const found = statements(file).find(({ parsed }) => parsed.text.startsWith(start));
  if (found === undefined) throw new Error(`no statement starts with ${start}`);
  return found;
}

/** The goose text after changes that are given for its statements by their beginnings. */
function edit(text: string, changes: (find: (start: string) => Statement) => Change[]): string {
  const file = goose(text);
  const result = changed(
    gooseFormat,
    file,
    changes((start) => statement(file, start)),
  );
  expect([parseGoose(result, 'up').error, parseGoose(result, 'down').error]).toEqual([undefined, undefined]);
  return result;
}

describe('insertClause', () => {
  it.each([
    [12, 'CONCURRENTLY', 'CREATE INDEX CONCURRENTLY i ON t (a)'],
    [13, 'IF NOT EXISTS', 'CREATE INDEX IF NOT EXISTS i ON t (a)'],
    [22, 'b,', 'CREATE INDEX i ON t (b, a)'],
    [22, 'lower', 'CREATE INDEX i ON t (lower a)'],
    [21, 'b', 'CREATE INDEX i ON t ( b a)'.replace('( b a)', '(b a)')],
    [24, 'WHERE a', 'CREATE INDEX i ON t (a) WHERE a'],
  ])('at %i is spaced as needed', (offset, text, expected) => {
    const at = Math.min(offset, 23);
    const result = edit(`${up}CREATE INDEX i ON t (a);\n`, (find) => [
      { kind: 'insertClause', statement: find('CREATE'), offset: at === 22 ? 21 : at, text },
    ]);
    expect(result).toBe(`${up}${expected};\n`);
  });
});

describe('replaceStatement', () => {
  it('replaces a part or the whole, and keeps the semicolon', () => {
    const text = `${up}  DROP INDEX a; -- c\nSELECT 1;\n`;
    const part = edit(text, (find) => [
      { kind: 'replaceStatement', statement: find('DROP'), span: { start: 11, end: 12 }, text: 'b' },
    ]);
    expect(part).toBe(`${up}  DROP INDEX b; -- c\nSELECT 1;\n`);
    const whole = edit(text, (find) => [
      { kind: 'replaceStatement', statement: find('DROP'), text: 'SELECT 2' },
    ]);
    expect(whole).toBe(`${up}  SELECT 2; -- c\nSELECT 1;\n`);
  });

  it('puts what goose would cut into a block', () => {
    const wrapped = edit(`${up}SELECT 1;\nSELECT 2; SELECT 3;\n`, (find) => [
      { kind: 'replaceStatement', statement: find('SELECT 2'), text: body },
    ]);
    expect(wrapped).toBe(`${up}SELECT 1;\n${begin}${body};\n${end}SELECT 3;\n`);
    const inBlock = edit(`${up}${begin}SELECT 1;\n${end}`, (find) => [
      { kind: 'replaceStatement', statement: find('SELECT 1'), text: body },
    ]);
    expect(inBlock).toBe(`${up}${begin}${body};\n${end}`);
  });
});

describe('insertBefore and insertAfter', () => {
  const around = (text: string, start: string, sql = 'SELECT 0') =>
    edit(text, (find) => [
      { kind: 'insertBefore', statement: find(start), text: sql },
      { kind: 'insertAfter', statement: find(start), text: 'SELECT 9' },
    ]);

  it.each([
    [
      'above its comment',
      `${up}\n  -- c\n  SELECT 1; -- d\n\n${down}`,
      `${up}\n  SELECT 0;\n  -- c\n  SELECT 1; -- d\n  SELECT 9;\n\n${down}`,
    ],
    [
      'between neighbours',
      `${up}SELECT 2; SELECT 1; SELECT 3;\n`,
      `${up}SELECT 2;\nSELECT 0;\nSELECT 1;\nSELECT 9;\nSELECT 3;\n`,
    ],
    [
      'around its block',
      `${up}-- c\n${begin}SELECT 1\n${end}`,
      `${up}SELECT 0;\n-- c\n${begin}SELECT 1\n${end}SELECT 9;\n`,
    ],
    ['without end of line', `${up}SELECT 1;`, `${up}SELECT 0;\nSELECT 1;\nSELECT 9;`],
    [
      'with CRLF',
      `${up}SELECT 1;\n`.replaceAll('\n', '\r\n'),
      `${up}SELECT 0;\nSELECT 1;\nSELECT 9;\n`.replaceAll('\n', '\r\n'),
    ],
  ])('%s', (_, text, expected) => {
    expect(around(text, 'SELECT 1')).toBe(expected);
  });

  it('stay inside a block of several', () => {
    const text = `${up}${begin}  SELECT 2;\n  SELECT 1;\n  SELECT 3;\n${end}`;
    expect(around(text, 'SELECT 1')).toBe(
      `${up}${begin}  SELECT 2;\n  SELECT 0;\n  SELECT 1;\n  SELECT 9;\n  SELECT 3;\n${end}`,
    );
  });

  it('put what goose would cut into a block', () => {
    expect(around(`${up}  SELECT 1;\n`, 'SELECT 1', body)).toBe(
      `${up}${begin}${body};\n${end}  SELECT 1;\n  SELECT 9;\n`,
    );
  });

  it('end an unended statement first', () => {
    const file = plain.read({ path: '1_x.sql', text: 'SELECT 1 -- c\n', byteOrderMark: false });
    const result = changed(plain, file, [
      { kind: 'insertAfter', statement: statement(file, 'SELECT 1'), text: 'SELECT 2' },
    ]);
    expect(result).toBe('SELECT 1; -- c\nSELECT 2;\n');
  });
});

describe('removeStatement', () => {
  it.each([
    ['its line and its comments', `${up}-- c\nSELECT 1; -- d\n\nSELECT 2;\n`, `${up}SELECT 2;\n`],
    ['but not the heading of a group', `${up}-- both\nSELECT 1;\nSELECT 2;\n`, `${up}-- both\nSELECT 2;\n`],
    [
      'nor the tool’s marks',
      `-- +goose NO TRANSACTION\n${up}SELECT 1;\n${down}`,
      `-- +goose NO TRANSACTION\n${up}${down}`,
    ],
    ['its place on a line', `${up}SELECT 2; SELECT 1; SELECT 3;\n`, `${up}SELECT 2; SELECT 3;\n`],
    ['the first of a line', `${up}SELECT 1; SELECT 3;\n`, `${up}SELECT 3;\n`],
    [
      'its block, if alone in it',
      `${up}SELECT 2;\n\n-- c\n${begin}SELECT 1\n${end}\nSELECT 3;\n`,
      `${up}SELECT 2;\n\nSELECT 3;\n`,
    ],
    ['its part of a block', `${up}${begin}SELECT 2;\nSELECT 1;\n${end}`, `${up}${begin}SELECT 2;\n${end}`],
    ['the last of the file', `${up}SELECT 2;\n\nSELECT 1;`, `${up}SELECT 2;\n\n`],
  ])('takes away %s', (_, text, expected) => {
    expect(edit(text, (find) => [{ kind: 'removeStatement', statement: find('SELECT 1') }])).toBe(expected);
  });
});

describe('new migrations', () => {
  it('take statements of both directions and their comments along', () => {
    const text = `${up}ALTER TABLE t ADD a int;\n\n-- for the lookup\nCREATE INDEX i ON t (a);\n\n${down}DROP INDEX i;\nALTER TABLE t DROP a;\n`;
    const file = goose(text, 'm/00007_a.sql');
    const changes: Change[] = [
      {
        kind: 'moveToNewMigration',
        statements: [statement(file, 'CREATE'), statement(file, 'DROP')],
        migration: {
          name: 'index_t_a',
          transactional: false,
          up: ['CREATE INDEX CONCURRENTLY i ON t (a)'],
          down: ['DROP INDEX CONCURRENTLY i'],
          comment: ['Built alone.'],
        },
      },
    ];
    expect(changed(gooseFormat, file, changes)).toBe(
      `${up}ALTER TABLE t ADD a int;\n\n${down}ALTER TABLE t DROP a;\n`,
    );
    expect(gooseFormat.apply(changes, file, [file], noon).creates).toEqual([
      {
        path: 'm/00008_index_t_a.sql',
        text: `-- +goose NO TRANSACTION\n-- Built alone.\n\n${up}-- for the lookup\nCREATE INDEX CONCURRENTLY i ON t (a);\n\n${down}DROP INDEX CONCURRENTLY i;\n`,
      },
    ]);
  });

  it('come one after the other, in the folder and with the line ends of the file', () => {
    const file = goose('-- +goose Up\r\nSELECT 1;\r\n', 'a/b/20240506120000_x.sql');
    const migration = { name: 'n', transactional: true, up: [body], down: [] };
    const { creates, edits } = gooseFormat.apply(
      [
        { kind: 'newMigration', migration },
        { kind: 'newMigration', migration: { ...migration, comment: ['see +goose docs'] } },
      ],
      file,
      [file],
      noon,
    );
    expect(edits).toEqual([]);
    expect(creates.map(({ path }) => path)).toEqual(['a/b/20240506120001_n.sql', 'a/b/20240506120002_n.sql']);
    expect(creates[0]?.text).toBe(`${up}${begin}${body};\n${end}`.replaceAll('\n', '\r\n'));
    for (const { text } of creates) expect(parseGoose(text, 'up').error).toBeUndefined();
  });

  it('are a pair where the folder has pairs', () => {
    const format = plainFormat({ pairs: true });
    const file = format.read({ path: 'm/003-a.up.sql', text: 'SELECT 1;', byteOrderMark: false });
    const migration = { name: 'n', transactional: true, up: ['SELECT 2', 'SELECT 3'], down: ['SELECT 4'] };
    expect(format.apply([{ kind: 'newMigration', migration }], file, [file], noon).creates).toEqual([
      { path: 'm/004-n.up.sql', text: 'BEGIN;\nSELECT 2;\nSELECT 3;\nCOMMIT;\n' },
      { path: 'm/004-n.down.sql', text: 'SELECT 4;\n' },
    ]);
  });
});

describe('several changes of one file', () => {
  it('join into edits in order that do not overlap', () => {
    const text = `${up}DROP INDEX a;\nSELECT 1;\nSELECT 2;\n`;
    const result = edit(text, (find) => [
      { kind: 'insertClause', statement: find('DROP'), offset: 10, text: 'IF EXISTS' },
      { kind: 'setTransactional', transactional: false, statements: [] },
      { kind: 'insertBefore', statement: find('SELECT 2'), text: 'SELECT 3' },
      { kind: 'insertClause', statement: find('DROP'), offset: 10, text: 'CONCURRENTLY' },
      { kind: 'removeStatement', statement: find('SELECT 1') },
      { kind: 'setTransactional', transactional: false, statements: [] },
    ]);
    expect(result).toBe(
      `-- +goose NO TRANSACTION\n${up}DROP INDEX IF EXISTS CONCURRENTLY a;\nSELECT 3;\nSELECT 2;\n`,
    );
  });

  it('insert as often as they say, and end a statement once', () => {
    for (const end of ['', ';']) {
      const result = edit(`${up}SELECT 1${end}\n`, (find) => [
        { kind: 'insertBefore', statement: find('SELECT 1'), text: 'SELECT 0' },
        { kind: 'insertBefore', statement: find('SELECT 1'), text: 'SELECT 0' },
        { kind: 'insertAfter', statement: find('SELECT 1'), text: 'SELECT 2' },
        { kind: 'insertAfter', statement: find('SELECT 1'), text: 'SELECT 3' },
        { kind: 'insertAfter', statement: find('SELECT 1'), text: 'SELECT 2' },
      ]);
      expect(result).toBe(`${up}SELECT 0;\nSELECT 0;\nSELECT 1;\nSELECT 2;\nSELECT 3;\nSELECT 2;\n`);
    }
  });

  it('drop what lies in a statement that goes', () => {
    const result = edit(`${up}SELECT 1;\nSELECT 2;\n`, (find) => [
      { kind: 'insertClause', statement: find('SELECT 1'), offset: 6, text: 'x,' },
      { kind: 'removeStatement', statement: find('SELECT 1') },
    ]);
    expect(result).toBe(`${up}SELECT 2;\n`);
  });

  it('renames in the same folder', () => {
    const file = goose(up, 'a/b.sql');
    expect(gooseFormat.apply([{ kind: 'renameFile', to: '1_b.sql' }], file, [file], noon).renames).toEqual([
      { from: 'a/b.sql', to: 'a/1_b.sql' },
    ]);
  });
});

describe('any change of any file', () => {
  const piece = fc.constantFrom(
    'SELECT n;\n',
    'SELECT n; SELECT n;\n',
    '-- c\nSELECT n; -- d\n',
    '\n',
    `${begin}DO $$\nBEGIN\n  PERFORM n;\nEND $$;\n${end}`,
    `${begin}SELECT n;\nSELECT n;\n${end}`,
    '  SELECT n\n  , n;\n\n',
    'SELECT n /* c */; -- d\n',
    '/* c */\nSELECT n;\n',
  );
  const kinds = [
    'insertClause',
    'replaceStatement',
    'insertBefore',
    'insertAfter',
    'removeStatement',
  ] as const;
  const sample = fc.record({
    up: fc.array(piece, { maxLength: 6 }),
    down: fc.array(piece, { maxLength: 3 }),
    crlf: fc.boolean(),
    choices: fc.array(fc.record({ at: fc.nat(), kind: fc.constantFrom(...kinds), cut: fc.boolean() }), {
      maxLength: 4,
    }),
  });
  type Sample = typeof sample extends fc.Arbitrary<infer S> ? S : never;

  /** What the statements come to, by changes of different statements. */
  function check(format: MigrationFormat, text: string, choices: Sample['choices']): string {
    const file = format.read({ path: 'm/1_x.sql', text, byteOrderMark: false });
    const all = statements(file);
    const expected: string[][] = all.map(({ parsed }) => [parsed.text]);
    const changes: Change[] = [];
    const touched = new Set<number>();
    for (const { at, kind, cut } of choices) {
      const index = at % Math.max(all.length, 1);
      const target = all[index];
      const own = expected[index];
      if (target === undefined || own === undefined || touched.has(index)) continue;
      touched.add(index);
      const sql = cut ? body : 'SELECT new';
      const { text: old } = target.parsed;
      if (kind === 'insertClause')
        changes.push({ kind, statement: target, offset: old.length, text: 'AS a' });
      else if (kind === 'removeStatement') changes.push({ kind, statement: target });
      else changes.push({ kind, statement: target, text: sql });
      if (kind === 'insertClause') own.splice(0, 1, old.startsWith('DO') ? `${old} AS a` : `${old} AS a`);
      if (kind === 'removeStatement') own.splice(0, 1);
      if (kind === 'replaceStatement') own.splice(0, 1, sql);
      if (kind === 'insertBefore') own.unshift(sql);
      if (kind === 'insertAfter') own.push(sql);
    }
    const result = changed(format, file, changes);
    const after = format.read({ path: 'm/1_x.sql', text: result, byteOrderMark: false });
    const bare = (sql: string) => sql.replaceAll('\r\n', '\n');
    expect(statementTexts(after).map(bare)).toEqual(expected.flat().map(bare));
    if (text.includes('\r\n')) expect(result).not.toMatch(/(?<!\r)\n/);
    return result;
  }

  const numbered = (pieces: string[]) => {
    let n = 0;
    return pieces.join('').replace(/\bn\b/g, () => String(n++));
  };
  const lines = (text: string, crlf: boolean) => (crlf ? text.replaceAll('\n', '\r\n') : text);

  it('leaves all other statements as they are, and goose accepts what it accepted', () => {
    fc.assert(
      fc.property(sample, ({ up: ups, down: downs, crlf, choices }) => {
        const text = lines(numbered([up, ...ups, down, ...downs]), crlf);
        const accepted = ['up', 'down'] as const;
        const before = accepted.map((direction) => parseGoose(text, direction).error);
        const result = check(gooseFormat, text, choices);
        if (before.every((error) => error === undefined)) {
          expect(accepted.map((direction) => parseGoose(result, direction).error)).toEqual(before);
        }
        const cut = goose(result).problems.filter(
          ({ rule, severity }) => rule === 'goose-statement-block' && !severity,
        );
        expect(cut).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('does so in plain SQL', () => {
    fc.assert(
      fc.property(sample, ({ up: ups, crlf, choices }) => {
        check(
          plain,
          lines(numbered(ups.map((text) => text.replace(begin, '').replace(end, ''))), crlf),
          choices,
        );
      }),
      { numRuns: 150 },
    );
  });
});
