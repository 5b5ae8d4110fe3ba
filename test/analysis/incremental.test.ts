import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { seed } from '../randomSeed.ts';
import { analysisOf, type ExampleFile, NOW } from '../rules/exampleHistory.ts';

beforeAll(loadParser);

const NAMES = ['orders', 'items', 'carts'];
const COLUMNS = ['id', 'code', 'total'];
const name = fc.constantFrom(...NAMES);
const column = fc.constantFrom(...COLUMNS);

const ignored = fc.constantFrom(
  'drop-table',
  'not-idempotent, drop-table',
  'unknown-object',
  'no-such-rule',
  '',
);

/** Statements over a few names, so that they meet each other in all ways. */
const statement = fc.oneof(
  fc
    .tuple(name, column)
    .map(([t, c]) => `CREATE TABLE ${t} (id bigint PRIMARY KEY, ${c}_x text, ref bigint REFERENCES ${t});`),
  name.map((t) => `DROP TABLE ${t};`),
  name.map((t) => `DROP TABLE IF EXISTS ${t} CASCADE;`),
  fc.tuple(name, column).map(([t, c]) => `ALTER TABLE ${t} ADD COLUMN ${c} int NOT NULL;`),
  fc.tuple(name, column).map(([t, c]) => `ALTER TABLE ${t} DROP COLUMN ${c};`),
  fc.tuple(name, column).map(([t, c]) => `ALTER TABLE ${t} ALTER COLUMN ${c} SET NOT NULL;`),
  fc
    .tuple(name, column)
    .map(([t, c]) => `ALTER TABLE ${t} ADD CONSTRAINT ${t}_${c}_set CHECK (${c} IS NOT NULL) NOT VALID;`),
  fc.tuple(name, column).map(([t, c]) => `ALTER TABLE ${t} VALIDATE CONSTRAINT ${t}_${c}_set;`),
  fc.tuple(name, name).map(([t, u]) => `ALTER TABLE ${t} ADD FOREIGN KEY (ref) REFERENCES ${u} (id);`),
  fc.tuple(name, name).map(([t, u]) => `ALTER TABLE ${t} RENAME TO ${u};`),
  fc.tuple(name, column).map(([t, c]) => `CREATE INDEX ${t}_${c}_idx ON ${t} (${c});`),
  // Of one name, over this column or that.
  fc.tuple(name, fc.constantFrom('id', 'ref')).map(([t, c]) => `CREATE INDEX searched ON ${t} (${c});`),
  fc.tuple(name, column).map(([t, c]) => `DROP INDEX ${t}_${c}_idx;`),
  fc.tuple(name, column).map(([t, c]) => `CREATE INDEX CONCURRENTLY ON ${t} (${c});`),
  name.map((t) => `CREATE VIEW v AS SELECT * FROM ${t};`),
  name.map((t) => `DO $$ BEGIN CREATE INDEX d_idx ON ${t} (id); END $$;`),
  name.map((t) => `DO $$ BEGIN EXECUTE 'DROP TABLE ' || '${t}'; END $$;`),
  fc.constant('SET search_path TO shop;'),
  fc.constant('CREATE SCHEMA shop;'),
  fc.constant('CREATE TABEL broken (id int);'),
  fc.constant('-- a comment'),
  // What a person tells the rules not to say.
  ignored.map((rules) => `-- skein:ignore ${rules} for a reason`),
  fc.tuple(name, ignored).map(([t, rules]) => `DROP TABLE ${t}; -- skein:ignore ${rules}`),
  fc
    .tuple(name, ignored)
    .map(([t, rules]) => `DO $$ BEGIN\n-- skein:ignore ${rules}\nDROP TABLE ${t};\nEND $$;`),
  ignored.map((rules) => `-- skein:ignore-file ${rules}`),
);

const file = fc.record({
  up: fc.array(statement, { maxLength: 6 }),
  down: fc.array(statement, { maxLength: 2 }),
  transaction: fc.boolean(),
});

