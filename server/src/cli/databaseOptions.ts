import { join } from 'node:path';
import { ConnectionStringError } from '../database/connectionString.ts';
import { chooseDatabase, environmentOf } from '../database/databaseChoice.ts';
import { parseDotEnv } from '../database/dotEnv.ts';
import { embeddedDatabase } from '../database/embeddedDatabase.ts';
import { embeddedDirectory } from '../database/embeddedDirectory.ts';
import { embeddedProgram } from '../database/embeddedProgram.ts';
import { machineDefaults } from '../database/machineDefaults.ts';
import { serverDatabase } from '../database/serverDatabase.ts';
import type { Database } from '../database/session.ts';
import type { FileContent } from '../migrations/migration.ts';
import type { RunInputs } from '../runner/runMigrations.ts';
import { defaultGooseTable } from '../runner/tracking/gooseVersionTable.ts';
import { readContent } from '../workspace/fileContent.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import { targets } from './targets.ts';
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

/** A migration folder and the database it is run on. */
export interface FolderOnDatabase extends Omit<RunInputs, 'signal' | 'onEvent'> {
  readonly history: FolderHistory;
  /** Why this database: words that follow its name. */
  readonly reason: string;
  readonly protectedDatabases: readonly string[];
}

/** The one folder that the arguments name and the database that they, the environment or nothing name. */
export async function folderOnDatabase(
  values: DatabaseValues,
  positionals: readonly string[],
  terminal: Terminal,
): Promise<FolderOnDatabase> {
  if (values.format !== 'text' && values.format !== 'json') {
    throw new CannotRun(`--format must be one of text, json, not "${values.format}"`);
  }
  if (values.database !== undefined && values.embedded) {
    throw new CannotRun('--database and --embedded exclude each other');
  }
  if (positionals.length > 1) throw new CannotRun('more than one PATH: a run is for one migration folder');
  const history = await oneFolder(values, positionals, terminal);
  const files = history.paths.flatMap((path) => history.content(path) ?? []);
  // goose reads the .env of the working directory.
  const dotEnvFile = await readContent(nodeFileSystem, '.env');
  const dotEnv = parseDotEnv(dotEnvFile?.text ?? '');
  const environment = environmentOf((name) => process.env[name], dotEnv);
  const { database, reason } = await choose(values, dotEnv, history, files);
  return {
    history,
    files,
    database,
    reason,
    environment,
    tool: history.folder.tool,
    table: environment('GOOSE_TABLE') || defaultGooseTable,
    protectedDatabases: history.folder.config?.config.protectedDatabases ?? [],
  };
}

async function oneFolder(
  { config }: DatabaseValues,
  paths: readonly string[],
  terminal: Terminal,
): Promise<FolderHistory> {
  const warn = (line: string) => terminal.error(`skein: ${line}\n`);
  const found = await targets({ files: nodeFileSystem, paths, config, warn });
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    const list = found.map(({ history }) => history.folder.path).join(', ');
    throw new CannotRun(`there are several migration folders, name one of them: ${list}`);
  }
  return only.history;
}

async function choose(
  { database: option, embedded }: DatabaseValues,
  dotEnv: ReadonlyMap<string, string>,
  history: FolderHistory,
  files: readonly FileContent[],
): Promise<{ database: Database; reason: string }> {
  try {
    const choice = chooseDatabase({
      option,
      embedded,
      environment: (name) => process.env[name],
      dotEnv,
      machine: machineDefaults(),
    });
    if (choice.kind === 'server') return { database: serverDatabase(choice.target), reason: choice.reason };
    const directory = await embeddedDirectory(history.folder.path);
    // The build puts both beside the bundle that this is part of.
    const program = embeddedProgram(join(__dirname, 'embeddedDatabase.mjs'), join(__dirname, 'postgres'));
    const texts = files.map(({ text }) => text);
    return { database: embeddedDatabase({ directory, program, texts }), reason: choice.reason };
  } catch (error) {
    if (error instanceof ConnectionStringError) throw new CannotRun(error.message);
    throw error;
  }
}
