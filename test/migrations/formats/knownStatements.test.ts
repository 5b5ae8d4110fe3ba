import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/migrations/edits.ts';
import { LoweredStatement } from '../../../server/src/migrations/formats/alembic/loweredStatement.ts';
import { alembicFormat } from '../../../server/src/migrations/formats/alembic.ts';
import type { MigrationFile, Script } from '../../../server/src/migrations/migration.ts';
import { loadParser } from '../../../server/src/sql/parser.ts';

beforeAll(loadParser);

/* What is read of a revision after an edit, for which the statements of its last version are known, is what is read of it at first sight. */

const path = 'versions/a_revision.py';
const HEAD = ['from alembic import op', 'import sqlalchemy as sa', 'revision = "a"', 'down_revision = None'];
const MODULE = [
  'TABLE = "orders"',
  'from sqlalchemy import *',
  'import sqlalchemy.dialects.postgresql as sa',
  'from elsewhere import op',
  'state = sa.Enum("a", "b", name="state")',
  'def drop(name):\n    op.drop_table(name)',
];
const LINES = [
  'op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("state", sa.Enum("a", name="state")))',
  'op.create_table("items", sa.Column("state", sa.Enum("a", name="state")))',
  'op.create_table("carts", Column("id", Integer()), sa.Column("x", sa.Text(), server_default="ä\\n"))',
  'op.create_index("orders_i", "orders", ["id", sa.text("lower(note)")])',
  'op.add_column("orders", sa.Column("note", sa.String(20), comment="a", index=True))',
  'op.execute("UPDATE orders SET note = \'a\' -- all of them\\n")',
  'op.execute("""\n  DROP TABLE a;\n  SELEC broken;\n  DROP TABLE b\n""")',
  'op.execute(f"DROP TABLE {TABLE}")',
  'op.execute(sa.text("UPDATE orders SET note = :n").bindparams(n="x"))',
  'op.execute(sa.text("UPDATE orders SET note = :n"))',
  'op.execute(f"UPDATE orders SET note = {unknown()}")',
  'op.drop_table(TABLE)',
  'op.drop_column("orders", "note", schema=unknown)',
  'op.bulk_insert(sa.table("orders", sa.column("id")), [{"id": 1}, {"id": 2}])',
  'op.nothing_like_this("orders")',
  'something(op.get_bind())',
  'drop("orders")',
  'state.create(op.get_bind())',
  'sa.Enum("a", name="state").create(op.get_bind(), checkfirst=True)',
  '[op.drop_index(n) for n in ("a", "b")]',
  '(TABLE := "items")',
  'with op.get_context().autocommit_block():\n    op.create_index("orders_c", "orders", ["id"], postgresql_concurrently=True)',
  'with op.batch_alter_table("orders") as batch_op:\n    batch_op.add_column(sa.Column("b", sa.Text()))\n    op.drop_table("c")',
  'for name in ("a", "b"):\n    op.drop_table(name)\n    op.execute("SELECT 1")',
  'if sa.inspect(op.get_bind()).has_table("orders"):\n    op.drop_table("orders")',
  'op.drop_table("d")',
  'if sa.inspect(op.get_bind()).has_table("orders"):\n    op.drop_table("d")',
  'for name in something():\n    op.drop_table("d")',
  'op.get_bind().execution_options(isolation_level="AUTOCOMMIT").execute("SELECT 2")',
  'with op.get_context().autocommit_block():\n    op.drop_table("d")',
  'op.get_bind().commit()',
  'op = None',
  'raise ValueError()',
  '# a comment',
  'op.drop_table("ord',
];

