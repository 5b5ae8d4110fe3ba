import { createConnection } from 'vscode-languageserver/node';
import { version } from '../../../package.json';
import { loadParser } from '../sql/parser.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { Server } from './server.ts';

/** Serves a client on this machine's disk, until it goes. How to talk (--node-ipc, --stdio) stands on the command line. */
export function serve(): void {
  // Begun first: the parser's wasm is compiled on another thread while the client introduces itself.
  const parserReady = loadParser();
  const connection = createConnection();
  parserReady.catch((error: Error) => connection.window.showErrorMessage(error.message));
  process.on('uncaughtException', (error) => connection.console.error(`unexpected: ${error.stack}`));
  process.on('unhandledRejection', (reason) => connection.console.error(`unexpected: ${reason}`));
  new Server(connection, {
    files: nodeFileSystem,
    allocate: { now: () => new Date() },
    version,
    parserReady,
  }).listen();
}
