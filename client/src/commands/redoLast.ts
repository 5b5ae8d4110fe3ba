import { commands, type Disposable } from 'vscode';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Redo Last": rolls the last migration back and applies it again. */
export function redoLast(runs: Runs): Disposable {
  return commands.registerCommand('skein.redoLast', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    return folder && runs.run(folder, { kind: 'redo' }, target);
  });
}
