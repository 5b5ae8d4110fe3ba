/**
 * How long a working client waits for a dangerous migration, and how long for its rewrite: npm run bench:rewrites [ROWS] [WORD]
 * Only the migrations with the word.
 * Two connections write and read single rows of the table all the time; of each the longest answer counts. Of a table
 * that is dropped while they still use it, how long their queries fail until that is taken back, and what is left then.
 */
import { Client } from 'pg';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import type { Command } from '../../server/src/runner/plan.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { databaseAt, databaseOf } from '../postgres/databaseAt.ts';
import { type RunningPostgres, startPostgres } from '../postgres/startPostgres.ts';
import { modelFiles, type Original, rewritten } from '../rewrites/original.ts';
import { runOn } from '../runner/runs.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const word = process.argv[3] ?? '';

const given = `CREATE TABLE shops (id int PRIMARY KEY, qty int);
INSERT INTO shops SELECT i, 1 FROM generate_series(0, 9) AS i;
CREATE TABLE orders (id int PRIMARY KEY, shop_id int, state text, qty int);
INSERT INTO orders SELECT i, i % 10, 's' || i % 5, 1 FROM generate_series(1, ${rows}) AS i;
CREATE TABLE events (id int PRIMARY KEY, qty int) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (${rows / 2});
CREATE TABLE events_2 PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, 1 FROM generate_series(1, ${rows}) AS i;
CREATE TABLE older (id int PRIMARY KEY, qty int);
INSERT INTO older SELECT i, 1 FROM generate_series(1, ${rows}) AS i;
CREATE TABLE archive (id int NOT NULL, qty int) PARTITION BY RANGE (id);
CREATE FUNCTION token() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT md5(random()::text)';`;

interface Case extends Original {
  readonly rule: string;
  /** The one that the application works on. */
  readonly table: 'orders' | 'events' | 'older';
  /** The application does not change while the migrations run: it is still the old one after so many. */
  readonly untilPhase?: number;
  /** What was applied is taken back while the application goes on. */
  readonly takenBack?: true;
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
    table: 'events',
    rule: 'add-unique',
    about: 'ADD UNIQUE to a partitioned table',
    up: 'ALTER TABLE events ADD CONSTRAINT events_one UNIQUE (qty, id);',
  },
  {
    ...orders,
    rule: 'reindex-not-concurrent',
    about: 'REINDEX',
    up: 'REINDEX TABLE orders;',
  },
  {
    ...orders,
    table: 'older',
    rule: 'attach-partition-scan',
    about: 'ATTACH PARTITION',
    up: `ALTER TABLE archive ATTACH PARTITION older FOR VALUES FROM (1) TO (${rows + 1});`,
    down: 'ALTER TABLE archive DETACH PARTITION older;',
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
    rule: 'add-column-rewrite',
    about: 'ADD COLUMN of bigserial',
    up: 'ALTER TABLE orders ADD COLUMN number bigserial;',
  },
  {
    ...orders,
    rule: 'add-column-rewrite',
    about: 'ADD COLUMN as identity',
    up: 'ALTER TABLE orders ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;',
  },
  {
    ...orders,
    rule: 'backfill-in-transaction',
    about: 'UPDATE of all rows',
    up: "UPDATE orders SET state = 'new';",
  },
  {
    ...orders,
    rule: 'schema-and-data-mixed',
    about: 'ADD COLUMN and UPDATE in one transaction',
    up: "ALTER TABLE orders ADD COLUMN code text;\nUPDATE orders SET code = 'c' || id;",
    down: 'ALTER TABLE orders DROP COLUMN code;',
  },
  {
    ...orders,
    rule: 'validate-in-same-transaction',
    about: 'NOT VALID and VALIDATE in one transaction',
    up: 'ALTER TABLE orders ADD CONSTRAINT qty_pos CHECK (qty > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT qty_pos;',
    down: 'ALTER TABLE orders DROP CONSTRAINT qty_pos;',
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
  {
    ...orders,
    rule: 'drop-table',
    about: 'DROP TABLE that the application still uses, taken back at once',
    up: 'DROP TABLE orders;',
    down: 'CREATE TABLE orders (id int PRIMARY KEY, shop_id int, state text, qty int);',
    untilPhase: 1,
    takenBack: true,
  },
];

