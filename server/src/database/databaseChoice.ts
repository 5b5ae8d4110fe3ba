import {
  ConnectionStringError,
  type ConnectionTarget,
  type Environment,
  type MachineDefaults,
  parseConnectionString,
} from './connectionString.ts';

/** Which database a command works on, and why that one, in words that follow the name: `from GOOSE_DBSTRING`. */
export type DatabaseChoice =
  | { readonly kind: 'server'; readonly target: ConnectionTarget; readonly reason: string }
  | { readonly kind: 'embedded'; readonly reason: string };

export interface ChoiceInputs {
  /** `--database`: a connection string or `${env:NAME}`. */
  readonly option?: string;
  /** `--embedded`. */
  readonly embedded?: boolean;
  /** The setting skein.database: a connection string, `${env:NAME}` or `embedded`. */
  readonly setting?: string;
  /** A connection string of the migrations' own configuration, and where it stands. */
  readonly project?: { readonly text: string; readonly source: string };
  /** Environment variables that may hold one, the first that is set. */
  readonly variables: readonly string[];
  /** The environment of the process. */
  readonly environment: Environment;
  /** What the `.env` file beside the working directory says; the process's environment goes before it. */
  readonly dotEnv: ReadonlyMap<string, string>;
  readonly machine: MachineDefaults;
}

/** Drivers of goose that speak to PostgreSQL. */
const postgresDrivers = new Set(['postgres', 'pgx']);

/**
 * The first of: `--database`, `--embedded`, the setting, the project's own
 * configuration, the environment; else the embedded database.
 * Throws ConnectionStringError, naming where the string came from.
 */
export function chooseDatabase(inputs: ChoiceInputs): DatabaseChoice {
  const environment = environmentOf(inputs.environment, inputs.dotEnv);
  const from = (text: string, source: string): DatabaseChoice => {
    try {
      const target = parseConnectionString(substituted(text, environment), environment, inputs.machine);
      return { kind: 'server', target, reason: `from ${source}` };
    } catch (error) {
      if (!(error instanceof ConnectionStringError)) throw error;
      throw new ConnectionStringError(`${source}: ${error.message}`);
    }
  };
  if (inputs.option !== undefined) return from(inputs.option, '--database');
  if (inputs.embedded) return { kind: 'embedded', reason: 'because of --embedded' };
  if (inputs.setting === 'embedded') return { kind: 'embedded', reason: 'from the setting skein.database' };
  if (inputs.setting) return from(inputs.setting, 'the setting skein.database');
  if (inputs.project) return from(inputs.project.text, inputs.project.source);
  for (const variable of inputs.variables) {
    const value = environment(variable);
    if (!value) continue;
    const source = inputs.environment(variable) === undefined ? `${variable} in .env` : variable;
    if (variable === 'GOOSE_DBSTRING') checkDriver(environment('GOOSE_DRIVER'), source);
    return from(value, source);
  }
  return { kind: 'embedded', reason: 'because no other database is configured' };
}

/** The process's variables, then those of `.env`: as godotenv loads them for goose. */
export function environmentOf(process: Environment, dotEnv: ReadonlyMap<string, string>): Environment {
  return (name) => process(name) ?? dotEnv.get(name);
}

/** Puts variables in the place of `${env:NAME}`. */
function substituted(text: string, environment: Environment): string {
  return text.replace(/\$\{env:([^}]*)\}/g, (_, name: string) => {
    const value = environment(name);
    if (!value) throw new ConnectionStringError(`the environment variable ${name} is not set`);
    return value;
  });
}

function checkDriver(driver: string | undefined, source: string): void {
  if (!driver || postgresDrivers.has(driver)) return;
  throw new ConnectionStringError(
    `${source}: GOOSE_DRIVER is "${driver}", and Skein runs migrations on PostgreSQL only`,
  );
}
