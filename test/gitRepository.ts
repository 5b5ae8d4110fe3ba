import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A git repository in a folder of its own (or in `folder`), that knows nothing of the machine's configuration. */
export class GitRepository {
  readonly folder: string;

  constructor(folder = mkdtempSync(join(realpathSync(tmpdir()), 'skein-git-'))) {
    this.folder = folder;
    this.git('init', '--quiet', '--initial-branch=main');
  }

  write(files: Readonly<Record<string, string | undefined>>): this {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, name);
      if (text === undefined) rmSync(path);
      else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
    return this;
  }

  /** Writes files and commits all there is. */
  commit(files: Readonly<Record<string, string | undefined>>): this {
    this.write(files);
    this.git('add', '--all');
    return this.git('commit', '--quiet', '--allow-empty', '--message=x');
  }

  git(...args: string[]): this {
    const env = {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@b',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@b',
    };
    execFileSync('git', args, { cwd: this.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    return this;
  }

  /** A copy with this one as its remote "origin", at the same commit. */
  clone(...options: string[]): GitRepository {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'skein-git-'));
    this.git('clone', '--quiet', ...options, `file://${this.folder}`, folder);
    return new GitRepository(folder);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
