import type { DatabaseName } from '../database/databaseName.ts';
import { type ExplainedError, explainError } from '../database/explainError.ts';
import { ConnectionLost, ServerError } from '../database/session.ts';
import type { Direction } from '../migrations/migration.ts';
import { type FailurePlace, placedIn } from './errorPlace.ts';
import type { PlannedRun, PlannedStatement } from './plan.ts';
import { RunRefused } from './runRefused.ts';

/** How far a file has come. */
export interface FileProgress {
  /** The statement that is running; undefined before the first and after the last. */
  statement: PlannedStatement | undefined;
  /** Statements that were sent. */
  done: number;
  /** Whether something of the file has been committed before all of it was done. */
  committed: boolean;
}

/** Why a run ended before its end. */
export interface RunFailure extends ExplainedError {
  /** The file that was being run; absent when it was none. */
  readonly path?: string;
  readonly version?: string;
  readonly direction?: Direction;
  /** The failing statement; absent when what failed was the recording of the version. */
  readonly place?: FailurePlace;
  readonly left: Remains;
}

/**
 * What is left of a file in the database: nothing; nothing of it nor of the files before it in the same transaction; the
 * statements before the failing one that were committed; these and an index that was not built to its end; that cannot
 * be told, since the connection was lost.
 */
export type Remains =
  | 'nothing'
  | 'nothing-of-run'
  | 'statements-before'
  | 'invalid-index'
  | 'version-table-says'
  | 'unknown';

const remains: Readonly<Record<Remains, string>> = {
  nothing: 'Nothing of this file is left in the database.',
  'nothing-of-run':
    'Nothing of this file is left in the database, nor of those before it: they ran in the same transaction.',
  'statements-before': 'What this file did before the failing statement is in the database.',
  'invalid-index':
    'The index is in the database, invalid, and so is what this file did before: drop the index before you try again.',
  'version-table-says': 'What alembic has kept of the run, its status says.',
  unknown: 'What of this file is in the database is not known.',
};

/** What is left of the file that failed, in one sentence; undefined when no file had begun. */
export function remainsInWords({ path, left }: RunFailure): string | undefined {
  return path === undefined ? undefined : remains[left];
}

/** A failure of a file that had come so far, after `undone` others in the transaction that was rolled back. */
export function fileFailure(
  error: unknown,
  run: PlannedRun,
  progress: FileProgress,
  undone: number,
  name: DatabaseName,
): RunFailure {
  const explained = error instanceof RunRefused ? refusal(error) : explainError(error, name);
  const fields = error instanceof ServerError ? error.fields : undefined;
  const found = progress.statement?.place(fields?.position, fields ? mentionedNames(fields) : []);
  const place = found && placedIn(run.content.text, found);
  return {
    ...explained,
    path: run.path,
    version: run.version,
    direction: run.direction,
    place,
    left: invalidIndexLeft(error, progress) ? 'invalid-index' : leftBehind(error, run, progress, undone),
  };
}

function refusal({ message, advice }: RunRefused): ExplainedError {
  return { title: message, advice };
}

function leftBehind(
  error: unknown,
  { transactional }: PlannedRun,
  { statement, committed }: FileProgress,
  undone: number,
): Remains {
  const wasOpen = statement === undefined ? transactional : !statement.autocommit;
  if (!committed && wasOpen) return undone > 0 ? 'nothing-of-run' : 'nothing';
  if (error instanceof ConnectionLost) return 'unknown';
  return committed ? 'statements-before' : 'nothing';
}

/** What stands in quotes, in the languages that PostgreSQL speaks: "…", «…», \u201e…\u201c, \u201c…\u201d, \u300c…\u300d. */
const QUOTED = /["\u00ab\u201e\u201c\u300c]([^"\u00bb\u201c\u201d\u300d]+)["\u00bb\u201c\u201d\u300d]/g;

/** The names in a server's error, those in its own fields first, then what the message quotes. */
function mentionedNames(fields: {
  readonly message: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly table?: string;
}): string[] {
  const quoted = [...fields.message.matchAll(QUOTED)].map(([, name = '']) => name);
  // A qualified name is found by its last part.
  const names = [...quoted, fields.constraint, fields.column, fields.table];
  return names.flatMap((name) => (name === undefined ? [] : [name, name.slice(name.lastIndexOf('.') + 1)]));
}

/** PostgreSQL documentation, CREATE INDEX, "Building Indexes Concurrently": a build that fails leaves its index behind. */
function invalidIndexLeft(error: unknown, { statement }: FileProgress): boolean {
  if (!statement?.autocommit || error instanceof ConnectionLost) return false;
  if (error instanceof ServerError && /^(42|25)/.test(error.code)) return false;
  return /^\s*(create\s+(unique\s+)?index|reindex\b.*)\s+concurrently\b/is.test(
    statement.place(undefined, []).statement,
  );
}
