import { beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../../server/src/migrations/change.ts';
import { applyEdits } from '../../../server/src/migrations/edits.ts';
import { alembicFormat } from '../../../server/src/migrations/formats/alembic.ts';
import { statementsOf } from '../../../server/src/migrations/migration.ts';
import { loadParser } from '../../../server/src/sql/parser.ts';

beforeAll(loadParser);

const NOW = new Date('2026-01-02T03:04:05Z');

function written(text: string, ...changes: Change[]) {
  const format = alembicFormat();
  const file = format.read({ path: 'versions/1975ea83b712_users.py', text, byteOrderMark: false });
  const { edits, creates } = format.apply(changes, file, [file], { now: () => NOW });
  return {
    text: applyEdits(
      text,
      edits.map(({ span, newText }) => ({ span, text: newText })),
    ),
    creates,
  };
}

const docstring = '"""users\n\nRevision ID: 1975ea83b712\nRevises: ae10\nCreate Date: 2026\n"""\n';
const setParents = (...parents: string[]): Change => ({ kind: 'setParents', parents });

describe('a place in the graph', () => {
  it.each([
    [
      'in the quotes of the file, and in the docstring',
      `${docstring}revision = '1975ea83b712'\ndown_revision = 'ae10'\n`,
      setParents('b3f1', 'c0de'),
      `${docstring.replace('Revises: ae10', 'Revises: b3f1, c0de')}revision = '1975ea83b712'\ndown_revision = ('b3f1', 'c0de')\n`,
    ],
    [
      'at none',
      `${docstring}revision: str = "1975ea83b712"\ndown_revision: Union[str, None] = ("ae10", "b3f1")\n`,
      setParents(),
      `${docstring.replace('Revises: ae10', 'Revises:')}revision: str = "1975ea83b712"\ndown_revision: Union[str, None] = None\n`,
    ],
    [
      'where there was none',
      'revision = "1975ea83b712"\r\nbranch_labels = None\r\n',
      setParents('ae10'),
      'revision = "1975ea83b712"\r\ndown_revision = "ae10"\r\nbranch_labels = None\r\n',
    ],
  ])('is written %s', (_, text, change, expected) => {
    expect(written(text, change).text).toBe(expected);
  });

  it('has an id that is another one each time', () => {
    const text = `${docstring}revision = "1975ea83b712"\ndown_revision = None\n`;
    const changed = written(text, { kind: 'newRevisionId' }).text;
    const [, id] = /^revision = "(.*)"$/m.exec(changed) ?? [];
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(changed).toBe(text.replaceAll('1975ea83b712', id ?? ''));
  });

  it('is taken by a new revision, written as its neighbour is', () => {
    const { creates } = written("revision = '1975ea83b712'\r\ndown_revision = None\r\n", {
      kind: 'newMigration',
      migration: { name: 'merge', transactional: true, up: [], down: [], parents: ['a', 'b'] },
    });
    const format = alembicFormat();
    const [made] = creates;
    expect(made?.path).toMatch(/^versions\/[0-9a-f]{12}_merge\.py$/);
    expect(made?.text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(
      format.read({ path: made?.path ?? '', text: made?.text ?? '', byteOrderMark: false }),
    ).toMatchObject({ revision: { downRevisions: ['a', 'b'] }, problems: [] });
  });
});

describe('a call that is to say something else', () => {
  /** What becomes of the call where its first statement is to be `sql`. */
  function calledFor(call: string, sql: string): string {
    const head = 'from alembic import op\nimport sqlalchemy as sa\nrevision = "1975ea83b712"\n';
    const text = `${head}def upgrade():\n    ${call}\n`;
    const file = alembicFormat().read({ path: 'versions/1975ea83b712_users.py', text, byteOrderMark: false });
    const [statement] = statementsOf(file.up);
    if (statement === undefined) throw new Error(`nothing is sent by ${call}`);
    const old = statement.parsed.text;
    const change: Change = sql.startsWith(old)
      ? { kind: 'insertClause', statement, offset: old.length, text: sql.slice(old.length).trim() }
      : { kind: 'replaceStatement', statement, text: sql };
    const { edits } = alembicFormat().apply([change], file, [file], { now: () => NOW });
    const after = applyEdits(
      text,
      edits.map(({ span, newText }) => ({ span, text: newText })),
    );
    return after.slice(after.indexOf('    ', head.length) + 4, -1);
  }

  it.each([
    [
      'one argument',
      'op.create_index("i", "t", ["a"])',
      'CREATE INDEX CONCURRENTLY i ON t (a)',
      'op.create_index("i", "t", ["a"], postgresql_concurrently=True)',
    ],
    [
      'two, at one place of the statement each',
      'op.create_index("i", "t", ["a"])',
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)',
      'op.create_index("i", "t", ["a"], postgresql_concurrently=True, if_not_exists=True)',
    ],
    [
      'two, one of which puts its words where the other takes some away',
      'op.create_foreign_key("f", "t", "u", ["a"], ["id"], ondelete="SET NULL")',
      'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY(a) REFERENCES u (id) NOT VALID',
      'op.create_foreign_key("f", "t", "u", ["a"], ["id"], postgresql_not_valid=True)',
    ],
    [
      'no argument',
      'op.create_index("i", "t", ["a"])',
      'CREATE INDEX i ON t (a) TABLESPACE fast',
      'op.execute("CREATE INDEX i ON t (a) TABLESPACE fast")',
    ],
  ])('by %s', (_, call, sql, expected) => {
    expect(calledFor(call, sql)).toBe(expected);
  });

  const batched = 'DO $$ BEGIN UPDATE t SET a = 1; END $$';

  it.each([
    ['without the value of a parameter', 'op.execute(sa.text("UPDATE t SET a = :a").bindparams(a=1))'],
    ['without what a template is given', 'op.execute("UPDATE t SET a = %d" % 1)'],
  ])('is written anew %s', (_, call) => {
    expect(calledFor(call, batched)).toBe(`op.execute("${batched}")`);
  });

  it.each([
    ['a parameter', 'op.execute(sa.text("UPDATE t SET a = :a").bindparams(a=f()))'],
    ['a field', 'op.execute(f"UPDATE t SET a = {f()}")'],
  ])('stays where the value of %s is not known', (_, call) => {
    expect(calledFor(call, 'DO $$ BEGIN UPDATE t SET a = {___}; END $$')).toBe(call);
  });

  it('keeps a parameter beside what is written into it', () => {
    const call = 'op.execute(sa.text("INSERT INTO t VALUES (:a)").bindparams(a=1))';
    expect(calledFor(call, 'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING')).toBe(
      'op.execute(sa.text("INSERT INTO t VALUES (:a) ON CONFLICT DO NOTHING").bindparams(a=1))',
    );
  });
});
