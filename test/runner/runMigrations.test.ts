import { describe, expect, test } from 'vitest';
import { gooseTool } from '../../server/src/runner/gooseTool.ts';
import { refusedPlain } from '../../server/src/runner/otherTools.ts';
import { previewRun, readStatus } from '../../server/src/runner/runMigrations.ts';
import { RunRefused } from '../../server/src/runner/runRefused.ts';
import { engines, onServer, using } from '../postgres/testDatabase.ts';
import { gooseFolder } from './gooseFolder.ts';
import { goose, listening, recorded, runOn, tables } from './runs.ts';

const shop = gooseFolder({
  '00001_products.sql': {
    up: 'CREATE TABLE products (id int PRIMARY KEY);\nINSERT INTO products VALUES (1), (2);',
    down: 'DROP TABLE products;',
  },
  '00002_index.sql': {
    up: 'CREATE INDEX CONCURRENTLY products_id ON products (id);',
    down: 'DROP INDEX CONCURRENTLY products_id;',
    noTransaction: true,
  },
  '00003_orders.sql': { up: 'CREATE TABLE orders (id int);', down: 'DROP TABLE orders;' },
});

describe.each(engines)('on $name', ({ make }) => {
  test('applies, tells where it stands, rolls back and goes on', async () => {
    const database = await using(make());
    const { events, onEvent } = listening();
    const report = await runOn(database, shop, { kind: 'up', to: '2' }, { onEvent });
    expect(report.failure).toBeUndefined();
    expect(report.outcome).toBe('done');
    expect(report.finished.map(({ version, statements }) => [version, statements])).toEqual([
      ['1', 2],
      ['2', 1],
    ]);
    const steps = events.filter(({ kind }) => kind === 'file' || kind === 'statement');
    expect(steps).toMatchObject([
      { kind: 'file', path: 'migrations/00001_products.sql', index: 1, count: 2 },
      { kind: 'statement', index: 1, count: 2 },
      { kind: 'statement', index: 2, count: 2 },
      { kind: 'file', path: 'migrations/00002_index.sql', index: 2, count: 2 },
      { kind: 'statement', index: 1, count: 1 },
    ]);
    expect((await runOn(database, shop)).finished).toHaveLength(1);
    expect((await runOn(database, shop)).finished).toEqual([]);
    const back = await runOn(database, shop, { kind: 'down', to: '1' });
    expect(back.finished.map(({ version, direction }) => [version, direction])).toEqual([
      ['3', 'down'],
      ['2', 'down'],
    ]);
    const status = await readStatus({ database: database.database, tool: goose, files: shop });
    expect(status.files.map(({ state }) => state)).toEqual(['applied', 'pending', 'pending']);
    expect(status.current).toBe('1');
    expect(status.files[0]?.appliedAt).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d/);
    const redone = await runOn(database, shop, { kind: 'redo' });
    expect(redone.finished.map(({ direction }) => direction)).toEqual(['down', 'up']);
    expect(await recorded(database)).toEqual([0, 1]);
    expect(await tables(database)).toEqual(['products']);
  });

  test('a failing file leaves nothing behind, and says where and why', async () => {
    const database = await using(make());
    const files = gooseFolder({
      '1_a.sql': { up: 'CREATE TABLE a (id int);' },
      '2_b.sql': {
        up: "CREATE TABLE b (id int);\n-- 🦆 übrig\nALTER TABLE b\n  ADD COLUMN näme text DEFAULT '🦆',\n  ADD COLUMN x nosuchtype;",
      },
      '3_c.sql': { up: 'CREATE TABLE c (id int);' },
    });
    const { outcome, failure, finished } = await runOn(database, files);
    expect(outcome).toBe('failed');
    expect(finished.map(({ version }) => version)).toEqual(['1']);
    expect(failure).toMatchObject({
      path: 'migrations/2_b.sql',
      title: 'type "nosuchtype" does not exist',
      code: '42704',
      left: 'nothing',
      place: { line: 6, column: 16 },
    });
    expect(failure?.place?.statement).toMatch(/^ALTER TABLE b\n/);
    expect(await tables(database)).toEqual(['a']);
    expect(await recorded(database)).toEqual([0, 1]);
    const mended = files.map((file) => ({ ...file, text: file.text.replace('nosuchtype', 'text') }));
    expect((await runOn(database, mended)).outcome).toBe('done');
    expect(await tables(database)).toEqual(['a', 'b', 'c']);
  });

  test('a file without a transaction keeps what came before its failure, and is run again from its start', async () => {
    const database = await using(make());
    const files = (rest: string) =>
      gooseFolder({
        '1_a.sql': { up: `CREATE TABLE IF NOT EXISTS a (id int);\n${rest}`, noTransaction: true },
      });
    const { events, onEvent } = listening();
    const failed = await runOn(database, files('INSERT INTO a VALUES (1, 2);'), { kind: 'up' }, { onEvent });
    expect(events.filter(({ kind }) => kind === 'notice')).toEqual([]);
    expect(failed.failure).toMatchObject({ code: '42601', left: 'statements-before', place: { line: 4 } });
    expect(await tables(database)).toEqual(['a']);
    expect(await recorded(database)).toEqual([0]);
    expect((await runOn(database, files('INSERT INTO a VALUES (1);'))).outcome).toBe('done');
    expect(await recorded(database)).toEqual([0, 1]);
  });

  test('an index that could not be built is told as what is left of the file', async () => {
    const database = await using(make());
    const files = gooseFolder({
      '1_a.sql': { up: 'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1), (1);' },
      '2_b.sql': { up: 'CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);', noTransaction: true },
    });
    const { failure } = await runOn(database, files);
    expect(failure).toMatchObject({ code: '23505', left: 'invalid-index' });
    expect(await database.query('SELECT 1 FROM pg_index WHERE NOT indisvalid')).toHaveLength(1);
    const mistaken = files.map((file) => ({
      ...file,
      text: file.text.replace('ON a (id)', 'ON a (nosuch)'),
    }));
    expect((await runOn(database, mistaken)).failure).toMatchObject({ code: '42703', left: 'nothing' });
  });

  test('cancelling ends the statement, and the next run goes on', async () => {
    const database = await using(make());
    const files = gooseFolder({
      '1_a.sql': { up: 'CREATE TABLE a (id int);' },
      '2_b.sql': { up: 'CREATE TABLE b (id int);\nSELECT pg_sleep(600);' },
    });
    const abort = new AbortController();
    const { onEvent, seen } = listening();
    const running = runOn(database, files, { kind: 'up' }, { signal: abort.signal, onEvent });
    await seen((event) => event.kind === 'statement' && event.path.endsWith('2_b.sql') && event.index === 2);
    abort.abort();
    const { outcome, finished, failure } = await running;
    expect({ outcome, failure }).toEqual({ outcome: 'cancelled', failure: undefined });
    expect(finished.map(({ version }) => version)).toEqual(['1']);
    expect(await tables(database)).toEqual(['a']);
    const shorter = files.map((file) => ({ ...file, text: file.text.replace('600', '0') }));
    expect((await runOn(database, shorter)).outcome).toBe('done');
    expect(await recorded(database)).toEqual([0, 1, 2]);
  });
});

