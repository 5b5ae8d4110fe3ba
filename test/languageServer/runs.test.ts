import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CancellationTokenSource, FileChangeType } from 'vscode-languageserver/node';
import type { FolderMigrations, RunPlan, RunResult } from '../../server/src/languageServer/protocol.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer } from '../postgres/testDatabase.ts';
import { Editor, pullClient, pushClient } from './editor.ts';

const users = '-- +goose Up\nCREATE TABLE users (id bigint);\n\n-- +goose Down\nDROP TABLE users;\n';
const posts = '-- +goose Up\nCREATE TABLE posts (id bigint);\n\n-- +goose Down\nDROP TABLE posts;\n';

describe('runs over the protocol', () => {
  let editor: Editor;
  let database: TestServerDatabase;

  beforeEach(async () => {
    editor = new Editor().write({ 'migrations/00001_users.sql': users, 'migrations/00002_posts.sql': posts });
    database = await onServer(18);
  });
  afterEach(async () => {
    await editor.stop();
    await database.drop();
  });

  const use = (url: string, passwords: Record<string, string> = {}, codeLens = true) =>
    editor.connection?.sendNotification('skein/settings', {
      folders: [{ uri: editor.uri(''), database: url }],
      passwords,
      codeLens,
    });
  const ask = <T>(method: string, params: object): Promise<T> =>
    editor.connection?.sendRequest<T>(method, params) ?? Promise.reject(new Error('not connected'));
  const folder = () => editor.uri('migrations');

  async function states(read: boolean): Promise<string[]> {
    const [found] = await ask<FolderMigrations[]>('skein/migrations', { read });
    return (found?.migrations ?? []).map(({ state }) => state);
  }

  async function lenses(name: string): Promise<string[]> {
    const found = await ask<{ range: { start: { line: number } }; command: { title: string } }[]>(
      'textDocument/codeLens',
      { textDocument: { uri: editor.uri(name) } },
    );
    return found.map(({ range, command }) => `${range.start.line} ${command.title}`);
  }

  test('what is planned is run, and states and lenses follow', async () => {
    await editor.start(pullClient, { trusted: true });
    await use(database.url);
    editor.open('migrations/00001_users.sql', users);
    expect(await states(false)).toEqual(['unknown', 'unknown']);
    expect(await lenses('migrations/00001_users.sql')).toEqual([
      '0 $(play) Apply up to here',
      '0 show status',
    ]);
    expect(await states(true)).toEqual(['pending', 'pending']);

    const plan = await ask<RunPlan>('skein/plan', {
      folder: folder(),
      command: { kind: 'up', onlyNext: true },
    });
    expect(plan).toMatchObject({
      kind: 'plan',
      runs: [{ name: '00001_users.sql', direction: 'up', statements: 1 }],
    });
    expect(await ask<RunResult>('skein/run', { plan: plan.id })).toMatchObject({
      outcome: 'done',
      finished: 1,
    });
    expect(await states(true)).toEqual(['applied', 'pending']);
    expect(await lenses('migrations/00001_users.sql')).toEqual([
      expect.stringMatching(/^0 applied at \d{4}/),
      '3 $(discard) Roll back',
    ]);
    // A plan is good for one run.
    expect(await ask('skein/run', { plan: plan.id })).toMatchObject({ kind: 'refused' });
  });

  test('the server that was asked decides what is newer than it', async () => {
    const text = '-- +goose Up\nALTER TABLE users ADD CONSTRAINT n NOT NULL id NOT VALID;\n';
    const name = 'migrations/00003_newer.sql';
    editor.write({ [name]: text });
    await editor.start(pullClient, { trusted: true });
    await use(database.url);
    editor.open(name, text);
    expect(await editor.rules(name)).toContain('newer-syntax');
    expect(await states(true)).toEqual(['pending', 'pending', 'pending']);
    expect(await editor.rules(name)).not.toContain('newer-syntax');
    // A folder that is looked at anew is told as well.
    editor.write({ 'migrations/skein.json': '{ "rules": { "down-missing": "off" } }' });
    editor.changedOnDisk('migrations/skein.json', FileChangeType.Created);
    expect(await editor.rules(name)).not.toContain('newer-syntax');
  });

  test('a failure is at the failing token, also in a file that nobody has opened, until the file is another', async () => {
    editor.write({ 'migrations/00003_more.sql': '-- +goose Up\nALTER TABLE posts DROP COLUMN gone;\n' });
    await editor.start(pullClient, { trusted: true });
    await use(database.url);
    const plan = await ask<RunPlan>('skein/plan', { folder: folder(), command: { kind: 'up' } });
    const uri = editor.uri('migrations/00003_more.sql');
    const range = { start: { line: 1, character: 30 }, end: { line: 1, character: 34 } };
    expect(await ask('skein/run', { plan: plan.id })).toMatchObject({
      outcome: 'failed',
      finished: 2,
      failure: { file: '00003_more.sql', place: { uri, range } },
    });
    const published = await editor.until(() => editor.published.get(uri));
    expect(published.diagnostics).toMatchObject([{ code: '42703', range, severity: 1 }]);
    expect(await states(true)).toEqual(['applied', 'applied', 'failed']);

    editor.open('migrations/00003_more.sql', '-- +goose Up\nSELECT 1;\n');
    await editor.until(() => editor.published.get(uri)?.diagnostics.length === 0);
    expect(await states(false)).toEqual(['applied', 'applied', 'pending']);
  });

  test('a client that is sent diagnostics gets the failure among them', async () => {
    const text = '-- +goose Up\nSELECT nothing;\n';
    editor.write({ 'migrations/00001_users.sql': text });
    await editor.start(pushClient, { trusted: true });
    await use(database.url);
    editor.open('migrations/00001_users.sql', text);
    const plan = await ask<RunPlan>('skein/plan', { folder: folder(), command: { kind: 'up' } });
    expect(await ask('skein/run', { plan: plan.id })).toMatchObject({ outcome: 'failed' });
    const uri = editor.uri('migrations/00001_users.sql');
    await editor.until(() => editor.published.get(uri)?.diagnostics.some(({ code }) => code === '42703'));
  });

  test('cancelling the request ends the statement that is running', async () => {
    editor.write({ 'migrations/00002_posts.sql': '-- +goose Up\nSELECT pg_sleep(600);\n' });
    await editor.start(pullClient, { trusted: true });
    await use(database.url);
    const plan = await ask<RunPlan>('skein/plan', { folder: folder(), command: { kind: 'up' } });
    const source = new CancellationTokenSource();
    const asleep = new Promise<void>((resolve) => {
      editor.connection?.onNotification('skein/runProgress', ({ text }: { text: string }) => {
        if (text.startsWith('00002_posts.sql')) resolve();
      });
    });
    const running = editor.connection?.sendRequest<RunResult>('skein/run', { plan: plan.id }, source.token);
    await asleep;
    source.cancel();
    expect(await running).toMatchObject({ outcome: 'cancelled', finished: 1 });
    expect(await states(true)).toEqual(['applied', 'pending']);
  });

  test('the embedded PostgreSQL is started once for a run, and closed when there is to be none', async () => {
    await editor.start(pullClient, { trusted: true });
    await use('embedded');
    const starts = () => editor.log.filter((line) => /(Creating|Starting) the embedded/.test(line)).length;
    const home = join(editor.folder, '.skein');
    const isOpen = () => readdirSync(home).some((name) => existsSync(join(home, name, 'lock')));
    const params = { folder: folder(), command: { kind: 'up' } };
    const plan = await ask<RunPlan>('skein/plan', params);
    expect(await ask<RunResult>('skein/run', { plan: plan.id })).toMatchObject({
      outcome: 'done',
      finished: 2,
    });
    expect(starts()).toBe(1);
    expect(await states(true)).toEqual(['applied', 'applied']);

    const again = await ask<RunPlan>('skein/plan', { ...params, command: { kind: 'redo' } });
    expect(isOpen()).toBe(true);
    await editor.connection?.sendNotification('skein/dismissPlan', { plan: again.id });
    await vi.waitUntil(() => !isOpen(), { timeout: 20_000 });
    expect(await ask('skein/run', { plan: again.id })).toMatchObject({ kind: 'refused' });
  });

  test('looking at a database that does not answer can be cancelled', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await editor.start(pullClient, { trusted: true });
    await use(`postgres://app@127.0.0.1:${port}/shop?sslmode=disable`);
    const source = new CancellationTokenSource();
    silent.once('connection', () => source.cancel());
    const params = { folder: folder(), command: { kind: 'up' } };
    expect(await editor.connection?.sendRequest('skein/plan', params, source.token)).toBeNull();
    silent.close();
  });

  test('nothing is run in a workspace that is not trusted, until it is', async () => {
    await editor.start(pullClient, { trusted: false });
    await use(database.url);
    const params = { folder: folder(), command: { kind: 'up' } };
    expect(await ask('skein/plan', params)).toMatchObject({
      kind: 'refused',
      refusal: { message: 'this workspace is not trusted' },
    });
    expect(await ask('skein/resetDatabase', { folder: folder() })).toMatchObject({ kind: 'refused' });
    const [untrusted] = await ask<FolderMigrations[]>('skein/migrations', { read: true });
    expect(untrusted).toMatchObject({
      known: false,
      migrations: [{ state: 'unknown' }, { state: 'unknown' }],
    });
    expect(untrusted).not.toHaveProperty('database');

    await editor.notify('skein/trustGranted');
    expect(await ask('skein/plan', params)).toMatchObject({ kind: 'plan' });
  });

  test('a protected database is said to need its name', async () => {
    editor.write({ 'skein.json': `{ "protectedDatabases": ["${database.name}"] }` });
    await editor.start(pullClient, { trusted: true });
    await use(database.url);
    expect(await ask('skein/plan', { folder: folder(), command: { kind: 'up' } })).toMatchObject({
      typed: database.name,
    });
  });

  test('a password is asked for and taken, and stands in nothing that is written', async () => {
    const password = 'Zwölf-Gänse-am-Himmel';
    // The only test that gives this server's role a password.
    const guarded = await onServer(15);
    await guarded.query('DROP ROLE IF EXISTS guarded');
    await guarded.query(`CREATE ROLE guarded LOGIN PASSWORD '${password}'`);
    await guarded.query(`ALTER DATABASE ${guarded.name} OWNER TO guarded`);
    const heard: string[] = [];
    await editor.start(pullClient, { trusted: true });
    editor.server?.stdout?.on('data', (chunk) => heard.push(String(chunk)));
    editor.server?.stderr?.on('data', (chunk) => heard.push(String(chunk)));
    const url = `postgres://guarded@127.0.0.1:${guarded.port}/${guarded.name}?sslmode=disable`;
    const label = `${guarded.name} on 127.0.0.1:${guarded.port} as guarded`;
    const params = { folder: folder(), command: { kind: 'up' } };

    await use(url);
    expect(await ask('skein/plan', params)).toMatchObject({ refusal: { needsPassword: label } });
    await use(url, { [label]: 'no-it-is-not' });
    expect(await ask('skein/plan', params)).toMatchObject({ refusal: { needsPassword: label } });
    await use(url, { [label]: password });
    const plan = await ask<RunPlan>('skein/plan', params);
    expect(plan).toMatchObject({ kind: 'plan', database: { name: label } });
    expect(await ask('skein/run', { plan: plan.id })).toMatchObject({ outcome: 'done', finished: 2 });
    await use(
      url.replace('guarded@', `guarded:${encodeURIComponent(password)}@`).replace(guarded.name, 'nowhere'),
    );
    expect(await ask('skein/plan', params)).toMatchObject({ kind: 'refused' });

    const said = heard.join('') + editor.log.join('');
    expect(said).toContain(label);
    for (const secret of [password, encodeURIComponent(password), 'no-it-is-not'])
      expect(said).not.toContain(secret);
    await guarded.drop();
  });
});