/** A place among the lines of one of the file's three parts, as a share of what is there, and what happens there. */
const edit = fc.record({
  part: fc.constantFrom('module', 'upgrade', 'downgrade'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removes: fc.boolean(),
  line: fc.nat(LINES.length - 1),
});

interface Parts {
  readonly module: string[];
  readonly upgrade: string[];
  readonly downgrade: string[];
}

function textOf({ module, upgrade, downgrade }: Parts): string {
  const body = (lines: readonly string[]) => [...lines, 'pass'].map((line) => line.replace(/^/gm, '    '));
  return `${[...HEAD, ...module, 'def upgrade():', ...body(upgrade), 'def downgrade():', ...body(downgrade)].join('\n')}\n`;
}

function edited(
  parts: Parts,
  { part, at, removes, line }: { part: keyof Parts; at: number; removes: boolean; line: number },
) {
  const from = part === 'module' ? MODULE : LINES;
  const lines = [...parts[part]];
  lines.splice(
    Math.floor(at * lines.length),
    Number(removes),
    ...(removes ? [] : [from[line % from.length] ?? '']),
  );
  return { ...parts, [part]: lines };
}

/** All that others see of a file. */
function seen(file: MigrationFile) {
  const { up, down, comments, problems, opaque } = file;
  return { up: seenScript(up), down: down && seenScript(down), comments, problems, opaque };
}

function seenScript({ units, obstacles, span }: Script) {
  const sites: unknown[] = [];
  return {
    span,
    obstacles,
    units: units.map(({ mode, queries }) => ({
      mode,
      queries: queries.map((query) => ({
        ...query,
        statements: query.statements.map((statement) => {
          if (!(statement instanceof LoweredStatement)) throw new Error('a statement of no call');
          const { parsed, span, terminatedEnd, error, conditional, namesOpen, mapped, site } = statement;
          const { directive } = site;
          if (!sites.includes(site)) sites.push(site);
          const places = [...parsed.text].map((_, at) =>
            statement.spanInDocument({ start: at, end: at + 1 }),
          );
          return {
            ...{ text: parsed.text, span, terminatedEnd, error, conditional, namesOpen, mapped, places },
            site: { ...site, number: sites.indexOf(site), directive: undefined },
            directive: directive && {
              name: directive.name,
              call: directive.call,
              batch: directive.batch,
              lowered: directive.lower(directive.call),
            },
          };
        }),
      })),
    })),
  };
}

test('a revision is read after any edits as it is read at first sight', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(fc.nat(LINES.length - 1), { maxLength: 8 }),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      (first, edits) => {
        const format = alembicFormat();
        let parts: Parts = { module: [], upgrade: first.map((line) => LINES[line] ?? ''), downgrade: [] };
        let before = format.read({ path, text: textOf(parts), byteOrderMark: false });
        for (const each of edits) {
          parts = edited(parts, each);
          const content = { path, text: textOf(parts), byteOrderMark: false };
          const after = format.read(content);
          expect(seen(after)).toEqual(seen(alembicFormat().read(content)));
          const statements = new Set(statementsIn(before));
          taken += statementsIn(after).filter((statement) => statements.has(statement)).length;
          before = after;
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(100);
});

test('what stands before an edit is taken over as it is, what stands behind it in its new place', () => {
  const format = alembicFormat();
  const text = textOf({
    module: [],
    upgrade: [
      'op.drop_table("carts")',
      'op.add_column("orders", sa.Column("note", sa.String(20)))',
      'op.drop_table("items")',
    ],
    downgrade: [],
  });
  const before = format.read({ path, text, byteOrderMark: false });
  const at = text.indexOf('String(20)');
  const typed = applyEdits(text, [{ span: { start: at, end: at }, text: 'x' }]);
  const after = format.read({ path, text: typed, byteOrderMark: false });
  const [first, ...others] = statementsIn(after);
  const [index] = others.slice(-1);
  expect(first).toBe(statementsIn(before)[0]);
  expect(index?.span.start).toBe((statementsIn(before).at(-1)?.span.start ?? 0) + 1);
});

function statementsIn({ up }: MigrationFile) {
  return up.units.flatMap(({ queries }) => queries.flatMap(({ statements }) => statements));
}
