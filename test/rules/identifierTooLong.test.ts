import { beforeAll, expect, it } from 'vitest';
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
