import type { Span } from '../sql/span.ts';

/** Why a run does not begin: nothing has been sent to the database that changes it. */
export class RunRefused extends Error {
  readonly reason: RefusalReason;
  /** What to do about it, in one sentence. */
  readonly advice: string;
  /** The file it is about, and where in it (UTF-16 code units). */
  readonly place: { readonly path: string; readonly span: Span } | undefined;

  constructor(reason: RefusalReason, message: string, advice: string, place?: { path: string; span: Span }) {
    super(message);
    this.reason = reason;
    this.advice = advice;
    this.place = place;
  }
}

export type RefusalReason =
  /** goose itself would refuse the folder: a bad name, a version twice, no file at all. */
  | 'files'
  /** A selected file does not parse. */
  | 'unparsable'
  /** Files are not applied though later ones are. */
  | 'missing'
  /** The version table is none that goose could use. */
  | 'version-table'
  /** The first file of the run is one that only goose can run, or is not there. */
  | 'barrier'
  /** What was announced is not what would run now. */
  | 'changed'
  /** Another run holds the lock. */
  | 'locked'
  /** No migrations of this tool are run. */
  | 'tool';
