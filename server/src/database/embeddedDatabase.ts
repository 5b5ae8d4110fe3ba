import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { Client } from 'pg';
import type { DatabaseName } from './databaseName.ts';
import { type EmbeddedDirectory, inUseMessage, prepareDirectory } from './embeddedDirectory.ts';
import { availableExtensions, extensionsIn } from './embeddedExtensions.ts';
import type { FromWorker, ToWorker, WorkerStart } from './embeddedMessages.ts';
import type { EmbeddedProgram } from './embeddedProgram.ts';
import { acquireLock, LockHeld } from './lockFile.ts';
import { sessionOf } from './pgSession.ts';
import { ConnectionFailed, type ConnectOptions, type Database, type Session } from './session.ts';

export interface EmbeddedOptions {
  readonly directory: EmbeddedDirectory;
  readonly program: EmbeddedProgram;
  /** The migrations' texts: the extensions that they create are made ready. */
  readonly texts: Iterable<string>;
}

/** How long a server that has been told to shut down may take, in milliseconds. */
const shutdownTimeout = 10_000;

/**
 * PostgreSQL inside this process (PGlite). It runs while a session is open, in a thread of its own, and keeps its data
 * in a directory that one process can use at a time.
 */
export function embeddedDatabase(options: EmbeddedOptions): Database {
  const { directory } = options;
  const name: DatabaseName = {
    kind: 'embedded',
    host: '',
    port: 0,
    database: 'postgres',
    user: 'postgres',
    text: `the embedded database in ${directory.shown}`,
  };
  return {
    name,
    isMade: () => existsSync(directory.complete),
    connect: (connectOptions) => connect(options, name, connectOptions ?? {}),
  };
}

async function connect(
  options: EmbeddedOptions,
  name: DatabaseName,
  { signal, onProgress }: ConnectOptions,
): Promise<Session> {
  const { directory, program } = options;
  signal?.throwIfAborted();
  const lock = await lockDirectory(directory);
  try {
    const available = await availableExtensions(program.assets);
    const server = new EmbeddedServer(program.worker, {
      data: directory.data,
      create: await mustCreate(directory),
      assets: program.assets,
      server: await program.compiled(),
      extensions: extensionsIn(options.texts, available),
    });
    const stop = () => void server.kill();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await server.ready(onProgress);
      await writeFile(directory.complete, '');
      return await sessionOn(server, lock.release);
    } catch (error) {
      await server.kill();
      signal?.throwIfAborted();
      if (error instanceof ConnectionFailed) throw error;
      throw new ConnectionFailed('embedded', `${name.text} does not start: ${(error as Error).message}`);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function lockDirectory(directory: EmbeddedDirectory) {
  try {
    await prepareDirectory(directory);
    return await acquireLock(directory.lock);
  } catch (error) {
    if (error instanceof LockHeld) throw new ConnectionFailed('in-use', `${inUseMessage(directory, error)}`);
    throw new ConnectionFailed(
      'embedded',
      `the directory of the embedded database cannot be used: ${(error as Error).message}`,
    );
  }
}

/** Files that were left half made are removed. */
async function mustCreate(directory: EmbeddedDirectory): Promise<boolean> {
  if (existsSync(directory.complete) && existsSync(join(directory.data, 'PG_VERSION'))) return false;
  await rm(directory.data, { recursive: true, force: true });
  return true;
}

async function sessionOn(server: EmbeddedServer, unlock: () => Promise<void>): Promise<Session> {
  const client = new Client({
    user: 'postgres',
    database: 'postgres',
    host: 'embedded',
    port: 5432,
    password: '',
    ssl: false,
    application_name: 'skein',
    stream: () => new WorkerStream(server),
  });
  await client.connect();
  return sessionOf(client, {
    secondSession: false,
    timeouts: false,
    doubtful: true,
    cancel: () => server.kill(),
    release: async () => {
      await server.close();
      await unlock();
    },
  });
}

/** The thread and what is said to it. */
class EmbeddedServer {
  private readonly worker: Worker;
  private readonly started: Promise<void>;
  private onProgress: ((sentence: string) => void) | undefined;
  private onBytes: ((bytes: Uint8Array) => void) | undefined;
  private onEnd: (() => void) | undefined;
  private ended = false;
  private readonly exit: Promise<void>;

  constructor(path: string, start: WorkerStart) {
    // What the server prints is for nobody: errors come through the protocol.
    this.worker = new Worker(path, { workerData: start, stdout: true, stderr: true, execArgv: [] });
    this.worker.stdout.resume();
    this.worker.stderr.resume();
    this.exit = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.started = new Promise((resolve, reject) => {
      this.worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'failed') reject(new Error(message.message));
        else if (message.kind === 'progress') this.onProgress?.(message.sentence);
        else if (message.kind === 'bytes') this.onBytes?.(message.bytes);
      });
      // PGlite ends by throwing what is no Error.
      this.worker.on('error', (error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        this.finish();
      });
      this.worker.on('exit', () => {
        reject(new Error('it ended at once'));
        this.finish();
      });
    });
    this.started.catch(() => undefined);
  }

  ready(onProgress: ((sentence: string) => void) | undefined): Promise<void> {
    this.onProgress = onProgress;
    return this.started;
  }

  /** From now on the server's answers go to `onBytes`, and its end is told to `onEnd`. */
  attach(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): void {
    this.onBytes = onBytes;
    this.onEnd = onEnd;
    if (this.ended) onEnd();
  }

  send(bytes: Uint8Array): void {
    if (!this.ended) this.post({ kind: 'bytes', bytes });
  }

  /** Shuts down in order; a server that does not answer is ended. */
  async close(): Promise<void> {
    if (!this.ended) {
      const closed = new Promise<void>((resolve) => {
        this.worker.on('message', (message: FromWorker) => message.kind === 'closed' && resolve());
      });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, shutdownTimeout);
      });
      this.post({ kind: 'close' });
      await Promise.race([closed, this.exit, late]);
      clearTimeout(timer);
    }
    await this.kill();
  }

  /** Ends the thread at once, as a crash would: the next start recovers. */
  async kill(): Promise<void> {
    await this.worker.terminate();
    this.finish();
  }

  private post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd?.();
  }
}

/** The thread, as the socket that the client believes to have. */
class WorkerStream extends Duplex {
  private readonly server: EmbeddedServer;

  constructor(server: EmbeddedServer) {
    super();
    this.server = server;
    server.attach(
      (bytes) => this.push(bytes),
      () => this.destroy(),
    );
  }

  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // The server's answers are pushed as they come.
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    // The chunk is a view of a buffer that the client goes on using.
    this.server.send(Uint8Array.from(chunk));
    done();
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }
}