describe('on a server', () => {
  test('the version table is the one that goose makes', async () => {
    const database = await using(onServer(15));
    await runOn(database, shop);
    const columns = await database.query(
      `SELECT column_name, data_type, is_nullable, column_default, identity_generation FROM information_schema.columns
       WHERE table_name = 'goose_db_version' ORDER BY ordinal_position`,
    );
    expect(columns.map((column) => Object.values(column))).toEqual([
      ['id', 'integer', 'NO', null, 'BY DEFAULT'],
      ['version_id', 'bigint', 'NO', null, null],
      ['is_applied', 'boolean', 'NO', null, null],
      ['tstamp', 'timestamp without time zone', 'NO', 'now()', null],
    ]);
  });

  test('another name and schema of the version table', async () => {
    const database = await using(onServer(18));
    await database.query('CREATE SCHEMA "My App"');
    const table = '"My App".versions';
    const named = (name: string) => ({ tool: gooseTool(() => undefined, name) });
    await runOn(database, shop, { kind: 'up' }, named(table));
    expect(await recorded(database, table)).toEqual([0, 1, 2, 3]);
    expect(() => named('a; DROP TABLE products')).toThrow(RunRefused);
    await expect(runOn(database, shop, { kind: 'up' }, named('nowhere.versions'))).rejects.toMatchObject({
      reason: 'version-table',
      message: expect.stringMatching(/nowhere\.versions cannot be made: schema "nowhere" does not exist$/),
      advice: expect.stringContaining('GOOSE_TABLE'),
    });
  });

  test('looking changes nothing', async () => {
    const database = await using(onServer(15));
    const inputs = { database: database.database, tool: goose, files: shop };
    expect((await readStatus(inputs)).tracked).toBe(false);
    expect((await previewRun(inputs, { kind: 'up' })).runs).toHaveLength(3);
    expect(await database.query("SELECT 1 FROM pg_tables WHERE tablename = 'goose_db_version'")).toEqual([]);
  });

  test('nothing runs when the plan is not the one that was agreed to', async () => {
    const database = await using(onServer(18));
    const inputs = { database: database.database, tool: goose, files: shop };
    const agreed = await previewRun(inputs, { kind: 'up', to: '2' });
    await runOn(database, shop, { kind: 'up', to: '1' });
    await expect(runOn(database, shop, { kind: 'up', to: '2' }, { agreed })).rejects.toMatchObject({
      reason: 'changed',
    });
    expect(await recorded(database)).toEqual([0, 1]);
    const again = await previewRun(inputs, { kind: 'up', to: '2' });
    expect((await runOn(database, shop, { kind: 'up', to: '2' }, { agreed: again })).outcome).toBe('done');
  });

  test('of two runs at once one waits, and then finds nothing left to do', async () => {
    const database = await using(onServer(15));
    const files = gooseFolder({ '1_a.sql': { up: 'CREATE TABLE a (id int);\nSELECT pg_sleep(0.3);' } });
    const first = listening();
    const second = listening();
    const running = runOn(database, files, { kind: 'up' }, { onEvent: first.onEvent });
    await first.seen(({ kind }) => kind === 'statement');
    const reports = await Promise.all([
      running,
      runOn(database, files, { kind: 'up' }, { onEvent: second.onEvent }),
    ]);
    expect(reports.map(({ outcome, finished }) => [outcome, finished.length])).toEqual([
      ['done', 1],
      ['done', 0],
    ]);
    expect(second.events).toContainEqual({
      kind: 'waiting',
      sentence: expect.stringMatching(
        /^Waiting for another run on this database \(skein, server process \d+/,
      ),
    });
    expect(await recorded(database)).toEqual([0, 1]);
  });

  test('a run that waits in vain says who holds the lock', async () => {
    const database = await using(onServer(18));
    const files = gooseFolder({ '1_a.sql': { up: 'SELECT pg_sleep(600);' } });
    const abort = new AbortController();
    const first = listening();
    const running = runOn(database, files, { kind: 'up' }, { signal: abort.signal, onEvent: first.onEvent });
    await first.seen(({ kind }) => kind === 'statement');
    const lockPatience = { total: 40, between: 20 };
    await expect(runOn(database, files, { kind: 'up' }, { lockPatience })).rejects.toMatchObject({
      reason: 'locked',
      message: expect.stringContaining('skein, server process'),
    });
    abort.abort();
    expect((await running).outcome).toBe('cancelled');
  });

  test('BEGIN in a file without a transaction comes to nothing, as with goose', async () => {
    const database = await using(onServer(18));
    const files = gooseFolder({
      '1_a.sql': { up: 'BEGIN;\nCREATE TABLE a (id int);\nROLLBACK;', noTransaction: true },
    });
    const { events, onEvent } = listening();
    expect((await runOn(database, files, { kind: 'up' }, { onEvent })).outcome).toBe('done');
    expect(await tables(database)).toEqual(['a']);
    expect(events.filter(({ kind }) => kind === 'remark')).toHaveLength(1);
  });

  test('COMMIT in a file that runs in a transaction ends it, as with goose', async () => {
    const database = await using(onServer(15));
    const files = gooseFolder({
      '1_a.sql': { up: 'CREATE TABLE a (id int);\nCOMMIT;\nCREATE TABLE b (id int);\nSELECT nothing;' },
    });
    const { failure } = await runOn(database, files);
    expect(failure).toMatchObject({ code: '42703', left: 'statements-before' });
    expect(await tables(database)).toEqual(['a', 'b']);
    expect(await recorded(database)).toEqual([0]);
  });

  test('variables are put in, and an error behind them is at its place in the file', async () => {
    const database = await using(onServer(15));
    const text = `-- +goose ENVSUB ON\n-- +goose Up\nSELECT \${LONG}, \${LONG:-x}, nosuch;\n`;
    const environment = (name: string) => (name === 'LONG' ? '1234567890' : undefined);
    const { failure } = await runOn(
      database,
      gooseFolder({ '1_a.sql': text }),
      { kind: 'up' },
      { tool: gooseTool(environment, 'goose_db_version') },
    );
    expect(failure).toMatchObject({ code: '42703', place: { line: 3, column: 29 } });
    expect(failure?.place?.statement).toContain(`\${LONG}`);
  });

  test('empty sections and empty statements are recorded', async () => {
    const database = await using(onServer(15));
    const files = gooseFolder({
      '1_a.sql': '-- +goose Up\n-- +goose Down\n',
      '2_b.sql': '-- +goose Up\n-- +goose StatementBegin\n-- +goose StatementEnd\n-- +goose Down\n',
    });
    const { finished } = await runOn(database, files);
    expect(finished.map(({ statements }) => statements)).toEqual([0, 0]);
    expect(await recorded(database)).toEqual([0, 1, 2]);
  });

  test('migrations that have no version table are not run', async () => {
    const database = await using(onServer(15));
    await expect(runOn(database, shop, { kind: 'up' }, { tool: refusedPlain() })).rejects.toMatchObject({
      reason: 'tool',
      advice: expect.stringMatching(/in their order with psql/),
    });
  });
});
