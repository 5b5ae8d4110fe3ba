import { commands, type Disposable, window } from 'vscode';
import type { Migrations } from '../migrations.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Apply Up To…": all that is pending, up to a migration and with it. */
export function applyUpTo(runs: Runs, migrations: Migrations): Disposable {
  return commands.registerCommand('skein.applyUpTo', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    const to = folder && (target.version ?? (await pickPending(folder, migrations)));
    return folder && to && runs.run(folder, { kind: 'up', to }, target);
  });
}

async function pickPending(folder: string, migrations: Migrations): Promise<string | undefined> {
  const found = (await migrations.ask(true, folder)).find((candidate) => candidate.folder === folder);
  const items = (found?.migrations ?? [])
    .filter(({ state }) => state !== 'applied')
    .map(({ name, version, state }) => ({ label: name, description: state, version }));
  if (items.length === 0) {
    void window.showInformationMessage(`Nothing is pending: ${found?.database?.name ?? folder}.`);
    return undefined;
  }
  const title = `Apply up to which migration? (${found?.database?.name ?? ''})`;
  return (await window.showQuickPick(items, { title }))?.version;
}
