import type { MigrationFile } from '../migrations/migration.ts';
import type { FolderOnDatabase } from '../runner/folderOnDatabase.ts';
import { type KnownDatabase, lookAtDatabase } from '../runner/knownDatabase.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { CannotRun } from './cannotRun.ts';
import { orCannotRun } from './databaseErrors.ts';
import { type DatabaseValues, databaseOf } from './databaseOptions.ts';

/**
 * Tells a history what its database in use says: the server's version, and which files are applied. A database that was
 * not named and cannot be reached is no reason to stop: `warn` says so. Rejects with CannotRun for one that was named.
 */
export async function askDatabaseInUse(
  history: FolderHistory,
  values: Pick<DatabaseValues, 'database' | 'embedded'>,
  warn: (line: string) => void,
): Promise<void> {
  let on: FolderOnDatabase | undefined;
  try {
    on = await databaseOf(history, values);
    const files = history.paths.flatMap((path) => history.migration(path) ?? []);
    const { postgresVersion, applied } = await looked(on, files);
    history.setDatabase({
      ...(postgresVersion === undefined ? {} : { postgresVersion }),
      applied: { database: on.database.name.text, paths: applied },
    });
  } catch (error) {
    const named = values.database !== undefined || values.embedded;
    if (named || !(error instanceof CannotRun)) throw error;
    warn(`the database's version, and what is applied there, is not known: ${error.message}`);
  } finally {
    await on?.database.release();
  }
}

function looked(on: FolderOnDatabase, files: readonly MigrationFile[]): Promise<KnownDatabase> {
  return orCannotRun(on, () => lookAtDatabase(on, files));
}
