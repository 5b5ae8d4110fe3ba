import { Disposable, StatusBarAlignment, window } from 'vscode';
import type { Migrations } from '../migrations.ts';
import type { ChosenFolder } from '../runs/chosenFolder.ts';
import { databaseItem } from './databaseText.ts';

/** The item beside the findings: the database of the active editor's migrations, or of the only ones there are. */
export function databaseStatus(migrations: Migrations, folders: ChosenFolder): Disposable {
  const item = window.createStatusBarItem('database', StatusBarAlignment.Right, 99);
  item.name = 'Skein: Database';
  item.command = 'skein.showStatus';
  const draw = (): void => {
    const all = migrations.folders ?? [];
    const found = folders.ofEditor(all) ?? (all.length === 1 ? all[0] : undefined);
    const shown = databaseItem(found);
    if (shown === undefined) {
      item.hide();
      return;
    }
    Object.assign(item, shown);
    item.show();
  };
  return Disposable.from(item, migrations.onChange(draw), window.onDidChangeActiveTextEditor(draw));
}
