/**
 * How long a working client waits for a dangerous migration, and how long for its rewrite: npm run bench:rewrites [ROWS] [WORD]
 * Only the migrations with the word.
 * Two connections write and read single rows of the table all the time; of each the longest answer counts.
 */
import { Client } from 'pg';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { databaseAt, databaseOf } from '../postgres/databaseAt.ts';
import { type RunningPostgres, startPostgres } from '../postgres/startPostgres.ts';
import { modelFiles, type Original, rewritten } from '../rewrites/original.ts';
import { runOn } from '../runner/runs.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const word = process.argv[3] ?? '';

const given = `CREATE TABLE shops (id int PRIMARY KEY);
INSERT INTO shops SELECT generate_series(0, 9);
CREATE TABLE orders (id int PRIMARY KEY, shop_id int, state text, qty int);
INSERT INTO orders SELECT i, i % 10, 's' || i % 5, 1 FROM generate_series(1, ${rows}) AS i;
CREATE TABLE events (id int PRIMARY KEY, qty int) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (${rows / 2});
CREATE TABLE events_2 PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, 1 FROM generate_series(1, ${rows}) AS i;
CREATE FUNCTION token() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT md5(random()::text)';`;

interface Case extends Original {
  readonly rule: string;
  readonly table: 'orders' | 'events';
  /** The application does not change while the migrations run: it is still the old one after so many. */
  readonly untilPhase?: number;
}

const down = 'SELECT 1;';
const orders = { given, down, table: 'orders' } as const;

const cases: readonly Case[] = [
  {
    ...orders,
    rule: 'add-foreign-key',
    about: 'ADD FOREIGN KEY',
    up: 'ALTER TABLE orders ADD CONSTRAINT orders_shop FOREIGN KEY (shop_id) REFERENCES shops;',
  },
  {
    ...orders,
    rule: 'add-check',
    about: 'ADD CHECK',
    up: 'ALTER TABLE orders ADD CONSTRAINT qty_pos CHECK (qty > 0);',
  },
  {
    ...orders,
    rule: 'set-not-null',
    about: 'SET NOT NULL',
    up: 'ALTER TABLE orders ALTER state SET NOT NULL;',
  },
  {
    ...orders,
    rule: 'add-unique',
    about: 'ADD UNIQUE',
    up: 'ALTER TABLE orders ADD CONSTRAINT orders_one UNIQUE (shop_id, id);',
  },
  {
    ...orders,
    rule: 'index-not-concurrent',
    about: 'CREATE INDEX',
    up: 'CREATE INDEX orders_state ON orders (state);',
  },
  {
    ...orders,
    table: 'events',
    rule: 'index-not-concurrent',
    about: 'CREATE INDEX on a partitioned table',
    up: 'CREATE INDEX events_qty ON events (qty);',
  },
  {
    ...orders,
    rule: 'add-column-not-null',
    about: 'ADD COLUMN, UPDATE, SET NOT NULL',
    up: 'ALTER TABLE orders ADD COLUMN code text NOT NULL;',
    comesTo:
      "ALTER TABLE orders ADD COLUMN code text;\nUPDATE orders SET code = 'c' || id;\nALTER TABLE orders ALTER code SET NOT NULL;",
    set: { 'public.orders.code': "'c' || id" },
  },
  {
    ...orders,
    rule: 'add-column-volatile-default',
    about: 'ADD COLUMN with a volatile default',
    up: 'ALTER TABLE orders ADD COLUMN token text DEFAULT token();',
  },
  {
    ...orders,
    rule: 'backfill-in-transaction',
    about: 'UPDATE of all rows',
    up: "UPDATE orders SET state = 'new';",
  },
  {
    ...orders,
    rule: 'change-column-type',
    about: 'ALTER COLUMN TYPE',
    up: 'ALTER TABLE orders ALTER COLUMN qty TYPE bigint;',
    down: 'ALTER TABLE orders ALTER COLUMN qty TYPE int;',
  },
  {
    ...orders,
    rule: 'change-column-type',
    about: 'ALTER COLUMN TYPE of the primary key',
    up: 'ALTER TABLE orders ALTER COLUMN id TYPE bigint;',
    down: 'ALTER TABLE orders ALTER COLUMN id TYPE int;',
  },
  {
    ...orders,
    rule: 'rename-column',
    about: 'RENAME COLUMN',
    up: 'ALTER TABLE orders RENAME COLUMN qty TO quantity;',
    untilPhase: 1,
  },
  {
    ...orders,
    rule: 'rename-table',
    about: 'RENAME TABLE',
    up: 'ALTER TABLE orders RENAME TO purchases;',
    untilPhase: 1,
  },
  {
    ...orders,
    rule: 'drop-column',
    about: 'DROP COLUMN',
    up: 'ALTER TABLE orders DROP COLUMN state;',
    down: 'ALTER TABLE orders ADD COLUMN state text;',
  },
];

