import { commands, type Disposable } from 'vscode';
import type { Server } from '../languageClient.ts';

/** "Skein: Show or Hide Findings in Merged Migrations". */
export function showHistoryFindings(server: Server): Disposable {
  return commands.registerCommand('skein.showHistoryFindings', () => server.showHistoryFindings());
}
