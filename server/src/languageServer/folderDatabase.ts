import type { EmbeddedProgram } from '../database/embeddedProgram.ts';
import type { FileContent } from '../migrations/migration.ts';
import type { AlembicProgram } from '../runner/alembicProgram.ts';
import { type FolderOnDatabase, folderOnDatabase } from '../runner/folderOnDatabase.ts';
import { alembicRuntime } from '../workspace/alembicRuntime.ts';
import type { MigrationFolder } from '../workspace/discovery.ts';
import { readContent } from '../workspace/fileContent.ts';
import { childOf, isWithin, selfAndAncestors } from '../workspace/filePath.ts';
import type { FileSystem } from '../workspace/fileSystem.ts';
import { formatOf } from '../workspace/formatOf.ts';
import type { FolderInRoot } from './migrationFolders.ts';

/** A migration folder of the workspace on its database. */
export interface FolderDatabase extends FolderOnDatabase {
  readonly folder: MigrationFolder;
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
  /** The project's own alembic, where it is to run the migrations. */
  readonly alembicItself?: AlembicProgram;
}

/** The files of a folder that its tool takes for migrations, as they are on disk. */
export async function filesOf(folder: MigrationFolder, files: FileSystem): Promise<FileContent[]> {
  const format = await formatOf(folder);
  const paths = [folder, ...folder.elsewhere].flatMap(({ path, entries }) =>
    entries
      .filter(({ kind, name }) => kind !== 'directory' && format.claims(name))
      .map(({ name }) => childOf(path, name)),
  );
  const read = await Promise.all(paths.map((path) => readContent(files, path)));
  return read.flatMap((content) => content ?? []);
}

/**
 * The database of a folder in the workspace. Nothing is connected to. Rejects with ConnectionStringError.
 * goose reads the `.env` of the directory it is called in; here it is the nearest one at or above the migrations.
 */
export async function folderDatabase(
  { folder, root }: FolderInRoot,
  settings: DatabaseSettings,
  { disk, embedded }: Means,
): Promise<FolderDatabase> {
  const { path, tool, config } = folder;
  const files = await filesOf(folder, disk);
  const protectedDatabases = config?.config.protectedDatabases ?? [];
  const { database: setting, passwords, alembicItself } = settings;
  const alembic = tool === 'alembic' ? await alembicRuntime(path, disk) : undefined;
  const dotEnv = await dotEnvAbove(path, root.path, disk);
  const on = await folderOnDatabase(
    {
      path,
      tool,
      files,
      protectedDatabases,
      ...(alembic && { alembic }),
      ...(alembicItself && { alembicItself }),
    },
    { setting, passwords, dotEnv },
    embedded,
  );
  return { ...on, folder };
}

async function dotEnvAbove(path: string, root: string, disk: FileSystem): Promise<string | undefined> {
  for (const at of selfAndAncestors(path)) {
    if (!isWithin(at, root)) break;
    const file = await readContent(disk, childOf(at, '.env'));
    if (file) return file.text;
  }
  return undefined;
}
