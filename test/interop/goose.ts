import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The release that Skein follows. */
const version = 'v3.27.3';

/** goose's command line, on one database and one folder. */
export interface Goose {
  /** What it prints, and whether it succeeded. */
  run(
    url: string,
    folder: string,
    ...args: readonly string[]
  ): { readonly ok: boolean; readonly output: string };
}

/** The real goose, built once into .tools/. Needs Go 1.25.7 or later; throws when it cannot be had. */
export function realGoose(): Goose {
  const bin = resolve('.tools', `goose-${version}`);
  const program = join(bin, process.platform === 'win32' ? 'goose.exe' : 'goose');
  if (!existsSync(program)) {
    mkdirSync(bin, { recursive: true });
    const env = { ...process.env, GOBIN: bin, GOFLAGS: '-mod=mod' };
    // Only the driver of PostgreSQL: the others make most of the program.
    const without = [
      'no_clickhouse',
      'no_libsql',
      'no_mssql',
      'no_mysql',
      'no_sqlite3',
      'no_vertica',
      'no_ydb',
    ];
    const source = `github.com/pressly/goose/v3/cmd/goose@${version}`;
    execFileSync('go', ['install', '-tags', without.join(' '), source], { env, stdio: 'inherit' });
  }
  return {
    run: (url, folder, ...args) => {
      const { status, stdout, stderr } = spawnSync(program, ['-dir', folder, 'postgres', url, ...args], {
        encoding: 'utf8',
        // No .env and no variable of this machine.
        env: { PATH: process.env.PATH, HOME: folder },
        cwd: folder,
      });
      return { ok: status === 0, output: `${stdout}${stderr}` };
    },
  };
}
