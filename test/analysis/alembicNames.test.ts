import { beforeAll, describe, expect, test } from 'vitest';
import { HistoryAnalysis } from '../../server/src/analysis/historyAnalysis.ts';
import { DEFAULT_SETTINGS } from '../../server/src/migrations/formats/alembic/revisionSettings.ts';
import { alembicFormat } from '../../server/src/migrations/formats/alembic.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf } from '../rules/exampleHistory.ts';

/* Constraints without a name may get one from a naming convention, which stands in a file that is not read. */

beforeAll(loadParser);

const revision = (id: string, parent: string, up: readonly string[], down: readonly string[] = ['pass']) => ({
  path: `migrations/${id}_step.py`,
  text: [
    'from alembic import op',
    'import sqlalchemy as sa',
    `revision = "${id}"`,
    `down_revision = ${parent}`,
    'def upgrade():',
    ...up.map((line) => `    ${line}`),
    'def downgrade():',
    ...down.map((line) => `    ${line}`),
    '',
  ].join('\n'),
});

const users = revision('a1', 'None', [
  'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("mail", sa.Text(), unique=True))',
]);

const NAMES = /^(unknown-object|object-exists|down-incomplete)$/;

/** The rules about names that speak about a revision after `users`. */
function said(up: readonly string[], down?: readonly string[]): string[] {
  const second = revision('b2', '"a1"', up, down);
  return analysisOf([users, second])
    .findings(second.path)
    .flatMap(({ rule }) => (NAMES.test(rule) ? [rule] : []));
}

describe('quiet', () => {
  test.each([
    ['a name of a convention is dropped', ['op.drop_constraint("uq_users_mail", "users")']],
    ["PostgreSQL's own is dropped", ['op.drop_constraint("users_mail_key", "users")']],
    ["PostgreSQL's own is made", ['op.create_unique_constraint("users_mail_key", "users", ["mail"])']],
    ['a name is left to the convention', ['op.drop_constraint(None, "users", type_="unique")']],
  ])('%s', (_, up) => {
    expect(said(up)).toEqual([]);
  });

  test('the down drops what has no name', () => {
    const made = ['op.create_foreign_key(None, "users", "users", ["id"], ["id"])'];
    expect(said(made, ['op.drop_constraint(None, "users", type_="foreignkey")'])).toEqual([]);
    expect(said(made, ['op.drop_constraint("fk_users_id_users", "users")'])).toEqual([]);
  });
});

describe('loud', () => {
  test.each([
    ['a column that nobody has made', ['op.drop_column("users", "name")'], ['unknown-object']],
    [
      'a constraint that is there under its name',
      [
        'op.create_check_constraint("users_ck", "users", "id > 0")',
        'op.create_check_constraint("users_ck", "users", "id > 1")',
      ],
      ['object-exists'],
    ],
    [
      'a constraint that SQL made without a name',
      [
        'op.execute("CREATE TABLE t (a int CHECK (a > 0))")',
        'op.execute("ALTER TABLE t ADD CONSTRAINT t_a_check CHECK (a > 1)")',
      ],
      ['object-exists'],
    ],
  ])('%s', (_, up, rules) => {
    expect(said(up).sort()).toEqual([...rules].sort());
  });
});

test.each([
  [{}, ['unknown-object']],
  [{ sharesDatabase: true }, []],
])('what another history in the same database may have made is not missed: %o', (more, expected) => {
  const analysis = new HistoryAnalysis('migrations', alembicFormat({ ...DEFAULT_SETTINGS, ...more }), {});
  const step = revision('b2', '"a1"', ['op.add_column("orders", sa.Column("note", sa.Text()))']);
  for (const file of [users, step]) analysis.set({ ...file, byteOrderMark: false });
  analysis.setComplete(true);
  const rules = analysis.findings(step.path).map(({ rule }) => rule);
  expect(rules.filter((rule) => NAMES.test(rule))).toEqual(expected);
});
