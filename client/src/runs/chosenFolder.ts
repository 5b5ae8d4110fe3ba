import { posix } from 'node:path';
import { Uri, window } from 'vscode';
import type { FolderMigrations } from '../../../server/src/languageServer/protocol.ts';
import type { Migrations } from '../migrations.ts';

/** Which migration folder a command of the palette is about. */
export class ChosenFolder {
  readonly #migrations: Migrations;

  constructor(migrations: Migrations) {
    this.#migrations = migrations;
  }

  /** That of the active editor, else the only one, else the one that is picked. */
  async choose(): Promise<string | undefined> {
    const folders = await this.#migrations.ask(false);
    const active = this.ofEditor(folders);
    if (active) return active.folder;
    if (folders.length === 0) {
      void window.showWarningMessage('There are no migrations in this workspace.');
    }
    if (folders.length <= 1) return folders[0]?.folder;
    const items = folders.map(({ folder, name, database }) => ({
      label: name,
      description: database?.name,
      folder,
    }));
    return (await window.showQuickPick(items, { title: 'Which migrations?' }))?.folder;
  }

  /** The folder of the file in the active editor. */
  ofEditor(folders: readonly FolderMigrations[]): FolderMigrations | undefined {
    const uri = window.activeTextEditor?.document.uri;
    if (uri === undefined) return undefined;
    const folder = uri.with({ path: posix.dirname(uri.path) }).fsPath;
    return folders.find((candidate) => Uri.parse(candidate.folder).fsPath === folder);
  }
}
