/**
 * Skein and the real goose on the same databases, taking turns: npm run test:interop [SEED]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import type { Command } from '../../server/src/runner/plan.ts';
import { readStatus } from '../../server/src/runner/runMigrations.ts';
import { databaseAt, type TestServerDatabase } from '../postgres/databaseAt.ts';
import { type RunningPostgres, startPostgres } from '../postgres/startPostgres.ts';
import { type GooseText, gooseFolder } from '../runner/gooseFolder.ts';
import { runOn, goose as skeinsGoose } from '../runner/runs.ts';
import { type Goose, realGoose } from './goose.ts';
import { schemaOf } from './schema.ts';

const seed = Number(process.argv[2] ?? Math.floor(Math.random() * 2 ** 31));
let passed = 0;
let failed = 0;

/** One of the two programs, told to do the same thing. */
interface Player {
  readonly name: string;
  /** What it is told in goose's words: `up-to 2`, `down`. Gives whether it succeeded. */
  play(command: string): Promise<boolean>;
}

interface Table {
  readonly database: TestServerDatabase;
  readonly folder: string;
  readonly files: readonly FileContent[];
  readonly skein: Player;
  readonly goose: Player;
  readonly drop: () => Promise<void>;
}

async function laid(
  postgres: RunningPostgres,
  goose: Goose,
  files: Readonly<Record<string, string | GooseText>>,
): Promise<Table> {
  const database = await databaseAt(postgres.port);
  const folder = mkdtempSync(join(tmpdir(), 'skein-interop-'));
  const contents = gooseFolder(files);
  for (const { path, text } of contents) writeFileSync(join(folder, basename(path)), text);
  const allow = (command: string) => (command.startsWith('-allow-missing ') ? ['-allow-missing'] : []);
  return {
    database,
    folder,
    files: contents,
    skein: {
      name: 'skein',
      play: async (command) =>
        runOn(database, contents, commandOf(command)).then(
          ({ outcome }) => outcome === 'done',
          () => false,
        ),
    },
    goose: {
      name: 'goose',
      play: async (command) => {
        const words = command.replace('-allow-missing ', '').split(' ');
        return goose.run(database.url, folder, ...allow(command), ...words).ok;
      },
    },
    drop: async () => {
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function commandOf(words: string): Command {
  const allowMissing = words.startsWith('-allow-missing ');
  const [name, version] = words.replace('-allow-missing ', '').split(' ');
  switch (name) {
    case 'up':
      return { kind: 'up', allowMissing };
    case 'up-by-one':
      return { kind: 'up', onlyNext: true, allowMissing };
    case 'up-to':
      return { kind: 'up', to: version ?? '0', allowMissing };
    case 'down':
      return { kind: 'down' };
    case 'down-to':
      return { kind: 'down', to: version ?? '0' };
    case 'redo':
      return { kind: 'redo' };
    default:
      throw new Error(`unknown command ${words}`);
  }
}

/** Everything that two databases can differ in, but for the times. */
async function contentsOf(database: TestServerDatabase): Promise<unknown> {
  const versions = await database
    .query('SELECT id, version_id, is_applied, tstamp IS NOT NULL AS timed FROM goose_db_version ORDER BY id')
    .catch(() => 'no version table');
  return { versions, ...(await schemaOf(database)) };
}

/** `goose status`, a line per file: Pending or the time it was applied. Undefined when goose says nothing. */
function gooseStatus(goose: Goose, { database, folder }: Table): string[] | undefined {
  const { ok, output } = goose.run(database.url, folder, 'status');
  if (!ok) return undefined;
  return output.split('\n').flatMap((line) => {
    const [, at, name] = /\s{4}(\w.*?)\s+-- (\S+\.(?:sql|go))$/.exec(line) ?? [];
    return at === undefined || at === 'Applied At' ? [] : [`${name} ${at}`];
  });
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As Go's time.ANSIC writes a time: `Mon Jan _2 15:04:05 2006`. */
function ansic(at: string): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+) (\d+:\d+:\d+)/.exec(at) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock} ${year}`;
}

async function skeinStatus({ database, files }: Table): Promise<string[]> {
  const status = await readStatus({ database: database.database, files, tool: skeinsGoose });
  return status.files.map(
    ({ path, appliedAt }) => `${basename(path)} ${appliedAt === undefined ? 'Pending' : ansic(appliedAt)}`,
  );
}

async function check(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name} (seed ${seed})\n${error instanceof Error ? error.message : error}`);
  }
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}:\n${JSON.stringify(actual)}\n${JSON.stringify(expected)}`);
}

type Files = Readonly<Record<string, string | GooseText>>;

const shop: Files = {
  '00001_products.sql': {
    up: "CREATE TABLE products (id int PRIMARY KEY, name text DEFAULT 'x;y');\nINSERT INTO products VALUES (1);",
    down: 'DROP TABLE products;',
  },
  '00002_index.sql': {
    up: 'CREATE INDEX CONCURRENTLY products_name ON products (name);',
    down: 'DROP INDEX CONCURRENTLY products_name;',
    noTransaction: true,
  },
  '00003_touch.sql': {
    up: '-- +goose StatementBegin\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  NEW.name := NEW.name;\n  RETURN NEW;\nEND $$;\n-- +goose StatementEnd\nSELECT 1; SELECT 2;',
    down: 'DROP FUNCTION touch;',
  },
  '00004_empty.sql': '-- +goose Up\n-- +goose Down\n',
  '00005_orders.sql': {
    up: 'CREATE TABLE orders (id int REFERENCES products);\nSET lock_timeout = 0;',
    down: 'DROP TABLE orders;',
  },
  '00006_begin.sql': {
    up: 'BEGIN;\nCREATE TABLE begun (id int);\nROLLBACK;\nCREATE TEMP TABLE t (id int);\nINSERT INTO begun SELECT 1;',
    down: 'DROP TABLE begun;',
    noTransaction: true,
  },
  '00007_commit.sql': {
    up: 'CREATE TABLE one (id int);\nCOMMIT;\nCREATE TABLE two (id int);',
    down: 'DROP TABLE one;\nROLLBACK;\nDROP TABLE IF EXISTS one, two;',
  },
};

/** A file that fails, by what is left of it. */
const broken: Files = {
  '00001_base.sql': { up: 'CREATE TABLE base (id int, n int);\nINSERT INTO base VALUES (1, 1), (2, 1);' },
  '00002_half.sql': {
    up: 'CREATE TABLE half (id int);\nSELECT nothing;\nCREATE TABLE rest (id int);',
    noTransaction: true,
  },
  '00003_unique.sql': { up: 'CREATE UNIQUE INDEX CONCURRENTLY base_n ON base (n);', noTransaction: true },
  '00004_tx.sql': { up: 'CREATE TABLE tx (id int);\nINSERT INTO base VALUES (1, 2, 3);' },
};

/** Games: who does what, one after the other. Both ways round they end with the same tables. */
const games: readonly { readonly name: string; readonly files: Files; readonly moves: readonly string[] }[] =
  [
    { name: 'half each', files: shop, moves: ['up-to 3', 'up'] },
    { name: 'one each', files: shop, moves: Array(8).fill('up-by-one') },
    { name: 'up and down again', files: shop, moves: ['up', 'down-to 4', 'down-to 0', 'up'] },
    { name: 'down one each', files: shop, moves: ['up', ...Array(8).fill('down')] },
    { name: 'redo', files: shop, moves: ['up-to 5', 'redo', 'redo', 'up', 'redo'] },
    { name: 'nothing to do', files: shop, moves: ['down-to 0', 'up-to 0', 'up', 'up', 'down-to 9'] },
    { name: 'a failing file without transaction', files: broken, moves: ['up', 'up', 'up-to 2'] },
  ];

/** Changes that a person makes to the table by hand, then a command. */
const oddTables: readonly { readonly name: string; readonly sql: string; readonly command: string }[] = [
  { name: 'a gap', sql: 'DELETE FROM goose_db_version WHERE version_id = 2', command: 'up' },
  {
    name: 'a gap, allowed',
    sql: 'DELETE FROM goose_db_version WHERE version_id = 4',
    command: '-allow-missing up',
  },
  {
    name: 'rows in another order',
    sql: 'DELETE FROM goose_db_version WHERE version_id = 4; INSERT INTO goose_db_version (version_id, is_applied) VALUES (4, true)',
    command: 'down',
  },
  {
    name: 'a row that is not applied',
    sql: 'UPDATE goose_db_version SET is_applied = false WHERE version_id = 5',
    command: 'up',
  },
  {
    name: 'a row that is not applied, down',
    sql: 'UPDATE goose_db_version SET is_applied = false WHERE version_id = 5',
    command: 'down',
  },
  {
    name: 'a version twice',
    sql: 'INSERT INTO goose_db_version (version_id, is_applied) VALUES (5, true)',
    command: 'down',
  },
  {
    name: 'a version without a file',
    sql: 'INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)',
    command: 'down',
  },
  {
    name: 'a version without a file, up',
    sql: 'INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)',
    command: 'up',
  },
  { name: 'an empty table', sql: 'DELETE FROM goose_db_version', command: 'up' },
  { name: 'no row that is applied', sql: 'UPDATE goose_db_version SET is_applied = false', command: 'up' },
];

async function playGame(
  postgres: RunningPostgres,
  goose: Goose,
  game: (typeof games)[number],
): Promise<void> {
  const alone = await laid(postgres, goose, game.files);
  const tables = [await laid(postgres, goose, game.files), await laid(postgres, goose, game.files)];
  try {
    for (const [i, move] of game.moves.entries()) {
      const expectedOk = await alone.goose.play(move);
      const expected = await contentsOf(alone.database);
      for (const [t, table] of tables.entries()) {
        const player = (i + t) % 2 === 0 ? table.skein : table.goose;
        const where = `${game.name}: move ${i + 1}, ${player.name} ${move}`;
        const ok = await player.play(move);
        // goose calls it an error when there is nothing left for up-by-one or down to do.
        if (player.name === 'goose') same(ok, expectedOk, where);
        same(await contentsOf(table.database), expected, where);
        const status = gooseStatus(goose, table);
        if (status) same(await skeinStatus(table), status, `${where}: status`);
      }
    }
  } finally {
    await Promise.all([alone, ...tables].map((table) => table.drop()));
  }
}

async function playOddTable(
  postgres: RunningPostgres,
  goose: Goose,
  { name, sql, command }: (typeof oddTables)[number],
): Promise<void> {
  const tables = [await laid(postgres, goose, shop), await laid(postgres, goose, shop)] as const;
  try {
    for (const { goose: player, database } of tables) {
      await player.play('up-to 5');
      await database.query(sql);
    }
    const [ours, theirs] = tables;
    const status = gooseStatus(goose, ours);
    if (status) same(await skeinStatus(ours), status, `${name}: status before`);
    const ok = [await ours.skein.play(command), await theirs.goose.play(command)];
    same(ok[0], ok[1], `${name}: whether it succeeds`);
    same(await contentsOf(ours.database), await contentsOf(theirs.database), name);
  } finally {
    await Promise.all(tables.map((table) => table.drop()));
  }
}

/** While goose's own lock key is held by someone, nothing is run. */
async function lockIsTheSame(postgres: RunningPostgres, goose: Goose): Promise<void> {
  const table = await laid(postgres, goose, shop);
  const session = await table.database.database.connect();
  try {
    await session.query('SELECT pg_advisory_lock(4097083626)');
    const lockPatience = { total: 40, between: 20 };
    const refused = await runOn(table.database, table.files, { kind: 'up' }, { lockPatience }).catch(
      (error: Error) => error.message,
    );
    same(typeof refused === 'string' && refused.startsWith('another run holds the lock'), true, 'the lock');
  } finally {
    await session.close();
    await table.drop();
  }
}

console.log(`seed ${seed}`);
const goose = realGoose();
for (const version of [15, 18]) {
  const postgres = await startPostgres(version);
  try {
    for (const game of games) {
      await check(`PostgreSQL ${version}: ${game.name}`, () => playGame(postgres, goose, game));
    }
    for (const odd of oddTables) {
      await check(`PostgreSQL ${version}: ${odd.name}, then ${odd.command}`, () =>
        playOddTable(postgres, goose, odd),
      );
    }
    await check(`PostgreSQL ${version}: goose's lock`, () => lockIsTheSame(postgres, goose));
  } finally {
    await postgres.stop();
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