function text({ up, down, transaction }: { up: string[]; down: string[]; transaction: boolean }): string {
  const head = transaction ? '' : '-- +goose NO TRANSACTION\n';
  return `${head}-- +goose Up\n${up.join('\n')}\n-- +goose Down\n${down.join('\n')}\n`;
}

type Edit =
  | { kind: 'replace'; file: number; with: { up: string[]; down: string[]; transaction: boolean } }
  | { kind: 'insert'; file: number; at: number; statement: string }
  | { kind: 'delete'; file: number; at: number }
  | { kind: 'type'; file: number; at: number; letter: string }
  | { kind: 'remove'; file: number };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), file: fc.nat(3), with: file }),
  fc.record({ kind: fc.constant('insert' as const), file: fc.nat(3), at: fc.nat(8), statement }),
  fc.record({ kind: fc.constant('delete' as const), file: fc.nat(3), at: fc.nat(8) }),
  fc.record({
    kind: fc.constant('type' as const),
    file: fc.nat(3),
    at: fc.nat(400),
    letter: fc.constantFrom('x', ';', '(', "'", '\n'),
  }),
  fc.record({ kind: fc.constant('remove' as const), file: fc.nat(3) }),
);

function edited(old: string, change: Edit): string {
  const lines = old.split('\n');
  switch (change.kind) {
    case 'replace':
      return text(change.with);
    case 'insert':
      lines.splice(Math.min(change.at, lines.length), 0, change.statement);
      return lines.join('\n');
    case 'delete':
      lines.splice(Math.min(change.at, lines.length - 1), 1);
      return lines.join('\n');
    case 'type': {
      const at = Math.min(change.at, old.length);
      return old.slice(0, at) + change.letter + old.slice(at);
    }
    case 'remove':
      return old;
  }
}

/** All that a person could see of the findings, fixes written out. */
function visible(analysis: HistoryAnalysis, path: string): unknown {
  return analysis.findings(path).map(({ rule, severity, span, message, why, related, fixes }) => ({
    rule,
    severity,
    span,
    message,
    why,
    related,
    fixes: fixes.map((fix) => ({
      title: fix.title,
      grade: fix.grade,
      ...analysis.edits(fix, path, { now: () => NOW }),
    })),
  }));
}

test('after any edits the findings are those of an analysis from scratch', () => {
  fc.assert(
    fc.property(
      fc.array(file, { minLength: 1, maxLength: 4 }),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      (files, edits) => {
        let texts: ExampleFile[] = files.map((each, i) => ({
          path: `migrations/0000${i + 1}_step.sql`,
          text: text(each),
        }));
        const analysis = analysisOf(texts);
        // Asking in between is what leaves something to be remembered.
        for (const { path } of texts) visible(analysis, path);
        for (const change of edits) {
          const target = texts[change.file % Math.max(1, texts.length)];
          if (target === undefined) break;
          if (change.kind === 'remove') {
            analysis.remove(target.path);
            texts = texts.filter((each) => each !== target);
          } else {
            const next = { path: target.path, text: edited(target.text, change) };
            analysis.set({ ...next, byteOrderMark: false });
            texts = texts.map((each) => (each === target ? next : each));
          }
          const scratch = analysisOf([...texts, GOOSE]);
          analysis.set({ ...GOOSE, byteOrderMark: false });
          for (const { path } of texts) expect(visible(analysis, path)).toEqual(visible(scratch, path));
        }
      },
    ),
    { seed: seed(), numRuns: 150 },
  );
});

/** Keeps the folder goose's whatever becomes of the others. */
const GOOSE: ExampleFile = { path: 'migrations/00009_last.sql', text: '-- +goose Up\nSELECT 1;\n' };

