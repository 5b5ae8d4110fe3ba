import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Suites in which migrations are run are left out where SKEIN_VSCODE_RUNS is "no": they take minutes. */
export const withRuns = process.env.SKEIN_VSCODE_RUNS !== 'no';

/** Bundles test/vscode/suite for VS Code's extension host. Gives the path of its entry, to be named to VS Code. */
export async function bundleSuite(): Promise<string> {
  const outdir = resolve('dist-test/vscode-suite');
  const source = resolve('test/vscode/suite');
  await build({
    entryPoints: readdirSync(source)
      .filter((file) => file === 'index.ts' || file.endsWith('.test.ts'))
      .filter((file) => file !== 'runs.test.ts' || withRuns)
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
