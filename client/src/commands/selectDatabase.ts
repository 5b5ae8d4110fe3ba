import { ConfigurationTarget, commands, type Disposable, Uri, window, workspace } from 'vscode';
import type { Server } from '../languageClient.ts';
import type { Migrations } from '../migrations.ts';
import type { PersonalSettings } from '../personalSettings.ts';
import type { Runs } from '../runs/runs.ts';
import { runTarget } from '../runs/runTarget.ts';
import { withoutPassword } from '../runs/withoutPassword.ts';

type Choice = 'embedded' | 'environment' | 'variable' | 'connection';

const choices: readonly { readonly label: string; readonly detail: string; readonly choice: Choice }[] = [
  {
    label: '$(package) Embedded PostgreSQL',
    detail: 'Runs inside Skein and keeps its data in .skein/. Nothing to install.',
    choice: 'embedded',
  },
  {
    label: '$(plug) Connection string…',
    detail: 'postgres://user@host:5432/database. A password in it goes into VS Code’s secret storage.',
    choice: 'connection',
  },
  {
    label: '$(symbol-variable) Environment variable…',
    detail: 'The name of a variable that holds the connection string.',
    choice: 'variable',
  },
  {
    label: '$(settings-gear) What the environment says',
    detail: 'GOOSE_DBSTRING, else DATABASE_URL, also from .env; else the embedded PostgreSQL.',
    choice: 'environment',
  },
];

/** "Skein: Select Database": sets skein.database for the workspace folder of the migrations. */
export function selectDatabase(
  server: Server,
  runs: Runs,
  settings: PersonalSettings,
  migrations: Migrations,
): Disposable {
  return commands.registerCommand('skein.selectDatabase', async (argument) => {
    const folder = await runs.folderFor(runTarget(argument));
    if (folder === undefined) return;
    const picked = await window.showQuickPick(choices, { title: 'Which database are migrations run on?' });
    const value = picked && (await settingFor(picked.choice));
    if (value === undefined) return;
    const { text, password } = withoutPassword(value);
    const root = workspace.getWorkspaceFolder(Uri.parse(folder));
    const target =
      (workspace.workspaceFolders?.length ?? 0) > 1
        ? ConfigurationTarget.WorkspaceFolder
        : ConfigurationTarget.Workspace;
    await workspace.getConfiguration('skein', root?.uri).update('database', text || undefined, target);
    await server.settingsChanged();
    const found = (await migrations.ask(false)).find((candidate) => candidate.folder === folder);
    if (password !== undefined && found?.database) {
      await settings.setPassword(found.database.name, password);
      await server.settingsChanged();
    }
    await migrations.ask(true, folder);
  });
}

/** What is to stand in the setting; undefined when the person changed their mind. */
async function settingFor(choice: Choice): Promise<string | undefined> {
  switch (choice) {
    case 'embedded':
      return 'embedded';
    case 'environment':
      return '';
    case 'variable': {
      const title = 'Environment variable with the connection string';
      const name = await window.showInputBox({ title, placeHolder: 'SHOP_DATABASE_URL' });
      return name ? `\${env:${name}}` : undefined;
    }
    case 'connection': {
      const title = 'Connection string';
      const placeHolder = 'postgres://user@localhost:5432/database';
      // It may hold a password.
      return window.showInputBox({ title, placeHolder, password: true, ignoreFocusOut: true });
    }
  }
}
