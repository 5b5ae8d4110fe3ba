import type { ExtensionContext } from 'vscode';
import { restartServer } from './commands/restartServer.ts';
import { showLog } from './commands/showLog.ts';
import { Server } from './languageClient.ts';
import { statusBar } from './views/statusBar.ts';

/** VS Code gives `deactivate` nothing to hold on to. */
let server: Server | undefined;

/** Called by VS Code once per window, when the first migration may have been opened. */
export function activate(context: ExtensionContext): void {
  server = new Server(context.asAbsolutePath('dist/server.js'));
  context.subscriptions.push(restartServer(server), showLog(server), statusBar(server));
  // Not awaited: VS Code goes on while the server starts, and the status bar says so.
  void server.start();
}

/** VS Code waits for the promise before it ends the extension host. */
export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
