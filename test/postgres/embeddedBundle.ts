import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { embeddedDatabase } from '../../server/src/database/embeddedDatabase.ts';
import { type EmbeddedDirectory, embeddedDirectory } from '../../server/src/database/embeddedDirectory.ts';
import { embeddedProgram } from '../../server/src/database/embeddedProgram.ts';

/** What embedded databases are made of. */
export interface EmbeddedBundle {
  readonly worker: string;
  readonly assets: string;
  /** A database directory with an empty database: making one takes seconds, copying it does not. */
  readonly template: string;
}

/** The files that the embedded database is made of, from the root of the repository. */
export const embeddedAssets = 'node_modules/@electric-sql/pglite/dist';

/** Bundles the embedded database's thread into `out`, as scripts/build.mjs does. Gives its path. */
export async function embeddedWorker(out: string): Promise<string> {
  const outfile = join(out, 'embeddedDatabase.mjs');
  await build({
    absWorkingDir: resolve('.'),
    entryPoints: ['server/src/database/embeddedWorker.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return outfile;
}

/** Bundles the embedded database's thread, and makes an empty database, below `out`. */
export async function embeddedBundle(out: string): Promise<EmbeddedBundle> {
  const worker = await embeddedWorker(out);
  const assets = resolve(embeddedAssets);
  const folder = join(out, 'migrations');
  mkdirSync(folder);
  const directory = await embeddedDirectory(folder);
  const program = embeddedProgram(worker, assets);
  const session = await embeddedDatabase({ directory, program, texts: [] }).connect();
  await session.close();
  return { worker, assets, template: directory.data };
}

/** A migration folder of its own with an empty embedded database. */
export interface EmbeddedFolder {
  readonly folder: string;
  readonly directory: EmbeddedDirectory;
  remove(): void;
}

export async function embeddedFolder({ template }: EmbeddedBundle): Promise<EmbeddedFolder> {
  const project = mkdtempSync(join(tmpdir(), 'skein-project-'));
  const folder = join(project, 'migrations');
  mkdirSync(folder);
  writeFileSync(join(project, 'skein.json'), '{}');
  const directory = await embeddedDirectory(folder);
  mkdirSync(directory.path, { recursive: true });
  cpSync(template, directory.data, { recursive: true });
  writeFileSync(directory.complete, '');
  return { folder, directory, remove: () => rmSync(project, { recursive: true, force: true }) };
}
