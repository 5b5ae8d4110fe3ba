import type { DatabaseName } from '../database/databaseName.ts';
import { type ExplainedError, explainError } from '../database/explainError.ts';
import { ConnectionLost, ServerError } from '../database/session.ts';
import type { Environment } from '../migrations/formats/gooseEnvsub.ts';
import type { GooseStatement } from '../migrations/formats/gooseLines.ts';
import type { Direction } from '../migrations/migration.ts';
import type { PlannedRun } from './plan.ts';
import { type FailurePlace, failurePlace } from './statementPlace.ts';

/** How far a file has come. */
export interface FileProgress {
  /** The statement that is running; undefined before the first and after the last. */
  statement: GooseStatement | undefined;
  done: number;
  /** Whether the file has ended the transaction that it was to run in. */
  escaped: boolean;
  /** Whether its version has been sent: from here on a lost connection leaves the question open. */
  recording: boolean;
}

/** Why a run ended before its end. */
export interface RunFailure extends ExplainedError {
  /** The file that was being run; absent when it was none. */
  readonly path?: string;
  readonly version?: bigint;
  readonly direction?: Direction;
  /** The failing statement; absent when what failed was the recording of the version. */
  readonly place?: FailurePlace;
  readonly left: Remains;
}

/**
 * What is left of a file in the database: nothing; the statements before the failing one (NO TRANSACTION); these and an
 * index that was not built to its end; that cannot be told, since the connection was lost.
 */
type Remains = 'nothing' | 'statements-before' | 'invalid-index' | 'unknown';

const remains: Readonly<Record<Remains, string>> = {
  nothing: 'Nothing of this file is left in the database.',
  'statements-before': 'What this file did before the failing statement is in the database.',
  'invalid-index':
    'The index is in the database, invalid, and so is what this file did before: drop the index before you try again.',
  unknown: 'What of this file is in the database is not known.',
};

/** What is left of the file that failed, in one sentence; undefined when no file had begun. */
export function remainsInWords({ path, left }: RunFailure): string | undefined {
  return path === undefined ? undefined : remains[left];
}

/** A failure of a file that had come so far. */
export function fileFailure(
  error: unknown,
  run: PlannedRun,
  progress: FileProgress,
  name: DatabaseName,
  environment: Environment,
): RunFailure {
  const explained = explainError(error, name);
  const fields = error instanceof ServerError ? error.fields : undefined;
  const { statement } = progress;
  const place =
    statement &&
    failurePlace(
      run.file.content.text,
      statement,
      fields?.position,
      fields ? mentionedNames(fields) : [],
      environment,
    );
  return {
    ...explained,
    path: run.path,
    version: run.version,
    direction: run.direction,
    place,
    left: invalidIndexLeft(error, run, place) ? 'invalid-index' : leftBehind(error, run, progress),
  };
}

function leftBehind(error: unknown, { script }: PlannedRun, { done, escaped }: FileProgress): Remains {
  if (script.useTransaction && !escaped) return 'nothing';
  if (error instanceof ConnectionLost) return 'unknown';
  return done > 0 ? 'statements-before' : 'nothing';
}

/** The names in a server's error, those in its own fields first, then what the message quotes. */
function mentionedNames(fields: {
  readonly message: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly table?: string;
}): string[] {
  const quoted = [...fields.message.matchAll(/["«„“「]([^"»“”」]+)["»“”」]/g)].map(([, name = '']) => name);
  // A qualified name is found by its last part.
  const names = [...quoted, fields.constraint, fields.column, fields.table];
  return names.flatMap((name) => (name === undefined ? [] : [name, name.slice(name.lastIndexOf('.') + 1)]));
}

/** PostgreSQL documentation, CREATE INDEX, "Building Indexes Concurrently": a build that fails leaves its index behind. */
function invalidIndexLeft(error: unknown, { script }: PlannedRun, place: FailurePlace | undefined): boolean {
  if (script.useTransaction || !place || error instanceof ConnectionLost) return false;
  if (error instanceof ServerError && /^(42|25)/.test(error.code)) return false;
  return /^\s*(create\s+(unique\s+)?index|reindex\b.*)\s+concurrently\b/is.test(place.statement);
}
