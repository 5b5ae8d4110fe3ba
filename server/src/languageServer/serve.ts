import { createConnection } from 'vscode-languageserver/node';
import { version } from '../../../package.json';
import { parseStatement } from '../sql/parser.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { Server } from './server.ts';

/** Serves a client on this machine's disk, until it goes. How to talk (--node-ipc, --stdio) stands on the command line. */
export function serve(parserReady: Promise<void>): void {
  const connection = createConnection();
  // The first statement costs 13 ms, in which most of the parser's wasm is compiled: not while somebody waits for it.
  parserReady.then(
    () => parseStatement('SELECT 1'),
    (error: Error) => connection.window.showErrorMessage(error.message),
  );
  process.on('uncaughtException', (error) => connection.console.error(`unexpected: ${error.stack}`));
  process.on('unhandledRejection', (reason) => connection.console.error(`unexpected: ${reason}`));
  new Server(connection, {
    files: nodeFileSystem,
    allocate: { now: () => new Date() },
    version,
    parserReady,
  }).listen();
}
