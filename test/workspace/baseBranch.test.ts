import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BaseBranches, type FolderBase } from '../../server/src/workspace/baseBranch.ts';
import { type Git, GitError, installedGit } from '../../server/src/workspace/git.ts';
import { GitRepository } from '../gitRepository.ts';

const made: GitRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.remove();
});

function repository(from?: GitRepository, ...options: string[]): GitRepository {
  const created = from ? from.clone(...options) : new GitRepository();
  made.push(created);
  return created;
}

async function standing({ folder }: GitRepository, configured?: string): Promise<FolderBase | undefined> {
  return new BaseBranches(installedGit).of(join(folder, 'db'), configured);
}

const unchanged = async (from: GitRepository, configured?: string) =>
  [...((await standing(from, configured))?.unchanged ?? ['no base'])].sort();

/** main with two migrations, and a branch that was made from it. */
function branched(): GitRepository {
  return repository()
    .commit({ 'db/1_a.sql': 'a', 'db/2_b.sql': 'b', 'db/sub/9_x.sql': 'x', 'readme.md': '' })
    .git('checkout', '--quiet', '-b', 'feature');
}

describe('what is history', () => {
  it('is what stands as it did where the branch left main, whether committed or not', async () => {
    const work = branched();
    expect(await unchanged(work)).toEqual(['1_a.sql', '2_b.sql', 'sub']);
    work.write({ 'db/2_b.sql': 'other', 'db/3_c.sql': 'new' });
    expect(await unchanged(work)).toEqual(['1_a.sql', 'sub']);
    work.commit({});
    expect(await unchanged(work)).toEqual(['1_a.sql', 'sub']);
    work.write({ 'db/2_b.sql': 'b' });
    expect(await unchanged(work)).toEqual(['1_a.sql', '2_b.sql', 'sub']);
  });

  it('is nothing on the base branch itself', async () => {
    const work = branched().git('checkout', '--quiet', 'main');
    expect(await unchanged(work)).toEqual([]);
    expect([...((await standing(work))?.onBase ?? [])].sort()).toEqual(['1_a.sql', '2_b.sql', 'sub']);
    expect(await unchanged(repository(work))).toEqual([]);
  });

  it('is not what others have merged meanwhile', async () => {
    const work = branched().git('checkout', '--quiet', 'main').commit({ 'db/3_c.sql': 'c' });
    work.git('checkout', '--quiet', 'feature');
    const base = await standing(work);
    expect([...(base?.incoming ?? [])]).toEqual([['3_c.sql', 'c\n']]);
    expect(base?.onBase.has('3_c.sql')).toBe(true);
    expect(base?.unchanged.has('3_c.sql')).toBe(false);
  });

  it('comes with the text of what others have merged, to the letter', async () => {
    const work = branched().git('checkout', '--quiet', 'main');
    const texts = { 'a: b.py': 'x = 1\r\n\r\n  ü = "\u2028"\n', 'empty.py': '', '[c].py': 'c\n' };
    work.commit(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`db/${name}`, text])));
    work.git('checkout', '--quiet', 'feature');
    expect(Object.fromEntries((await standing(work))?.incoming ?? [])).toEqual(texts);
  });

  it('does not change where a file is written again with the same bytes', async () => {
    expect(await unchanged(branched().write({ 'db/1_a.sql': 'a' }))).toContain('1_a.sql');
  });
});

describe('the base branch', () => {
  it('is the remote’s default branch, and the remote’s copy of it', async () => {
    const origin = repository().git('checkout', '--quiet', '-b', 'trunk').commit({ 'db/1_a.sql': 'a' });
    const work = repository(origin).git('checkout', '--quiet', '-b', 'feature');
    expect(await unchanged(work)).toEqual(['1_a.sql']);
    origin.commit({ 'db/2_b.sql': 'b' });
    work.git('fetch', '--quiet');
    expect([...((await standing(work))?.incoming.keys() ?? [])]).toEqual(['2_b.sql']);
  });

  it('is main, else master, where there is no remote', async () => {
    const work = branched().git('branch', 'master');
    work.commit({ 'db/3_c.sql': 'c' });
    expect(await unchanged(work)).not.toContain('3_c.sql');
    work.git('branch', '--delete', '--force', 'main').git('branch', '--force', 'master');
    expect(await unchanged(work)).toContain('3_c.sql');
  });

  it('is the one that skein.json names: a branch, a remote’s branch, a tag', async () => {
    const work = branched().git('checkout', '--quiet', '-b', 'release/1').commit({ 'db/3_c.sql': 'c' });
    work.git('tag', 'v1').git('checkout', '--quiet', '-b', 'next').commit({ 'db/4_d.sql': 'd' });
    const all = ['1_a.sql', '2_b.sql', '3_c.sql', 'sub'];
    expect(await unchanged(work, 'release/1')).toEqual(all);
    expect(await unchanged(work, 'v1')).toEqual(all);
    const copy = repository(work).git('checkout', '--quiet', '-b', 'mine');
    expect(await unchanged(copy, 'release/1')).toEqual(all);
    expect(await unchanged(copy, 'origin/release/1')).toEqual(all);
  });

  it('is its last commit where the clone is too shallow to tell more', async () => {
    const origin = repository().commit({ 'db/1_a.sql': 'a' }).commit({ 'db/2_b.sql': 'b' });
    const work = repository(origin, '--depth=1').git('checkout', '--quiet', '-b', 'feature');
    work.commit({ 'db/3_c.sql': 'c' });
    expect(await unchanged(work)).toEqual(['1_a.sql', '2_b.sql']);
  });

  it('is unknown where there is no such branch, nothing committed, no repository, no git', async () => {
    expect(await standing(branched(), 'no-such')).toBeUndefined();
    expect(await standing(branched(), '--output=x')).toBeUndefined();
    expect(await standing(repository().write({ 'db/1_a.sql': 'a' }))).toBeUndefined();
    const folder = mkdtempSync(join(tmpdir(), 'skein-no-git-'));
    expect(await new BaseBranches(installedGit).of(folder, undefined)).toBeUndefined();
    rmSync(folder, { recursive: true });
    const missing: Git = () => Promise.reject(new GitError('missing', 'no git'));
    expect(await new BaseBranches(missing).of('/', undefined)).toBeUndefined();
  });
});

describe('an answer', () => {
  it('is kept until the repository moves', async () => {
    const work = branched();
    let asked = 0;
    const bases = new BaseBranches((folder, args) => {
      asked++;
      return installedGit(folder, args);
    });
    const ask = () => bases.of(join(work.folder, 'db'), undefined);
    const first = await ask();
    const once = asked;
    expect(await Promise.all([ask(), ask()])).toEqual([first, first]);
    expect(asked).toBe(once);

    work.git('checkout', '--quiet', 'main');
    const [second, same] = await Promise.all([ask(), ask()]);
    expect(second?.unchanged.size).toBe(0);
    expect(same).toEqual(second);
    expect(asked).toBe(2 * once);

    work.write({ 'db/1_a.sql': 'other' });
    await ask();
    expect(asked).toBe(2 * once);
    bases.forget(join(work.folder, 'db'));
    await ask();
    expect(asked).toBe(3 * once);
  });
});
