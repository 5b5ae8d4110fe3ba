import type { Span } from '../sql/span.ts';

/** Why a run does not begin: nothing has been sent to the database that changes it. */
export class RunRefused extends Error {
  readonly reason: RefusalReason;
  /** What to do about it, in one sentence. */
  readonly advice: string;
  readonly place: RefusalPlace | undefined;

  constructor(reason: RefusalReason, message: string, advice: string, place?: RefusalPlace) {
    super(message);
    this.reason = reason;
    this.advice = advice;
    this.place = place;
  }
}

/** The file that a refusal is about, and where in it (UTF-16 code units). */
export interface RefusalPlace {
  readonly path: string;
  readonly span: Span;
  /** What is in it, where it is none of the migrations. */
  readonly text?: string;
}

export type RefusalReason =
  /** The tool itself would refuse the folder: a bad name, a version twice, no file at all. */
  | 'files'
  /** A selected file does not parse. */
  | 'unparsable'
  /** Files are not applied though later ones are. */
  | 'missing'
  /** The version table is none that the tool could use. */
  | 'version-table'
  /** The first file of the run is one that only goose can run, or is not there. */
  | 'barrier'
  /** What was announced is not what would run now. */
  | 'changed'
  /** Another run holds the lock. */
  | 'locked'
  /** No migrations of this tool are run, or it has no such command. */
  | 'tool'
  /** What was named as the goal is none. */
  | 'target'
  /** The revisions do not hang together, or the rows of the version table do not belong to them: alembic would stop. */
  | 'revisions'
  /** alembic could not be run, or said no. */
  | 'program'
  /** What a revision does cannot be seen without running it. */
  | 'unclear';
