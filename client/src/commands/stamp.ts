import { commands, type Disposable, window } from 'vscode';
import type { Migrations } from '../migrations.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';

/** "Skein: Stamp…": records that the database is at a revision of alembic, without running anything. */
export function stamp(runs: Runs, migrations: Migrations): Disposable {
  return commands.registerCommand('skein.stamp', async (argument) => {
    const target = runTarget(argument);
    const folder = await runs.folderFor(target);
    const to = folder && (target.version ?? (await pickRevision(folder, migrations)));
    return folder && to && runs.run(folder, { kind: 'stamp', to: [to] }, target);
  });
}

async function pickRevision(folder: string, migrations: Migrations): Promise<string | undefined> {
  const found = (await migrations.ask(true, folder)).find((candidate) => candidate.folder === folder);
  if (found?.tool !== 'alembic') {
    void window.showWarningMessage('Only revisions of alembic are stamped.');
    return undefined;
  }
  const items = [
    { label: 'heads', description: 'all of them count as applied', version: 'heads' },
    ...[...found.migrations]
      .reverse()
      .map(({ name, version, state }) => ({ label: name, description: state, version })),
    { label: 'base', description: 'none counts as applied', version: 'base' },
  ];
  const title = `Which revision is it at? Nothing is run. (${found.database?.name ?? ''})`;
  return (await window.showQuickPick(items, { title }))?.version;
}
