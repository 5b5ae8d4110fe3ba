import { commands, type Disposable } from 'vscode';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Apply Next": the first pending migration, and no other. */
export function applyNext(runs: Runs): Disposable {
  return commands.registerCommand('skein.applyNext', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    return folder && runs.run(folder, { kind: 'up', onlyNext: true }, target);
  });
}
