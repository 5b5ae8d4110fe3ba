/**
 * Bundles the three doors into dist/, each one file of CommonJS for Node 20: extension.js (VS Code), server.js (the
 * language server), cli.js (the terminal). Beside them what they read at run time, and the licences of what is inside.
 */
import { chmodSync, copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

const doors = [
  { file: 'extension.js', entry: 'client/src/extension.ts' },
  { file: 'server.js', entry: 'server/src/languageServer/main.ts' },
  { file: 'cli.js', entry: 'server/src/cli/main.ts', banner: '#!/usr/bin/env node' },
];

/** The parser looks for its wasm in the folder of the file that loads it. */
const besides = ['node_modules/libpg-query/wasm/libpg-query.wasm', 'server/src/config/skein.schema.json'];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

// esbuild has printed what is wrong.
const results = await Promise.all(doors.map(bundle)).catch(() => process.exit(1));
for (const path of besides) copyFileSync(join(root, path), join(dist, path.slice(path.lastIndexOf('/') + 1)));
const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), notices(root, inputs));
chmodSync(join(dist, 'cli.js'), 0o755);

const sizes = doors.map(({ file }) => `${file} ${Math.round(statSync(join(dist, file)).size / 1024)} KB`);
console.log(`dist: ${sizes.join(', ')}`);

function bundle({ file, entry, banner }) {
  return build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(dist, file),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    // Names of functions in a stack trace are worth their few kilobytes when a person sends in a log.
    keepNames: true,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    external: ['vscode'],
    banner: banner === undefined ? {} : { js: banner },
    metafile: true,
    logLevel: 'warning',
  });
}
