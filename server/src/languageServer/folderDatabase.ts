import { chooseDatabase, type DatabaseChoice, environmentOf } from '../database/databaseChoice.ts';
import { parseDotEnv } from '../database/dotEnv.ts';
import { embeddedDatabase } from '../database/embeddedDatabase.ts';
import { type EmbeddedDirectory, embeddedDirectory } from '../database/embeddedDirectory.ts';
import type { EmbeddedProgram } from '../database/embeddedProgram.ts';
import { machineDefaults } from '../database/machineDefaults.ts';
import { isProtected } from '../database/protectedDatabases.ts';
import { serverDatabase } from '../database/serverDatabase.ts';
import type { Database } from '../database/session.ts';
import type { FileContent } from '../migrations/migration.ts';
import type { RunInputs } from '../runner/runMigrations.ts';
import { defaultGooseTable } from '../runner/tracking/gooseVersionTable.ts';
import type { MigrationFolder } from '../workspace/discovery.ts';
import { readContent } from '../workspace/fileContent.ts';
import { childOf, isWithin, selfAndAncestors } from '../workspace/filePath.ts';
import type { FileSystem } from '../workspace/fileSystem.ts';
import { formatOf } from '../workspace/formatOf.ts';

/** A migration folder as it is on disk, and the database that its migrations are run on. */
export interface FolderDatabase extends Omit<RunInputs, 'signal' | 'onEvent'> {
  readonly folder: MigrationFolder;
  /** Why this database: words that follow its name. */
  readonly reason: string;
  readonly protected: boolean;
  /** Of the embedded database. */
  readonly directory?: EmbeddedDirectory;
}

/** What databases are reached with. */
export interface Means {
  readonly disk: FileSystem;
  readonly embedded: EmbeddedProgram;
}

/** What a person's settings say for a folder. */
export interface DatabaseSettings {
  readonly database?: string;
  /** By the database's name. */
  readonly passwords: Readonly<Record<string, string>>;
}

/** The files of a folder that its tool takes for migrations, as they are on disk. */
export async function filesOf(folder: MigrationFolder, files: FileSystem): Promise<FileContent[]> {
  const format = formatOf(folder);
  const names = folder.entries.filter(({ kind, name }) => kind !== 'directory' && format.claims(name));
  const read = await Promise.all(names.map(({ name }) => readContent(files, childOf(folder.path, name))));
  return read.flatMap((content) => content ?? []);
}

/**
 * The database of a folder in the workspace folder `root`. Nothing is connected to. Rejects with ConnectionStringError.
 * goose reads the `.env` of the directory it is called in; here it is the nearest one at or above the migrations.
 */
export async function folderDatabase(
  folder: MigrationFolder,
  root: string,
  settings: DatabaseSettings,
  { disk, embedded }: Means,
): Promise<FolderDatabase> {
  const files = await filesOf(folder, disk);
  const dotEnv = await dotEnvAbove(folder.path, root, disk);
  const environment = environmentOf((name) => process.env[name], dotEnv);
  const choice = chooseDatabase({
    setting: settings.database,
    environment: (name) => process.env[name],
    dotEnv,
    machine: machineDefaults(),
  });
  const { database, directory } = await databaseOf(
    withPassword(choice, settings.passwords),
    folder,
    files,
    embedded,
  );
  return {
    folder,
    files,
    database,
    directory,
    environment,
    reason: choice.reason,
    tool: folder.tool,
    table: environment('GOOSE_TABLE') || defaultGooseTable,
    protected: isProtected(database.name, folder.config?.config.protectedDatabases ?? []),
  };
}

async function dotEnvAbove(
  path: string,
  root: string,
  disk: FileSystem,
): Promise<ReadonlyMap<string, string>> {
  for (const at of selfAndAncestors(path)) {
    if (!isWithin(at, root)) break;
    const file = await readContent(disk, childOf(at, '.env'));
    if (file) return parseDotEnv(file.text);
  }
  return new Map();
}

/** A password that was typed goes before what the connection string lacks, not before what it says. */
function withPassword(choice: DatabaseChoice, passwords: Readonly<Record<string, string>>): DatabaseChoice {
  if (choice.kind === 'embedded') return choice;
  const { target } = choice;
  const password = target.password ?? passwords[target.name.text];
  return { ...choice, target: { ...target, password } };
}

async function databaseOf(
  choice: DatabaseChoice,
  folder: MigrationFolder,
  files: readonly FileContent[],
  program: EmbeddedProgram,
): Promise<{ database: Database; directory?: EmbeddedDirectory }> {
  if (choice.kind === 'server') return { database: serverDatabase(choice.target) };
  const directory = await embeddedDirectory(folder.path);
  const texts = files.map(({ text }) => text);
  return { database: embeddedDatabase({ directory, program, texts }), directory };
}
