import { commands, type Disposable, window, workspace } from 'vscode';
import type { RunCommand } from '../../../server/src/languageServer/protocol.ts';
import type { Server } from '../languageClient.ts';
import type { Runs } from '../runs/runs.ts';
import { type RunTarget, runTarget } from '../runs/runTarget.ts';

/** "Skein: Show SQL": what applying all that is pending, or up to a migration, would send. Nothing is run. */
export function showSql(server: Server, runs: Runs): Disposable {
  return commands.registerCommand('skein.showSql', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    if (folder === undefined) return undefined;
    const found = await runs.withPassword(() => server.sql({ folder, command: commandFor(target) }));
    if (found.kind === 'refused') {
      runs.showRefusal(found.refusal);
      return undefined;
    }
    const document = await workspace.openTextDocument({ language: 'sql', content: found.text });
    await window.showTextDocument(document, { preview: true });
    return found.text;
  });
}

function commandFor({ version }: RunTarget): RunCommand {
  return version === undefined ? { kind: 'up' } : { kind: 'up', to: version };
}
