import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { embeddedAssets, embeddedWorker } from './postgres/embeddedBundle.ts';

/** The bundles that tests start as processes of their own. */
export interface Doors {
  readonly server: string;
  readonly cli: string;
}

let building: Promise<Doors> | undefined;

/** Bundles the server and the command line, once per test worker, as scripts/build.mjs does. */
export function doors(): Promise<Doors> {
  building ??= bundle();
  return building;
}

async function bundle(): Promise<Doors> {
  const root = resolve(import.meta.dirname, '..');
  const out = mkdtempSync(join(tmpdir(), 'skein-doors-'));
  process.on('exit', () => rmSync(out, { recursive: true, force: true }));
  await build({
    absWorkingDir: root,
    entryPoints: { server: 'server/src/languageServer/main.ts', cli: 'server/src/cli/main.ts' },
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  copyFileSync(join(root, 'node_modules/libpg-query/wasm/libpg-query.wasm'), join(out, 'libpg-query.wasm'));
  await embeddedWorker(out);
  symlinkSync(join(root, embeddedAssets), join(out, 'postgres'), 'junction');
  return { server: join(out, 'server.js'), cli: join(out, 'cli.js') };
}
