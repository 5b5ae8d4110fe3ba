import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Bundles test/vscode/suite for VS Code's extension host. Gives the path of its entry, to be named to VS Code. */
export async function bundleSuite(): Promise<string> {
  const outdir = resolve('dist-test/vscode-suite');
  const source = resolve('test/vscode/suite');
  await build({
    entryPoints: readdirSync(source)
      .filter((file) => file === 'index.ts' || file.endsWith('.test.ts'))
      .map((file) => join(source, file)),
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return join(outdir, 'index.js');
}
