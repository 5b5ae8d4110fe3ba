import { type ExtensionContext, workspace } from 'vscode';
import { answer } from './commands/answer.ts';
import { applyAllPending } from './commands/applyAllPending.ts';
import { applyNext } from './commands/applyNext.ts';
import { applyUpTo } from './commands/applyUpTo.ts';
import { cancelRun } from './commands/cancelRun.ts';
import { mergeHeads } from './commands/mergeHeads.ts';
import { newMigration } from './commands/newMigration.ts';
import { redoLast } from './commands/redoLast.ts';
import { refreshMigrations } from './commands/refreshMigrations.ts';
import { resetEmbeddedDatabase } from './commands/resetEmbeddedDatabase.ts';
import { restartServer } from './commands/restartServer.ts';
import { rollBackLast } from './commands/rollBackLast.ts';
import { rollBackTo } from './commands/rollBackTo.ts';
import { selectDatabase } from './commands/selectDatabase.ts';
import { showHistoryFindings } from './commands/showHistoryFindings.ts';
import { showLog } from './commands/showLog.ts';
import { showSql } from './commands/showSql.ts';
import { showStatus } from './commands/showStatus.ts';
import { stamp } from './commands/stamp.ts';
import { Server } from './languageClient.ts';
import { Migrations } from './migrations.ts';
import { PersonalSettings } from './personalSettings.ts';
import { ChosenFolder } from './runs/chosenFolder.ts';
import { Runs } from './runs/runs.ts';
import { databaseStatus } from './views/databaseStatus.ts';
import { migrationsView } from './views/migrationsView.ts';
import { statusBar } from './views/statusBar.ts';

/** VS Code gives `deactivate` nothing to hold on to. */
let server: Server | undefined;

/** Called by VS Code once per window, when the first migration may have been opened. */
export function activate(context: ExtensionContext): void {
  const settings = new PersonalSettings(context.secrets);
  const started = new Server(context.asAbsolutePath('dist/server.js'), () => settings.read());
  server = started;
  const migrations = new Migrations(started);
  const folders = new ChosenFolder(migrations);
  const runs = new Runs(started, settings, folders);
  context.subscriptions.push(
    settings,
    migrations,
    settings.onChange(() => void started.settingsChanged().catch(() => undefined)),
    workspace.onDidGrantWorkspaceTrust(() => void started.trusted().catch(() => undefined)),
    answer(started),
    restartServer(started),
    showHistoryFindings(started),
    showLog(started),
    applyAllPending(runs),
    applyNext(runs),
    applyUpTo(runs, migrations),
    rollBackLast(runs),
    rollBackTo(runs, migrations),
    redoLast(runs),
    cancelRun(runs),
    showStatus(runs, migrations),
    refreshMigrations(migrations),
    newMigration(started, folders, runs),
    mergeHeads(started, folders, runs),
    stamp(runs, migrations),
    showSql(started, runs),
    selectDatabase(started, runs, settings, migrations),
    resetEmbeddedDatabase(started, runs, migrations),
    statusBar(started),
    databaseStatus(migrations, folders),
    migrationsView(migrations),
  );
  // Not awaited: VS Code goes on while the server starts, and the status bar says so.
  void started.start();
}

/** VS Code waits for the promise before it ends the extension host. */
export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
