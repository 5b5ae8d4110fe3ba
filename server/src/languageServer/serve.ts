import { Console } from 'node:console';
import { join } from 'node:path';
import { version } from '../../../package.json';
import { embeddedProgram } from '../database/embeddedProgram.ts';
import { parseStatement } from '../sql/parser.ts';
import { installedGit } from '../workspace/git.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { documentationIn } from './documentation.ts';
import { type Connection, createConnection, StreamMessageReader } from './lsp.ts';
import { StreamWriter } from './messageWriter.ts';
import { Server } from './server.ts';

/** Serves a client on this machine's disk, until it goes. How to talk (--node-ipc, --stdio) stands on the command line. */
export function serve(parserReady: Promise<void>): void {
  const connection = process.argv.includes('--stdio') ? overStdio() : createConnection();
  // The first statement costs 13 ms, in which most of the parser's wasm is compiled: not while somebody waits for it.
  parserReady.then(
    () => parseStatement('SELECT 1'),
    (error: Error) => connection.window.showErrorMessage(error.message),
  );
  const survive = (error: unknown) => {
    try {
      connection.console.error(`unexpected: ${error instanceof Error ? error.stack : String(error)}`);
    } catch {
      // Nobody is left to hear of it, nor to be served.
      process.exit(1);
    }
  };
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
  new Server(connection, {
    files: nodeFileSystem,
    git: installedGit,
    // The build puts both beside the bundle that this is part of.
    embedded: embeddedProgram(join(__dirname, 'embeddedDatabase.mjs'), join(__dirname, 'postgres')),
    allocate: { now: () => new Date() },
    documentation: documentationIn(join(__dirname, '..', 'docs', 'rules.md')),
    version,
    parserReady,
  }).listen();
}

/** Ends the process when the client is gone: with 1 where it has not said so before. */
function overStdio(): Connection {
  // What a package prints would break into the messages.
  globalThis.console = new Console(process.stderr);
  const connection = createConnection(
    new StreamMessageReader(process.stdin),
    new StreamWriter(process.stdout),
  );
  let saidGoodbye = false;
  connection.onShutdown(() => {
    saidGoodbye = true;
  });
  const leave = () => process.exit(saidGoodbye ? 0 : 1);
  process.stdin.on('end', leave);
  process.stdin.on('close', leave);
  return connection;
}
