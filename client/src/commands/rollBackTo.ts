import { commands, type Disposable, window } from 'vscode';
import type { Migrations } from '../migrations.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Roll Back To…": all that was applied after a migration, which itself stays applied. */
export function rollBackTo(runs: Runs, migrations: Migrations): Disposable {
  return commands.registerCommand('skein.rollBackTo', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    const to = folder && (target.version ?? (await pickApplied(folder, migrations)));
    return folder && to && runs.run(folder, { kind: 'down', to }, target);
  });
}

async function pickApplied(folder: string, migrations: Migrations): Promise<string | undefined> {
  const found = (await migrations.ask(true, folder)).find((candidate) => candidate.folder === folder);
  const applied = (found?.migrations ?? []).filter(({ state }) => state === 'applied').reverse();
  if (applied.length === 0) {
    void window.showInformationMessage(`Nothing is applied: ${found?.database?.name ?? folder}.`);
    return undefined;
  }
  const items = [
    ...applied
      .slice(1)
      .map(({ name, version, appliedAt = '' }) => ({ label: name, description: appliedAt, version })),
    {
      label: 'Before the first',
      description: 'everything is rolled back',
      version: found?.tool === 'alembic' ? 'base' : '0',
    },
  ];
  const title = `Which migration stays the last one? (${found?.database?.name ?? ''})`;
  return (await window.showQuickPick(items, { title }))?.version;
}
