import { join } from 'node:path';
import { ConnectionStringError } from '../database/connectionString.ts';
import { embeddedProgram } from '../database/embeddedProgram.ts';
import { type FolderOnDatabase, folderOnDatabase } from '../runner/folderOnDatabase.ts';
import { alembicRuntime } from '../workspace/alembicRuntime.ts';
import { readContent } from '../workspace/fileContent.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import { oneFolder } from './targets.ts';
import type { Terminal } from './terminal.ts';

/** What every command that talks to a database understands, for parseArgs. */
export const databaseOptions = {
  database: { type: 'string' },
  embedded: { type: 'boolean', default: false },
  format: { type: 'string', default: 'text' },
  config: { type: 'string' },
} as const;

export interface DatabaseValues {
  readonly database?: string;
  readonly embedded: boolean;
  readonly format: string;
  readonly config?: string;
}

/**
 * Does something with the one folder that the arguments name, on the database that they, the environment or nothing
 * name; then closes it. Gives what `work` does.
 */
export async function onDatabase(
  values: DatabaseValues,
  positionals: readonly string[],
  terminal: Terminal,
  work: (on: FolderOnDatabase) => Promise<number>,
): Promise<number> {
  const on = await chosen(values, positionals, terminal);
  try {
    return await work(on);
  } finally {
    await on.database.release();
  }
}

async function chosen(
  { format, config, ...wishes }: DatabaseValues,
  positionals: readonly string[],
  terminal: Terminal,
): Promise<FolderOnDatabase> {
  if (format !== 'text' && format !== 'json') {
    throw new CannotRun(`--format must be one of text, json, not "${format}"`);
  }
  return databaseOf(await oneFolder(positionals, config, terminal), wishes);
}

/** The database of a folder, by the arguments and the environment. Nothing is connected to. Rejects with CannotRun. */
export async function databaseOf(
  history: FolderHistory,
  { database: option, embedded }: Pick<DatabaseValues, 'database' | 'embedded'>,
): Promise<FolderOnDatabase> {
  if (option !== undefined && embedded) {
    throw new CannotRun('--database and --embedded exclude each other');
  }
  const { folder } = history;
  const migrations = {
    path: folder.path,
    tool: folder.tool,
    files: history.paths.flatMap((path) => history.content(path) ?? []),
    ...(folder.tool === 'alembic' && { alembic: await alembicRuntime(folder.path, nodeFileSystem) }),
    protectedDatabases: folder.config?.config.protectedDatabases ?? [],
  };
  // goose reads the .env of the working directory.
  const dotEnv = await readContent(nodeFileSystem, '.env');
  // The build puts both beside the bundle that this is part of.
  const program = embeddedProgram(join(__dirname, 'embeddedDatabase.mjs'), join(__dirname, 'postgres'));
  try {
    return await folderOnDatabase(migrations, { option, embedded, dotEnv: dotEnv?.text }, program);
  } catch (error) {
    if (error instanceof ConnectionStringError) throw new CannotRun(error.message);
    throw error;
  }
}