/** Of the longest answers, in milliseconds. */
interface Stalls {
  readonly write: number;
  readonly read: number;
  /** From a query that failed to the next that did not; infinite where none came. */
  readonly failing: number;
}

/** Works on single rows of the table until told to stop; where it recovers, until its queries succeed again. */
function working(
  url: string,
  table: string,
  recovers: boolean,
): { started: Promise<unknown>; stop(): Promise<Stalls> } {
  let running = true;
  const starts: Promise<void>[] = [];
  const loop = (sql: string) =>
    new Promise<{ longest: number; failing: number }>((done, failed) => {
      starts.push(new Promise((begun) => work(sql, begun).then(done, failed)));
    });
  const work = async (sql: string, begun: () => void) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    let longest = 0;
    let failing = 0;
    let failsSince: number | undefined;
    while (running || (recovers && failsSince !== undefined)) {
      const id = 1 + Math.floor(Math.random() * rows);
      const begin = performance.now();
      const answered = await client.query(sql, [id]).then(
        () => true,
        () => false,
      );
      const end = performance.now();
      longest = Math.max(longest, end - begin);
      if (!answered) failsSince ??= begin;
      else if (failsSince !== undefined) {
        failing = Math.max(failing, end - failsSince);
        failsSince = undefined;
      }
      begun();
    }
    await client.end();
    return { longest, failing: failsSince === undefined ? failing : Number.POSITIVE_INFINITY };
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
      return {
        write: write.longest,
        read: read.longest,
        failing: Math.max(write.failing, read.failing),
      };
    },
  };
}

interface Measured extends Stalls {
  /** Rows that were there before, and are gone. */
  readonly lost: number;
}

async function measure(
  { port }: RunningPostgres,
  template: string,
  { table, takenBack }: Case,
  files: readonly FileContent[],
): Promise<Measured> {
  const admin = new Client({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` });
  await admin.connect();
  const name = `${template}_copy`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = `postgres://postgres@127.0.0.1:${port}/${name}?sslmode=disable`;
  const client = working(url, table, takenBack === true);
  await client.started;
  const run = async (command: Command): Promise<void> => {
    const { failure } = await runOn({ database: databaseOf(url) }, files, command);
    if (failure !== undefined) throw new Error(JSON.stringify(failure));
  };
  await run({ kind: 'up' });
  if (takenBack) await run({ kind: 'down', to: '1' });
  const stalls = await client.stop();
  const lost = takenBack ? rows - (await countOf(url, table)) : 0;
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
  return { ...stalls, lost };
}

async function countOf(url: string, table: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows: counted } = await client.query(`SELECT count(*) AS n FROM ${table}`);
  await client.end();
  return Number(counted[0].n);
}

const milliseconds = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`;

function cellOf({ write, read, failing, lost }: Measured): string {
  if (failing === 0) return `${milliseconds(write)}, ${milliseconds(read)}`;
  if (failing === Number.POSITIVE_INFINITY) return 'its queries fail';
  const rest = lost === 0 ? 'no row is lost' : `${lost.toLocaleString('en')} rows are lost`;
  return `its queries fail for ${milliseconds(failing)}, ${rest}`;
}

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
    const naive = await measure(postgres, base.name, each, modelFiles(each));
    const files = each.untilPhase === undefined ? folder.files : folder.files.slice(0, 1 + each.untilPhase);
    const safe = await measure(postgres, base.name, each, files);
    console.log(`| ${each.about} | ${cellOf(naive)} | ${cellOf(safe)} |`);
  }
} finally {
  await postgres.stop();
}