interface Stalls {
  readonly write: number;
  readonly read: number;
  /** Queries that failed. */
  readonly failed: number;
}

/** Works on single rows of the table until told to stop, and gives the longest answer of each, in milliseconds. */
function working(url: string, table: string): { started: Promise<unknown>; stop(): Promise<Stalls> } {
  let running = true;
  let failed = 0;
  const starts: Promise<void>[] = [];
  const loop = (sql: string): Promise<number> =>
    new Promise((done, failed) => {
      starts.push(new Promise((begun) => work(sql, begun).then(done, failed)));
    });
  const work = async (sql: string, begun: () => void): Promise<number> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    let longest = 0;
    while (running) {
      const id = 1 + Math.floor(Math.random() * rows);
      const begin = performance.now();
      await client.query(sql, [id]).catch(() => failed++);
      longest = Math.max(longest, performance.now() - begin);
      begun();
    }
    await client.end();
    return longest;
  };
  const all = Promise.all([
    loop(`UPDATE ${table} SET qty = qty + 1 WHERE id = $1`),
    loop(`SELECT id, qty FROM ${table} WHERE id = $1`),
  ]);
  return {
    started: Promise.all(starts),
    stop: async () => {
      running = false;
      const [write, read] = await all;
      return { write, read, failed };
    },
  };
}

async function measure(
  postgres: RunningPostgres,
  template: string,
  table: string,
  files: readonly FileContent[],
) {
  const admin = new Client({ connectionString: `postgres://postgres@127.0.0.1:${postgres.port}/postgres` });
  await admin.connect();
  const name = `${template}_copy`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = `postgres://postgres@127.0.0.1:${postgres.port}/${name}?sslmode=disable`;
  const client = working(url, table);
  await client.started;
  const begin = performance.now();
  const report = await runOn({ database: databaseOf(url) }, files);
  const took = performance.now() - begin;
  const stalls = await client.stop();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
  if (report.failure !== undefined) throw new Error(JSON.stringify(report.failure));
  return { ...stalls, took };
}

const milliseconds = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`;

await loadParser();
const postgres = await startPostgres(18);
try {
  const base = await databaseAt(postgres.port);
  const [first] = modelFiles({ about: '', given, up: down, down });
  if (first === undefined) throw new Error('there is no first file');
  const prepared = await runOn(base, [first]);
  if (prepared.failure !== undefined) throw new Error(JSON.stringify(prepared.failure));
  await base.query('VACUUM ANALYZE');
  console.log(
    `PostgreSQL ${postgres.version}, ${rows.toLocaleString('en')} rows; longest write, longest read\n`,
  );
  console.log('| migration | as written | rewritten |\n| --- | --- | --- |');
  for (const each of cases.filter(({ about }) => about.includes(word))) {
    const folder = rewritten(each, [each.rule]);
    if (folder.applied.length === 0) throw new Error(`${each.about}: nothing was rewritten`);
    const naive = await measure(postgres, base.name, each.table, modelFiles(each));
    const files = each.untilPhase === undefined ? folder.files : folder.files.slice(0, 1 + each.untilPhase);
    const safe = await measure(postgres, base.name, each.table, files);
    const cell = ({ write, read, failed }: Stalls) =>
      failed > 0 ? 'its queries fail' : `${milliseconds(write)}, ${milliseconds(read)}`;
    console.log(`| ${each.about} | ${cell(naive)} | ${cell(safe)} |`);
  }
} finally {
  await postgres.stop();
}
