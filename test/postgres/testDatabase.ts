import { inject, onTestFinished } from 'vitest';
import { embeddedDatabase } from '../../server/src/database/embeddedDatabase.ts';
import type { EmbeddedDirectory } from '../../server/src/database/embeddedDirectory.ts';
import { type EmbeddedProgram, embeddedProgram } from '../../server/src/database/embeddedProgram.ts';
import type { Database } from '../../server/src/database/session.ts';
import { databaseAt, type TestDatabase, type TestServerDatabase } from './databaseAt.ts';
import { type EmbeddedBundle, embeddedFolder } from './embeddedBundle.ts';

/** The servers that everything is tested on. */
export const serverVersions = [15, 18] as const;

/** All that migrations can be run on. */
export const engines: readonly { readonly name: string; readonly make: () => Promise<TestDatabase> }[] = [
  ...serverVersions.map((version) => ({ name: `PostgreSQL ${version}`, make: () => onServer(version) })),
  { name: 'embedded', make: () => onEmbedded() },
];

/** A database that goes with the test that is running. */
export async function using<T extends TestDatabase>(making: Promise<T>): Promise<T> {
  const database = await making;
  onTestFinished(() => database.drop());
  return database;
}

/** An empty database on a server of this major version. */
export async function onServer(version: number): Promise<TestServerDatabase> {
  return databaseAt(Number(await ask(String(version))));
}

/** An embedded database of one test. */
export interface TestEmbeddedDatabase extends TestDatabase {
  readonly folder: string;
  readonly directory: EmbeddedDirectory;
  /** The same database, for migrations with these texts. */
  reopened(texts: Iterable<string>): Database;
}

/** An empty embedded database; `texts` are the migrations it is for. */
export async function onEmbedded(texts: Iterable<string> = []): Promise<TestEmbeddedDatabase> {
  sharing ??= shared();
  const { bundle, program } = await sharing;
  const { folder, directory, remove } = await embeddedFolder(bundle);
  const reopened = (other: Iterable<string>) => embeddedDatabase({ program, directory, texts: other });
  const database = reopened(texts);
  return {
    folder,
    directory,
    database,
    reopened,
    query: async (text) => {
      const session = await database.connect();
      try {
        return [...(await session.query(text))];
      } finally {
        await session.close();
      }
    },
    drop: async () => remove(),
  };
}

/** Once per test worker. */
let sharing: ReturnType<typeof shared> | undefined;

async function shared(): Promise<{ bundle: EmbeddedBundle; program: EmbeddedProgram }> {
  const bundle: EmbeddedBundle = JSON.parse(await ask('embedded'));
  return { bundle, program: embeddedProgram(bundle.worker, bundle.assets) };
}

async function ask(what: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${inject('postgresService')}/${what}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}
