import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** What an embedded database needs beside its directory. */
export interface EmbeddedBundle {
  readonly worker: string;
  readonly assets: string;
}

let building: Promise<EmbeddedBundle> | undefined;

/** Bundles the embedded database's thread, once per test worker, as scripts/build.mjs does. */
export function embeddedBundle(): Promise<EmbeddedBundle> {
  building ??= bundle();
  return building;
}

async function bundle(): Promise<EmbeddedBundle> {
  const root = resolve('.');
  const out = mkdtempSync(join(tmpdir(), 'skein-embedded-'));
  process.on('exit', () => rmSync(out, { recursive: true, force: true }));
  const worker = join(out, 'embeddedDatabase.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['server/src/database/embeddedWorker.ts'],
    outfile: worker,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return { worker, assets: join(root, 'node_modules/@electric-sql/pglite/dist') };
}
