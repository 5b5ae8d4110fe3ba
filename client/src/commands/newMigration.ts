import { commands, type Disposable, window } from 'vscode';
import type { Server } from '../languageClient.ts';
import type { ChosenFolder } from '../runs/chosenFolder.ts';
import { openNewFiles } from '../runs/newFiles.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: New Migration": makes the file of a migration after all others, and opens it. */
export function newMigration(server: Server, folders: ChosenFolder, runs: Runs): Disposable {
  return commands.registerCommand('skein.newMigration', async (argument) => {
    const { folder: given } = runTarget(argument);
    const folder = given ?? (await folders.choose());
    const name = folder && (nameIn(argument) ?? (await askName()));
    if (!folder || !name) return undefined;
    const files = await server.newMigration({ folder, name });
    if ('refusal' in files) {
      runs.showRefusal(files.refusal);
      return undefined;
    }
    return openNewFiles(files);
  });
}

function nameIn(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('name' in argument)) return undefined;
  return typeof argument.name === 'string' ? argument.name : undefined;
}

async function askName(): Promise<string | undefined> {
  return window.showInputBox({
    title: 'New migration',
    prompt: 'What does it do, in a few words? They become the name of the file.',
    placeHolder: 'add users email',
  });
}
