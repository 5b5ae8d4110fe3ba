/**
 * Bundles the three doors into dist/, each one file of CommonJS for Node 20: extension.js (VS Code), server.js (the
 * language server), cli.js (the terminal). Beside them what they read at run time, among it the embedded PostgreSQL:
 * the thread it runs in (embeddedDatabase.mjs) and its files (postgres/); and the licences of what is inside.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import Module from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

const doors = [
  { file: 'extension.js', entry: 'client/src/extension.ts' },
  { file: 'server.js', entry: 'server/src/startup/server.ts' },
  { file: 'cli.js', entry: 'server/src/startup/cli.ts', banner: '#!/usr/bin/env node' },
  // What the two start, and how it wants them: see startup/start.ts.
  { file: 'languageServer.js', entry: 'server/src/languageServer/main.ts', wrapped: true },
  { file: 'commandLine.js', entry: 'server/src/cli/main.ts', wrapped: true },
  // PGlite asks where it stands, which only a module can tell it.
  { file: 'embeddedDatabase.mjs', entry: 'server/src/database/embeddedWorker.ts', format: 'esm' },
];

/** What Node puts around a CommonJS module. */
const wrapper = Module.wrap('|').split('|');

/** The parser looks for its wasm in the folder of the file that loads it. */
const besides = ['node_modules/libpg-query/wasm/libpg-query.wasm', 'server/src/config/skein.schema.json'];

/** PGlite's server, what it makes a database with, its files, and an archive for every extension. */
const pglite = join(root, 'node_modules/@electric-sql/pglite/dist');
const postgresFiles = readdirSync(pglite).filter((name) =>
  /^(pglite\.wasm|initdb\.wasm|pglite\.data|.*\.tar\.gz)$/.test(name),
);

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

// esbuild has printed what is wrong.
const results = await Promise.all(doors.map(bundle)).catch(() => process.exit(1));
for (const path of besides) copyFileSync(join(root, path), join(dist, path.slice(path.lastIndexOf('/') + 1)));
mkdirSync(join(dist, 'postgres'));
for (const name of postgresFiles) copyFileSync(join(pglite, name), join(dist, 'postgres', name));
const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), notices(root, inputs));
chmodSync(join(dist, 'cli.js'), 0o755);

// One other character (esbuild leaves them in regular expressions) and V8 keeps all of a bundle in two bytes a character.
for (const { file } of doors) {
  if (/[^\0-\x7f]/.test(readFileSync(join(dist, file), 'utf8')))
    throw new Error(`${file} is not plain ASCII`);
}

const sizes = doors.map(({ file }) => `${file} ${Math.round(statSync(join(dist, file)).size / 1024)} KB`);
console.log(`dist: ${sizes.join(', ')}`);

function bundle({ file, entry, banner = '', wrapped = false, format = 'cjs' }) {
  const [before, after] = wrapped ? wrapper : ['', ''];
  return build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(dist, file),
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    // Names stay what they are: a stack trace in a log that a person sends in is worth it, and esbuild's keepNames, which
    // restores shortened ones, does so at run time for every function that is made.
    legalComments: 'none',
    mainFields: ['module', 'main'],
    external: ['vscode'],
    banner: { js: banner + before },
    footer: { js: after },
    metafile: true,
    logLevel: 'warning',
  });
}
