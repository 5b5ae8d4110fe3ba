import type { DatabaseName } from './databaseName.ts';
import {
  ConnectionFailed,
  type ConnectionFailure,
  ConnectionLost,
  ServerError,
  type ServerErrorFields,
} from './session.ts';

/** An error in words for a person. What the server said stands as it said it. */
export interface ExplainedError {
  /** What happened, in one sentence without its full stop. */
  readonly title: string;
  /** What to do, in one sentence. */
  readonly advice: string;
  /** SQLSTATE, when the server refused. */
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The server's context: function and line. */
  readonly where?: string;
}

/** Explains whatever a session or a database rejects with. */
export function explainError(error: unknown, name: DatabaseName): ExplainedError {
  if (error instanceof ServerError) return explainServerError(error.fields, name);
  if (error instanceof ConnectionFailed) return explainFailure(error, name);
  if (error instanceof ConnectionLost) return explainLoss(error, name);
  return {
    title: error instanceof Error ? error.message : String(error),
    advice: 'This is a mistake in Skein: please report it.',
  };
}

function explainServerError(fields: ServerErrorFields, name: DatabaseName): ExplainedError {
  const { code, message, detail, hint, where } = fields;
  return { title: message, advice: adviceFor(fields, name), code, detail, hint, where };
}

type Advice = string | ((fields: ServerErrorFields, name: DatabaseName) => string);

/** By SQLSTATE (PostgreSQL documentation, appendix A); two characters stand for a class of them. */
const advices: Readonly<Record<string, Advice>> = {
  '23502': ({ column, table }) =>
    `Give ${named('the column', column)}${of(table)} a value, in this statement or in the rows that are there already.`,
  '23503': ({ constraint }) =>
    `Remove or repair the rows that point to nothing, or add ${named('the constraint', constraint)} as NOT VALID and validate it later.`,
  '23505': ({ constraint }) =>
    `Remove the duplicates, from this statement or from the rows that are there already: ${named('the constraint', constraint)} allows each value once.`,
  '23514': ({ constraint }) =>
    `Repair the rows that break ${named('the constraint', constraint)}, or add it as NOT VALID and validate it later.`,
  '25001': 'Let this statement run outside a transaction.',
  '25P02': 'A statement before this one failed: look for the first error.',
  '28000': (_, name) => `The server lets ${name.user} in only in other ways: look at its pg_hba.conf.`,
  '28P01': (_, name) => `Check the password of ${name.user}.`,
  '3D000': (_, name) =>
    `Create the database first (createdb ${name.database}), or correct its name in the connection string.`,
  '3F000': 'Create the schema in an earlier migration, or correct its name.',
  '40001': 'Run it again: another transaction changed the same rows.',
  '40P01': 'Run it again: another session held what this one needed, and the other way round.',
  '42501': (_, name) => `Let the owner run it, or grant ${name.user} what it needs.`,
  '42601': 'Correct the statement at this place.',
  '42701': exists('ADD COLUMN IF NOT EXISTS'),
  '42703': 'Correct the name, or add the column in an earlier migration.',
  '42704': 'Correct the name, or create it in an earlier migration.',
  '42710': exists('IF NOT EXISTS where the statement has it'),
  '42723': exists('CREATE OR REPLACE'),
  '42804': 'Give the expression the type that is asked for (a USING clause, a cast).',
  '42883': 'Correct the name or the types of the arguments, or create it in an earlier migration.',
  '42P01': 'Correct the name, or create it in an earlier migration.',
  '42P06': exists('IF NOT EXISTS'),
  '42P07': exists('IF NOT EXISTS'),
  '0A000': ({ message }, name) =>
    name.kind === 'embedded' && /extension/.test(message)
      ? 'The embedded PostgreSQL does not have this extension: choose a database on a server that has it.'
      : 'This server cannot do that: look for another way to write it.',
  '53300': 'Close connections that are not needed, or try again later.',
  '54001': 'The statement is nested too deeply: simplify it.',
  '55006': 'Try again when nobody uses it any more.',
  '55P03':
    'Another session held the lock for longer than lock_timeout allows: run it again, at a quieter time or with a longer lock_timeout.',
  '55P04': 'A new enum value can be used only after its transaction: use it in a later migration.',
  '57014':
    'It ran longer than statement_timeout allows, or someone cancelled it: run it again, with a longer timeout if it needs it.',
  '57P03': 'The server is starting up or shutting down: try again in a moment.',
  '58P01': 'A file is missing on the server: is the extension installed there?',
  '08': 'Try again when the connection is there again.',
  '22': 'Correct the value, or the rows that hold it.',
  '23': 'Repair the rows that break the constraint.',
  '42': 'Correct the statement at this place.',
  '53': 'The server has run out of room or memory: make some, then run it again.',
  '57P': 'The server ended the session: run it again.',
};

const otherwise = 'Correct the statement, then run it again.';

function adviceFor(fields: ServerErrorFields, name: DatabaseName): string {
  const { code } = fields;
  const advice = advices[code] ?? advices[code.slice(0, 3)] ?? advices[code.slice(0, 2)] ?? otherwise;
  return typeof advice === 'string' ? advice : advice(fields, name);
}

function exists(clause: string): string {
  return `Someone has created it outside the migrations, or an earlier one has: write ${clause}, or drop it if it is a leftover.`;
}

function named(what: string, name: string | undefined): string {
  return name === undefined ? what : `"${name}"`;
}

function of(table: string | undefined): string {
  return table === undefined ? '' : ` of "${table}"`;
}

const failureAdvice: Readonly<Record<Exclude<ConnectionFailure, 'server'>, string>> = {
  refused: 'Start the server, or correct host and port in the connection string.',
  'unknown-host': 'Correct the host in the connection string, or look whether the network is there.',
  unreachable: 'Look whether the server runs and the network lets you through.',
  timeout: 'Look whether the server runs and a firewall lets you through.',
  tls: 'Look at sslmode in the connection string: a server without TLS needs "disable".',
  'untrusted-certificate':
    'Name the file with the certificate of its authority in the connection string (sslrootcert), or do without that check (sslmode=require and no sslrootcert).',
  'certificate-name':
    'Name the host in the connection string as its certificate does, or check only who has signed it (sslmode=verify-ca).',
  'certificate-file': 'Correct its path in the connection string, or make the file readable.',
  'no-password': 'Give it in the connection string, in PGPASSWORD or in ~/.pgpass.',
  'in-use': 'Wait until the other program has closed it.',
  embedded: 'Try again; if it stays so, reset the embedded database.',
};

function explainFailure({ reason, message, server }: ConnectionFailed, name: DatabaseName): ExplainedError {
  if (reason === 'server') {
    return server
      ? explainServerError(server.fields, name)
      : { title: message, advice: failureAdvice.unreachable };
  }
  return { title: message, advice: failureAdvice[reason] };
}

function explainLoss({ message, farewell }: ConnectionLost, name: DatabaseName): ExplainedError {
  if (farewell) return explainServerError(farewell.fields, name);
  return {
    title: `the connection to ${name.text} was lost (${message.toLowerCase()})`,
    advice:
      name.kind === 'embedded'
        ? 'Nothing is proved about this statement: look at it, then run it again.'
        : 'Look at the status, then run it again.',
  };
}
