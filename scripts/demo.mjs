/**
 * Builds Skein, then shows what it says about examples/ and what its safe fixes would write.
 * The examples hold mistakes on purpose, so findings are no failure here.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

run(process.execPath, [join('scripts', 'build.mjs')]);
skein('lint', 'examples', '--fail-on', 'never');
skein('fix', 'examples', '--dry-run');
console.log('\nNothing was written. To check your own migrations: node dist/cli.js lint PATH');

function skein(...args) {
  console.log(`\n$ skein ${args.join(' ')}\n`);
  run(process.execPath, [join('dist', 'cli.js'), ...args]);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
