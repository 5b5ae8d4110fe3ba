import { afterEach, describe, expect, it } from 'vitest';
import { FileChangeType } from 'vscode-languageserver/node';
import { GitRepository } from '../gitRepository.ts';
import { Editor, pullClient, pushClient } from './editor.ts';

const everywhere = { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } };
const orders = '-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n';
/** A warning, and an error. */
const both = '-- +goose Up\nCREATE INDEX ON orders (note);\nSELECT 1\n';

let editor: Editor;
afterEach(() => editor.stop());

/** main holds two migrations; the work is on a branch that was made from it. */
function branched(): GitRepository {
  const work = new GitRepository(editor.folder).commit({ 'db/1_a.sql': orders, 'db/2_b.sql': both });
  return work.git('checkout', '--quiet', '-b', 'feature');
}

const loud = ['index-not-concurrent', 'goose-unterminated'];

/** Those of our two rules that speak, once the server has said that it knows more. */
async function shown(name: string): Promise<unknown[]> {
  return (await editor.rules(name)).filter((rule) => loud.includes(String(rule)));
}

describe('a file that is the same as on the base branch', () => {
  it('shows errors only, tells how many findings that hides, and shows them when asked', async () => {
    editor = new Editor();
    branched();
    await editor.start(pullClient);
    editor.open('db/2_b.sql', both);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 1);
    const [few, { hidden = 0 }] = await editor.withStatus(() => shown('db/2_b.sql'));
    expect(few).toEqual(['goose-unterminated']);
    expect(hidden).toBeGreaterThan(0);
    expect(await editor.codeActions('db/2_b.sql', { ...everywhere, end: { line: 1, character: 9 } })).toEqual(
      [],
    );

    await editor.command('skein.showHistoryFindings');
    await editor.until(() => editor.refreshes === 2);
    const [all, whole] = await editor.withStatus(() => shown('db/2_b.sql'));
    expect(all).toEqual(loud);
    expect(whole.hidden).toBeUndefined();
    await editor.command('skein.showHistoryFindings');
    await editor.until(() => editor.refreshes === 3);
    const [again, status] = await editor.withStatus(() => shown('db/2_b.sql'));
    expect(again).toEqual(few);
    expect(status.hidden).toBe(hidden);
  });

  it('shows all as soon as it is another one, also before it is saved', async () => {
    editor = new Editor();
    branched();
    await editor.start(pullClient);
    editor.open('db/2_b.sql', both);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 1);
    editor.change('db/2_b.sql', { text: `${both}\n` });
    expect(await shown('db/2_b.sql')).toEqual(loud);
    editor.change('db/2_b.sql', { text: both });
    expect(await shown('db/2_b.sql')).toEqual(['goose-unterminated']);

    editor.change('db/2_b.sql', { text: `${both}\n` });
    editor.write({ 'db/2_b.sql': `${both}\n` }).changedOnDisk('db/2_b.sql', FileChangeType.Changed);
    await editor.until(() => editor.refreshes === 2);
    expect(await shown('db/2_b.sql')).toEqual(loud);
  });

  it('is one no more when another branch is checked out', async () => {
    editor = new Editor();
    const work = branched();
    await editor.start(pullClient);
    editor.open('db/2_b.sql', both);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 1);
    work.git('checkout', '--quiet', 'main');
    editor.changedOnDisk('.git/HEAD', FileChangeType.Changed);
    await editor.until(() => editor.refreshes === 2);
    expect(await shown('db/2_b.sql')).toEqual(loud);
    // Also for an editor that reports nothing of .git: it is looked at after each answer.
    work.git('checkout', '--quiet', 'feature');
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 3);
    expect(await shown('db/2_b.sql')).toEqual(['goose-unterminated']);
  });

  it('shows what skein.json says', async () => {
    editor = new Editor();
    branched();
    editor.write({ 'skein.json': '{"applied": "off"}' });
    await editor.start(pullClient);
    editor.open('db/2_b.sql', both);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 1);
    expect(await shown('db/2_b.sql')).toEqual([]);
    editor.write({ 'skein.json': '{"applied": "full"}' }).changedOnDisk('skein.json', FileChangeType.Changed);
    await editor.until(() => editor.refreshes === 2);
    expect(await shown('db/2_b.sql')).toEqual(loud);
  });

  it('is shown so to clients that do not ask, too', async () => {
    editor = new Editor();
    branched();
    await editor.start(pushClient);
    editor.open('db/2_b.sql', both);
    await editor.until(() => {
      const codes = editor.published.get(editor.uri('db/2_b.sql'))?.diagnostics.map(({ code }) => code);
      return codes?.includes('goose-unterminated') && !codes.includes('index-not-concurrent');
    });
  });
});

describe('a workspace that is not trusted', () => {
  it('has no history, until it is trusted: git is not run there', async () => {
    editor = new Editor();
    // Git would start this program to learn what has changed.
    branched().git('config', 'core.fsmonitor', 'touch ran;').write({ 'db/3_c.sql': both });
    await editor.start(pullClient, { trusted: false });
    editor.open('db/2_b.sql', both);
    await editor.pull('db/2_b.sql');
    await editor.until(() => editor.refreshes === 1);
    expect(await shown('db/2_b.sql')).toEqual(loud);
    await editor.notify('skein/trustGranted');
    await editor.until(() => editor.refreshes === 2);
    expect(await shown('db/2_b.sql')).toEqual(['goose-unterminated']);
  });
});
