import { commands, type Disposable, window } from 'vscode';
import type { FolderMigrations } from '../../../server/src/languageServer/protocol.ts';
import type { Migrations } from '../migrations.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';
import { standing } from '../views/databaseText.ts';

/** "Skein: Show Status": asks the database, and shows the Migrations view. */
export function showStatus(runs: Runs, migrations: Migrations): Disposable {
  return commands.registerCommand('skein.showStatus', async (argument) => {
    const folder = await runs.folderFor(runTarget(argument));
    if (folder === undefined) return undefined;
    await commands.executeCommand('skein.migrations.focus');
    const read = () => migrations.ask(true, folder).then((all) => all.find((one) => one.folder === folder));
    let found = await read();
    const needed = found?.problem?.needsPassword;
    if (needed !== undefined && (await runs.askPassword(needed))) found = await read();
    if (found) tell(found, runs);
    return found;
  });
}

function tell(found: FolderMigrations, runs: Runs): void {
  if (found.problem) runs.showRefusal(found.problem);
  else void window.showInformationMessage(standing(found));
}
