import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { onServer, using } from '../postgres/testDatabase.ts';
import { analysisOf } from './exampleHistory.ts';

/* A name that PostgreSQL cuts to one that is taken makes nothing, and identifier-too-long says so. */

const LONG = 'orders_that_were_cancelled_by_the_customer_before_they_were_paid_for';

const MADE = `CREATE TABLE shops (id int PRIMARY KEY);
  CREATE TABLE orders (id int, a int, CONSTRAINT ${LONG} PRIMARY KEY (id));`;

const CASES = [
  {
    name: 'passed over by a handler',
    text: `DO $$ BEGIN
      ALTER TABLE orders ADD CONSTRAINT ${LONG}_fk FOREIGN KEY (id) REFERENCES shops (id);
    EXCEPTION WHEN duplicate_object THEN NULL; END $$;`,
    makes: false,
  },
  {
    name: 'passed over by IF NOT EXISTS',
    text: `CREATE INDEX IF NOT EXISTS ${LONG}_too ON orders (a);`,
    makes: false,
  },
  { name: 'made', text: `CREATE INDEX IF NOT EXISTS not_${LONG} ON orders (a);`, makes: true },
];

beforeAll(loadParser);

it.each(CASES)('$name', async ({ text, makes }) => {
  const database = await using(onServer(18));
  await database.query(MADE);
  const count = async () => {
    const [row] = await database.query(
      "SELECT (SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass) + (SELECT count(*) FROM pg_index WHERE indrelid = 'orders'::regclass) AS n",
    );
    return Number(row?.n);
  };
  const before = await count();
  await database.query(text);
  expect((await count()) > before).toBe(makes);

  const analysis = analysisOf([
    { path: 'migrations/00001_made.sql', text: MADE },
    { path: 'migrations/00002_more.sql', text },
  ]);
  const [said, ...more] = analysis
    .findings('migrations/00002_more.sql')
    .filter(({ rule }) => rule === 'identifier-too-long');
  expect(more).toEqual([]);
  expect(said?.message.includes('taken already')).toBe(!makes);
});

describe('in a directive of alembic', () => {
  /** What is said of a name that the body has, and what keeps the revision from being run. */
  const said = (body: string, name: string) => {
    const path = 'migrations/a.py';
    const text = `from alembic import op\nimport sqlalchemy as sa\nrevision = "a"\ndown_revision = None\ndef upgrade():\n    ${body}\n`;
    const analysis = analysisOf([{ path, text }]);
    const findings = analysis.findings(path).filter(({ rule }) => rule === 'identifier-too-long');
    for (const { span } of findings) expect(text.slice(span.start, span.end)).toContain(name);
    const obstacles = analysis.file(path)?.up.obstacles ?? [];
    return {
      findings: findings.map(({ severity, message }) => `${severity}: ${message.split(':')[0]}`),
      runs: obstacles.every(({ refusedName }) => refusedName === undefined),
    };
  };
  const refused = { findings: ['error: alembic refuses this name'], runs: false };
  const cut = { findings: ['warning: This name is longer than 63 bytes'], runs: true };
  const wide = 'ä'.repeat(40);

  it.each([
    ['an index', `op.create_index("${LONG}", "orders", ["id"], schema="shop", if_not_exists=True)`, LONG],
    ['an index that is dropped', `op.drop_index("${LONG}", "orders", schema="shop")`, LONG],
    ['a constraint', `op.create_unique_constraint("${LONG}", "orders", ["id"])`, LONG],
    [
      'one in capitals',
      `op.create_foreign_key("${LONG.toUpperCase()}", "a", "b", ["c"], ["d"])`,
      LONG.toUpperCase(),
    ],
    [
      'one of a column',
      `op.add_column("a", sa.Column("b", sa.Integer(), sa.ForeignKey("c.d", name="${LONG}")))`,
      LONG,
    ],
  ])('%s: alembic refuses it', (_, body, name) => {
    expect(said(body, name)).toEqual(refused);
  });

  it.each([
    ['a table', `op.create_table("${LONG}", sa.Column("a", sa.Integer()))`, LONG],
    ['a column', `op.add_column("orders", sa.Column("${LONG}", sa.Integer()))`, LONG],
    ['the table of an index', `op.create_index("code", "${LONG}", ["a"])`, LONG],
    ['SQL of its own', `op.execute("CREATE INDEX ${LONG} ON orders (id)")`, LONG],
    ['few characters of many bytes', `op.create_index("${wide}", "orders", ["id"])`, wide],
  ])('%s: PostgreSQL cuts it', (_, body, name) => {
    expect(said(body, name)).toEqual(cut);
  });

  it('of a name that is not known to its end nobody knows how long it is', () => {
    const known = `I${'x'.repeat(61)}`;
    const body = `op.create_index(f"${known}{anything()}", "orders", ["id"])`;
    expect(said(body, known).runs).toBe(true);
    expect(said(body, known).findings.filter((each) => each.startsWith('error'))).toEqual([]);
  });

  it('what op.f gives is shortened by alembic', () => {
    expect(said(`op.create_index(op.f("${LONG}"), "orders", ["id"])`, LONG)).toEqual({
      findings: [],
      runs: true,
    });
  });
});
