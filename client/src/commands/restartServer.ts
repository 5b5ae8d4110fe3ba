import { commands, type Disposable } from 'vscode';
import type { Server } from '../languageClient.ts';

/** "Skein: Restart Language Server". */
export function restartServer(server: Server): Disposable {
  return commands.registerCommand('skein.restartServer', () => server.restart());
}
