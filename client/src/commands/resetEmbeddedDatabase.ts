import { commands, type Disposable, window } from 'vscode';
import type { Server } from '../languageClient.ts';
import type { Migrations } from '../migrations.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Reset Embedded Database": deletes it; the next run makes a new one. Gives whether that was done. */
export function resetEmbeddedDatabase(server: Server, runs: Runs, migrations: Migrations): Disposable {
  return commands.registerCommand('skein.resetEmbeddedDatabase', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    if (!folder || !(target.yes || (await agreed(folder, migrations)))) return false;
    const refused = await server.resetDatabase(folder);
    if (refused) runs.showRefusal(refused.refusal);
    return refused === null;
  });
}

async function agreed(folder: string, migrations: Migrations): Promise<boolean> {
  const found = (await migrations.ask(false)).find((candidate) => candidate.folder === folder);
  const reset = 'Delete It';
  const detail = 'All that is in it is lost. The next run makes a new, empty one.';
  const message = `Delete ${found?.database?.name ?? 'the embedded database'}?`;
  return (await window.showWarningMessage(message, { modal: true, detail }, reset)) === reset;
}
