import { commands, type Disposable } from 'vscode';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Roll Back Last": the migration that was applied last. */
export function rollBackLast(runs: Runs): Disposable {
  return commands.registerCommand('skein.rollBackLast', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    return folder && runs.run(folder, { kind: 'down' }, target);
  });
}
