import { dirname, join } from 'node:path';
import { ConnectionStringError } from '../database/connectionString.ts';
import { embeddedProgram } from '../database/embeddedProgram.ts';
import type { FileContent } from '../migrations/migration.ts';
import { AlembicProgram } from '../runner/alembicProgram.ts';
import { type FolderOnDatabase, folderOnDatabase } from '../runner/folderOnDatabase.ts';
import { findPython } from '../runner/python.ts';
import { RunRefused } from '../runner/runRefused.ts';
import { alembicRuntime, pythonOf } from '../workspace/alembicRuntime.ts';
import type { MigrationFolder } from '../workspace/discovery.ts';
import { readContent } from '../workspace/fileContent.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import { orCannotRun } from './databaseErrors.ts';
import { oneFolder } from './targets.ts';
import type { Terminal } from './terminal.ts';

/** What every command that talks to a database understands, for parseArgs. */
export const databaseOptions = {
  database: { type: 'string' },
  embedded: { type: 'boolean', default: false },
  alembic: { type: 'boolean', default: false },
  python: { type: 'string' },
  format: { type: 'string', default: 'text' },
  config: { type: 'string' },
} as const;

export interface DatabaseValues {
  readonly database?: string;
  readonly embedded: boolean;
  /** alembic itself runs the migrations. */
  readonly alembic: boolean;
  readonly python?: string;
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
  values: Pick<DatabaseValues, 'database' | 'embedded'> & Partial<Pick<DatabaseValues, 'alembic' | 'python'>>,
): Promise<FolderOnDatabase> {
  const { database: option, embedded } = values;
  if (option !== undefined && embedded) {
    throw new CannotRun('--database and --embedded exclude each other');
  }
  const { folder } = history;
  const itself = values.alembic ? await alembicItself(folder, values) : undefined;
  const migrations = {
    path: folder.path,
    tool: folder.tool,
    files: contentsOf(history),
    ...(folder.tool === 'alembic' && { alembic: await alembicRuntime(folder.path, nodeFileSystem) }),
    ...(itself && { alembicItself: itself }),
    protectedDatabases: folder.config?.config.protectedDatabases ?? [],
  };
  // goose reads the .env of the working directory.
  const dotEnv = await readContent(nodeFileSystem, '.env');
  // The build puts both beside the bundle that this is part of.
  const program = embeddedProgram(join(__dirname, 'embeddedDatabase.mjs'), join(__dirname, 'postgres'));
  try {
    const on = await folderOnDatabase(migrations, { option, embedded, dotEnv: dotEnv?.text }, program);
    // Only alembic knows the name of its database.
    if (itself) await orCannotRun(on, () => itself.standing(on));
    return on;
  } catch (error) {
    if (error instanceof ConnectionStringError) throw new CannotRun(error.message);
    throw error;
  }
}

/** The files of a folder, as they were read. */
export function contentsOf(history: FolderHistory): FileContent[] {
  return history.paths.flatMap((path) => history.content(path) ?? []);
}

/** The project's own alembic. To ask for it is to say that its Python may be run. */
export async function alembicItself(
  { path, tool, config }: MigrationFolder,
  {
    python,
    database,
    embedded,
  }: Pick<DatabaseValues, 'python' | 'database'> & { readonly embedded?: boolean },
): Promise<AlembicProgram> {
  if (tool !== 'alembic') throw new CannotRun(`--alembic: ${path} holds migrations of ${tool}`);
  if (database !== undefined || embedded) {
    throw new CannotRun('--alembic goes to the database that env.py names: no --database, no --embedded');
  }
  const setting = python ?? pythonOf({ config });
  try {
    const runtime = await alembicRuntime(path, nodeFileSystem);
    const found = await findPython(runtime.config ? dirname(runtime.config.path) : path, {
      ...(setting !== undefined && { setting }),
      root: process.cwd(),
    });
    if (found === undefined) {
      throw new CannotRun(
        'no Python with alembic was found: looked for .venv, venv, uv, poetry and PATH; name it with --python',
      );
    }
    return new AlembicProgram(found, runtime);
  } catch (error) {
    throw error instanceof RunRefused ? new CannotRun(`${error.message}. ${error.advice}`) : error;
  }
}
