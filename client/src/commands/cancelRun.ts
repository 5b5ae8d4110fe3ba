import { commands, type Disposable } from 'vscode';
import type { Runs } from '../runs/runs.ts';

/** "Skein: Cancel Run": as the button in the progress notification. */
export function cancelRun(runs: Runs): Disposable {
  return commands.registerCommand('skein.cancelRun', () => runs.cancel());
}
