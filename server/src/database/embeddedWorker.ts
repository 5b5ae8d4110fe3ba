import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { type Extensions, PGlite } from '@electric-sql/pglite';
import { availableExtensions } from './embeddedExtensions.ts';
import type { FromWorker, ToWorker, WorkerStart } from './embeddedMessages.ts';
import { compileWasm } from './embeddedProgram.ts';

/*
 * The thread in which the embedded PostgreSQL runs. While a statement runs the thread does nothing else, so ending a
 * statement means ending the thread.
 */

/**
 * A CopyFail message. PostgreSQL ignores it outside COPY FROM STDIN, and in it PGlite would wait for data that it
 * cannot be sent any more, and end.
 */
const copyFail = Buffer.concat([
  Buffer.from('f'),
  Buffer.from([0, 0, 0, 34]),
  Buffer.from('COPY FROM STDIN has no input.\0'),
]);

const query = 'Q'.charCodeAt(0);
const sync = 'S'.charCodeAt(0);
const terminate = 'X'.charCodeAt(0);
/** The last message of every answer: this letter, its length in four bytes, the state of the transaction. */
const readyForQuery = 'Z'.charCodeAt(0);

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function main(start: WorkerStart): Promise<void> {
  const database = await boot(start);
  let work = Promise.resolve();
  parentPort?.on('message', (message: ToWorker) => {
    work = work.then(() => handle(database, message));
  });
  tell({ kind: 'ready' });
}

async function boot(start: WorkerStart): Promise<PGlite> {
  if (start.create) tell({ kind: 'progress', sentence: 'Creating the embedded PostgreSQL, once' });
  else tell({ kind: 'progress', sentence: 'Starting the embedded PostgreSQL' });
  const first = await open(start, start.extensions);
  const needed = start.create ? [] : await createdExtensions(first);
  const available = await availableExtensions(start.assets);
  const missing = needed.filter((name) => !start.extensions.includes(name) && available.includes(name));
  if (missing.length === 0) return first;
  // Created by a migration that is not there any more: their files have to be there all the same.
  await first.close();
  return open(start, [...start.extensions, ...missing]);
}

async function createdExtensions(database: PGlite): Promise<string[]> {
  const { rows } = await database.query<{ extname: string }>('SELECT extname FROM pg_extension');
  return rows.map(({ extname }) => extname);
}

async function open(
  { data, assets, server, create }: WorkerStart,
  names: readonly string[],
): Promise<PGlite> {
  const extensions: Extensions = Object.fromEntries(
    names.map((name) => {
      const bundlePath = pathToFileURL(join(assets, `${name}.tar.gz`));
      return [name, { name, setup: async () => ({ bundlePath }) }];
    }),
  );
  const database = new PGlite({
    dataDir: data,
    pgliteWasmModule: server,
    initdbWasmModule: create ? await compileWasm(assets, 'initdb.wasm') : undefined,
    fsBundle: new Blob([await readFile(join(assets, 'pglite.data'))]),
    extensions,
  });
  await database.waitReady;
  return database;
}

async function handle(database: PGlite, message: ToWorker): Promise<void> {
  if (message.kind === 'close') {
    await database.close();
    tell({ kind: 'closed' });
    return;
  }
  const { bytes } = message;
  if (bytes[0] === terminate) return;
  let last: Uint8Array = new Uint8Array();
  await database.execProtocolRawStream(bytes[0] === query ? Buffer.concat([bytes, copyFail]) : bytes, {
    onRawData: (answer) => {
      last = Uint8Array.from(answer);
      tell({ kind: 'bytes', bytes: last });
    },
  });
  // After COPY … TO PROGRAM it answers nothing any more, without an error.
  const mustEnd = bytes[0] === query || bytes[0] === sync;
  if (mustEnd && last.at(-6) !== readyForQuery) throw new Error('it gave no answer');
}

main(workerData).catch((error: unknown) => {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
});
