/**
 * Runs a TypeScript program of this repository: node scripts/run.mjs FILE.ts [ARGUMENT…]
 * Node 20 does not read TypeScript, so the file and what it imports are bundled first; packages stay where they are.
 */
import { spawnSync } from 'node:child_process';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) {
  console.error('usage: node scripts/run.mjs FILE.ts [ARGUMENT…]');
  process.exit(2);
}
const root = resolve(import.meta.dirname, '..');
const outfile = join(root, 'dist-test', `${basename(entry, '.ts')}.mjs`);

await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
  // esbuild has printed what is wrong.
}).catch(() => process.exit(1));
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
