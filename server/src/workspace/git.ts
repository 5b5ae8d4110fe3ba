import { execFile } from 'node:child_process';

/** Runs git in a folder and gives what it prints. Rejects with a GitError. */
export type Git = (folder: string, args: readonly string[]) => Promise<string>;

/** `missing`: there is no git on this machine. `refused`: git ran and said no. */
export class GitError extends Error {
  readonly reason: 'missing' | 'refused';

  constructor(reason: 'missing' | 'refused', message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A repository on a disk that has gone to sleep must not hold anything up for ever. */
const longest = 30_000;

const mostOutput = 64 * 1024 * 1024;

/** git as it is installed, without a shell. It reads only: no lock is taken, nothing it is configured to start is started. */
export const installedGit: Git = (folder, args) =>
  new Promise((resolve, reject) => {
    const options = {
      cwd: folder,
      env: environment(),
      timeout: longest,
      maxBuffer: mostOutput,
      windowsHide: true,
    };
    const all = ['--no-optional-locks', '-c', 'core.fsmonitor=false', ...args];
    execFile('git', all, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(new GitError(error.code === 'ENOENT' ? 'missing' : 'refused', stderr.trim() || error.message));
    });
  });

/** Inside a hook git names the repository in the environment, as seen from its root; the folder decides here. */
function environment(): NodeJS.ProcessEnv {
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_PREFIX, ...env } = process.env;
  return { ...env, LC_ALL: 'C' };
}

/** The commit that a person's word for it stands for. Rejects when git knows none. */
export async function commitOf(git: Git, folder: string, ref: string): Promise<string> {
  return (
    await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
  ).trim();
}

/** Where the work in a folder left `commit`'s line of history; `commit` itself where git does not know (a shallow clone). */
export async function forkPoint(git: Git, folder: string, commit: string): Promise<string> {
  const common = await git(folder, ['merge-base', 'HEAD', commit]).catch(orNothing);
  return common.trim() || commit;
}

/** Names of what stands directly in a folder at a commit. */
export async function namesAt(git: Git, folder: string, commit: string): Promise<ReadonlySet<string>> {
  return new Set(lines(await git(folder, ['ls-tree', '-z', '--name-only', commit])));
}

/** Those of `names`, which stand in a folder at a commit, whose files on disk are the same now. */
export async function unchangedSince(
  git: Git,
  folder: string,
  commit: string,
  names: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const how = ['--name-only', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules', '--relative'];
  const changed = new Set(lines(await git(folder, ['diff', ...how, commit, '--', '.'])));
  return new Set([...names].filter((name) => !changed.has(name)));
}

/** So many names fit on any command line. */
const namesAtOnce = 100;

/** The texts of files that stand directly in a folder at a commit. Empty for what is no file of text. */
export async function textsAt(
  git: Git,
  folder: string,
  commit: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map(names.map((name) => [name, '']));
  for (let at = 0; at < names.length; at += namesAtOnce) {
    const paths = names.slice(at, at + namesAtOnce).map((name) => `:(literal)${name}`);
    // Every line of all of them, each behind "commit:name" and a NUL: one process for all, where git show takes one each.
    const how = ['-I', '-z', '--no-color', '--max-depth=0', '-e', ''];
    const found = await git(folder, ['grep', ...how, commit, '--', ...paths]).catch(orNothing);
    for (const line of found.split('\n')) {
      const nul = line.indexOf('\0');
      const name = line.slice(line.indexOf(':') + 1, Math.max(nul, 0));
      if (nul >= 0) texts.set(name, `${texts.get(name) ?? ''}${line.slice(nul + 1)}\n`);
    }
  }
  return texts;
}

function lines(output: string): string[] {
  return output.split('\0').filter((line) => line !== '');
}

/** For questions to which "there is none" is an answer. */
export function orNothing(error: unknown): string {
  if (error instanceof GitError && error.reason === 'refused') return '';
  throw error;
}
