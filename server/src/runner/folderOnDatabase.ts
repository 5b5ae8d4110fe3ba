import type { ConnectionTarget, Environment } from '../database/connectionString.ts';
import { chooseDatabase, environmentOf } from '../database/databaseChoice.ts';
import { parseDotEnv } from '../database/dotEnv.ts';
import { type EmbeddedDirectory, embeddedDirectory } from '../database/embeddedDirectory.ts';
import type { EmbeddedProgram } from '../database/embeddedProgram.ts';
import { type KeptDatabase, keptOpen, openedAnew } from '../database/keptOpen.ts';
import { machineDefaults } from '../database/machineDefaults.ts';
import { isProtected } from '../database/protectedDatabases.ts';
import { connectionUrl } from '../database/sqlalchemyUrl.ts';
import type { AlembicRuntime } from '../migrations/alembicRuntime.ts';
import { readsConfiguredUrl } from '../migrations/formats/alembic/environmentScript.ts';
import type { FileContent, ToolId } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import type { AlembicProgram } from './alembicProgram.ts';
import { alembicTool } from './alembicTool.ts';
import { gooseTool } from './gooseTool.ts';
import { refusedPlain } from './otherTools.ts';
import type { RunInputs } from './runMigrations.ts';
import type { RunnableTool } from './runnableTool.ts';
import { RunRefused } from './runRefused.ts';
import { defaultGooseTable } from './tracking/gooseVersionTable.ts';

/** A migration folder as it is on disk. */
export interface FolderToRun {
  readonly path: string;
  readonly tool: ToolId;
  readonly files: readonly FileContent[];
  /** What stands around a folder of alembic's; absent for other tools. */
  readonly alembic?: AlembicRuntime;
  /** Runs them instead of Skein, on the database of its own. */
  readonly alembicItself?: AlembicProgram;
  /** Patterns of skein.json. */
  readonly protectedDatabases: readonly string[];
}

/** What says which database it is: see chooseDatabase. */
export interface DatabaseWishes {
  readonly option?: string;
  readonly embedded?: boolean;
  readonly setting?: string;
  /** By the database's name: used where the connection string has none. */
  readonly passwords?: Readonly<Record<string, string>>;
  /** The text of the `.env` file, if there is one. */
  readonly dotEnv?: string;
}

/** A migration folder and the database that its migrations are run on: release `database` in the end. */
export interface FolderOnDatabase extends Omit<RunInputs, 'signal' | 'onEvent'> {
  readonly database: KeptDatabase;
  /** Why this database: words that follow its name. */
  readonly reason: string;
  /** Patterns of those whose name has to be typed before anything is run on them. */
  readonly protectedDatabases: readonly string[];
  /** Of the embedded database. */
  readonly directory?: EmbeddedDirectory;
}

/** Finds the database of a folder. Nothing is connected to. Rejects with ConnectionStringError. */
export async function folderOnDatabase(
  folder: FolderToRun,
  { passwords = {}, dotEnv = '', ...wishes }: DatabaseWishes,
  program: EmbeddedProgram,
): Promise<FolderOnDatabase> {
  const { path, tool, alembic, alembicItself, files, protectedDatabases } = folder;
  if (alembicItself) return onProgram(alembicItself, folder);
  const ofProcess = (name: string) => process.env[name];
  const inFile = parseDotEnv(dotEnv);
  const environment = environmentOf(ofProcess, inFile);
  const choice = chooseDatabase({
    ...wishes,
    project: alembic && urlOf(alembic),
    variables: tool === 'alembic' ? ['DATABASE_URL'] : ['GOOSE_DBSTRING', 'DATABASE_URL'],
    environment: ofProcess,
    dotEnv: inFile,
    machine: machineDefaults(),
  });
  const { database, directory } =
    choice.kind === 'server'
      ? { database: await serverOf(choice.target, passwords) }
      : await embeddedOf(path, files, program);
  return {
    tool: toolOf(folder, environment),
    files,
    database,
    directory,
    reason: choice.reason,
    protectedDatabases,
  };
}

/** Whether the name of the database has to be typed before anything is run on it. */
export function isTyped({ database, protectedDatabases }: FolderOnDatabase): boolean {
  return isProtected(database.name, protectedDatabases);
}

/** The database of a program is the one that it connects to: its name is known when it has been asked. */
function onProgram(
  program: AlembicProgram,
  { files, protectedDatabases, alembic }: FolderToRun,
): FolderOnDatabase {
  const database: KeptDatabase = {
    get name() {
      return program.name;
    },
    isMade: () => true,
    connect: async () => {
      throw new Error('only alembic connects to its database');
    },
    release: async () => undefined,
  };
  const tool = alembic ? alembicTool(alembic) : refusedPlain();
  return { tool, program, files, database, reason: program.reason, protectedDatabases };
}

/** What a configuration of alembic says of the database, where that is PostgreSQL and env.py goes by it. */
function urlOf({ config, environment }: AlembicRuntime): { text: string; source: string } | undefined {
  if (environment !== undefined && !readsConfiguredUrl(environment.text)) return undefined;
  const text = config?.url === undefined ? undefined : connectionUrl(config.url);
  return text === undefined
    ? undefined
    : { text, source: `sqlalchemy.url in ${baseNameOf(config?.path ?? '')}` };
}

/** How the migrations of a tool are run; or why they are not. */
function toolOf({ tool, alembic }: FolderToRun, environment: Environment): RunnableTool | RunRefused {
  if (alembic) return alembicTool(alembic);
  if (tool !== 'goose') return refusedPlain();
  try {
    return gooseTool(environment, environment('GOOSE_TABLE') || defaultGooseTable);
  } catch (error) {
    if (error instanceof RunRefused) return error;
    throw error;
  }
}

/** A password that was typed stands in for one that the connection string lacks, not for one that it has. */
async function serverOf(
  target: ConnectionTarget,
  passwords: Readonly<Record<string, string>>,
): Promise<KeptDatabase> {
  // Loaded here, as the embedded one is: nobody who only reads migrations waits for a database's client.
  const { serverDatabase } = await import('../database/serverDatabase.ts');
  const password = target.password ?? passwords[target.name.text];
  return openedAnew(serverDatabase({ ...target, password }));
}

async function embeddedOf(
  path: string,
  files: readonly FileContent[],
  program: EmbeddedProgram,
): Promise<Pick<FolderOnDatabase, 'database' | 'directory'>> {
  const { embeddedDatabase } = await import('../database/embeddedDatabase.ts');
  const directory = await embeddedDirectory(path);
  const texts = files.map(({ text }) => text);
  return { database: keptOpen(embeddedDatabase({ directory, program, texts })), directory };
}
