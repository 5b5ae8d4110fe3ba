import { commands, type Disposable } from 'vscode';
import type { Migrations } from '../migrations.ts';

/** "Skein: Refresh Migrations": asks the databases anew. */
export function refreshMigrations(migrations: Migrations): Disposable {
  return commands.registerCommand('skein.refreshMigrations', () => migrations.ask(true));
}
