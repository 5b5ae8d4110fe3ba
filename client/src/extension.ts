import type { ExtensionContext } from 'vscode';
import { restartServer } from './commands/restartServer.ts';
import { showLog } from './commands/showLog.ts';
import { Server } from './languageClient.ts';
import { statusBar } from './views/statusBar.ts';

let server: Server | undefined;

/** Called by VS Code once per window, when the first migration may have been opened. */
export async function activate(context: ExtensionContext): Promise<void> {
  server = new Server(context.asAbsolutePath('dist/server.js'));
  context.subscriptions.push(restartServer(server), showLog(server), statusBar(server));
  await server.start();
}

/** VS Code waits for the promise before it ends the extension host. */
export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
