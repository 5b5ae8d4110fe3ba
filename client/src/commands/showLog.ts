import { commands, type Disposable } from 'vscode';
import type { Server } from '../languageClient.ts';

/** "Skein: Show Log": the output channel with what the server said. */
export function showLog(server: Server): Disposable {
  return commands.registerCommand('skein.showLog', () => server.showLog());
}
