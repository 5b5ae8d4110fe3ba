import {
  commands,
  Disposable,
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { Migrations } from '../migrations.ts';
import { migrationRows, type Row } from './migrationsTree.ts';

/** The view "Migrations" in the activity bar. Its databases are asked when it is first looked at. */
export function migrationsView(migrations: Migrations): Disposable {
  const changed = new EventEmitter<void>();
  const view = window.createTreeView<Row>('skein.migrations', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: treeItem,
      getChildren: (row) => [...(row?.children ?? migrationRows(migrations.folders ?? []))],
    },
    showCollapseAll: true,
  });
  let asked = false;
  const look = (): void => {
    if (!view.visible || asked || !workspace.isTrusted) return;
    asked = true;
    // The server tells the person itself when it does not come up.
    migrations.ask(true).catch(() => undefined);
  };
  look();
  return Disposable.from(
    view,
    changed,
    view.onDidChangeVisibility(look),
    workspace.onDidGrantWorkspaceTrust(look),
    migrations.onChange(() => {
      void commands.executeCommand('setContext', 'skein.migrationsKnown', true);
      changed.fire();
    }),
  );
}

function treeItem({
  label,
  description,
  tooltip,
  icon,
  colour,
  context,
  folder,
  uri,
  children,
}: Row): TreeItem {
  const state = children.length > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None;
  const item = new TreeItem(label, state);
  item.id = `${folder}\n${context.split('.')[0]}\n${label}`;
  item.description = description;
  item.tooltip = tooltip;
  item.iconPath = new ThemeIcon(icon, colour === undefined ? undefined : new ThemeColor(colour));
  item.contextValue = context;
  if (uri !== undefined) {
    item.command = { command: 'vscode.open', title: 'Open', arguments: [Uri.parse(uri)] };
  }
  return item;
}