test.each([
  ['over another column', 'CREATE INDEX searched ON items (ref);', 'CREATE INDEX searched ON items (id);'],
  [
    'of another kind',
    'CREATE INDEX searched ON items (ref);',
    'CREATE INDEX searched ON items USING brin (ref);',
  ],
  [
    'over a part of the rows',
    'CREATE INDEX searched ON items (ref);',
    'CREATE INDEX searched ON items (ref) WHERE id > 1;',
  ],
  ['of another table', 'CREATE INDEX searched ON items (ref);', 'CREATE INDEX searched ON carts (ref);'],
  ['no more', 'CREATE INDEX searched ON items (ref);', 'SELECT 1;'],
])('a foreign key is looked at again when an index of the same name is %s', (_, before, after) => {
  const path = 'migrations/00001_step.sql';
  const written = (index: string) =>
    ['items', 'carts']
      .map((name) => `CREATE TABLE ${name} (id bigint PRIMARY KEY, ref bigint REFERENCES ${name});`)
      // What stands behind it goes on with the tables of before.
      .concat(index, 'SELECT 1;')
      .join('\n');
  const analysis = analysisOf([{ path, text: written(before) }]);
  const said = visible(analysis, path);
  for (const [index, differs] of [
    [after, true],
    [before, false],
  ] as const) {
    const text = written(index);
    analysis.set({ path, text, byteOrderMark: false });
    expect(visible(analysis, path)).toEqual(visible(analysisOf([{ path, text }]), path));
    expect(JSON.stringify(visible(analysis, path)) !== JSON.stringify(said)).toBe(differs);
  }
});

interface SentOtherwise {
  readonly name: string;
  readonly path: string;
  /** The text around and of the statements; `first` stands in a statement before them. */
  readonly text: (first: number, otherwise: boolean) => string;
}

const inRevision =
  (otherwise: string): SentOtherwise['text'] =>
  (first, isOtherwise) =>
    [
      'from alembic import op',
      'import sqlalchemy as sa',
      'revision = "a"',
      'down_revision = None',
      'def upgrade():',
      '    op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True))',
      `    op.execute("SELECT ${first}")`,
      // What stands there hangs on a line of its own, so that the call is the same text both times.
      `    ${isOtherwise ? otherwise : 'with anything():'}`,
      '        op.add_column("orders", sa.Column("code", sa.Text()))',
      '    op.create_index("code", "orders", ["code"])',
      'def downgrade():',
      '    pass',
      '',
    ].join('\n');

const sentOtherwise: readonly SentOtherwise[] = [
  { name: 'under a condition', path: 'migrations/a.py', text: inRevision('if anything():') },
  { name: 'in a loop', path: 'migrations/a.py', text: inRevision('for each in anything():') },
  {
    name: 'together with another one',
    path: 'migrations/00001_step.sql',
    text: (first, otherwise) =>
      [
        '-- +goose NO TRANSACTION',
        '-- +goose Up',
        `SELECT ${first};`,
        ...(otherwise ? ['-- +goose StatementBegin'] : []),
        'CREATE INDEX CONCURRENTLY IF NOT EXISTS searched ON orders (id);',
        'SELECT 2;',
        ...(otherwise ? ['-- +goose StatementEnd'] : []),
        '',
      ].join('\n'),
  },
  {
    name: 'in a transaction',
    path: 'migrations/00001_step.sql',
    text: (first, otherwise) =>
      [
        otherwise ? '' : '-- +goose NO TRANSACTION',
        '-- +goose Up',
        `SELECT ${first};`,
        'CREATE INDEX CONCURRENTLY IF NOT EXISTS searched ON orders (id);',
        '',
      ].join('\n'),
  },
];

test.each(
  sentOtherwise.flatMap((each) => [
    { ...each, where: 'as before', first: 1 },
    { ...each, where: 'behind another one', first: 3 },
  ]),
)('a statement that is sent $name is run again, $where', ({ path, text, first }) => {
  const analysis = analysisOf([{ path, text: text(1, false) }]);
  const before = visible(analysis, path);
  const next = { path, text: text(first, true) };
  analysis.set({ ...next, byteOrderMark: false });
  const after = visible(analysis, path);
  expect(after).toEqual(visible(analysisOf([next]), path));
  const rules = (said: unknown) => JSON.stringify(said).match(/"rule":"[^"]*"/g);
  expect(rules(after)).not.toEqual(rules(before));
});
