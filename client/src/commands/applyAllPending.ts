import { commands, type Disposable } from 'vscode';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Apply All Pending". */
export function applyAllPending(runs: Runs): Disposable {
  return commands.registerCommand('skein.applyAllPending', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    return folder && runs.run(folder, { kind: 'up' }, target);
  });
}
