import { commands, type Disposable } from 'vscode';
import type { Server } from '../languageClient.ts';
import type { ChosenFolder } from '../runs/chosenFolder.ts';
import { openNewFiles } from '../runs/newFiles.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Merge Heads": makes the revision of alembic that comes after all that come last, and opens it. */
export function mergeHeads(server: Server, folders: ChosenFolder, runs: Runs): Disposable {
  return commands.registerCommand('skein.mergeHeads', async (argument) => {
    const folder = runTarget(argument).folder ?? (await folders.choose());
    if (folder === undefined) return undefined;
    const files = await server.mergeHeads(folder);
    if (!('refusal' in files)) return openNewFiles(files);
    runs.showRefusal(files.refusal);
    return undefined;
  });
}
