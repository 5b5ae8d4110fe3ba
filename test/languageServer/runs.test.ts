import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FolderMigrations, RunPlan, RunResult } from '../../server/src/languageServer/protocol.ts';
import type { TestServerDatabase } from '../postgres/databaseAt.ts';
import { onServer } from '../postgres/testDatabase.ts';
import { Editor, pullClient } from './editor.ts';

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
});
