import type { Session } from '../database/session.ts';
import type { Direction, FileContent } from '../migrations/migration.ts';
import type { Span } from '../sql/span.ts';

/** What a person wants done. Where it goes is written as the tool writes it: a version of goose's, a target of alembic's. */
export type Command =
  /** All that is pending; up to `to` and no further; the next one only. */
  | {
      readonly kind: 'up';
      readonly to?: string;
      readonly onlyNext?: boolean;
      /** goose: also what is missing before later ones. */
      readonly allowMissing?: boolean;
    }
  /** The last applied one; or with `to` all that is after it. */
  | { readonly kind: 'down'; readonly to?: string }
  /** The last applied one, down and up again. */
  | { readonly kind: 'redo' }
  /** alembic: records revisions without running them; `purge` empties the version table first. */
  | { readonly kind: 'stamp'; readonly to: readonly string[]; readonly purge?: boolean };

/** What is sent as one. */
export interface PlannedStatement {
  readonly text: string;
  /** Where it is written in its file. */
  readonly span: Span;
  /** Outside any transaction: what has been done before is committed first. */
  readonly autocommit: boolean;
  /** A query: the statement is sent only where it gives a row. */
  readonly condition?: string;
  /**
   * Where the server found something wrong. `position` is its own: from 1, in code points of `text`; undefined where it
   * gives none, then one of `names` may be the place.
   */
  place(position: number | undefined, names: readonly string[]): ErrorPlace;
}

/** Where in a file something went wrong: the failing token, and the statement as a person may see it. */
export interface ErrorPlace {
  readonly span: Span;
  readonly statement: string;
}

/** What is sent to record a migration. */
export interface Recording {
  /** As a script would have it. */
  readonly sql: readonly string[];
  /** Rejects where the version table is not as it was when this was planned. */
  send(session: Session): Promise<void>;
}

/** One direction of one file, to be run; of a stamp, to be recorded only. */
export interface PlannedRun {
  readonly path: string;
  /** As the tool writes it: a number of goose's, an id of alembic's. */
  readonly version: string;
  readonly direction: Direction;
  readonly content: FileContent;
  readonly statements: readonly PlannedStatement[];
  /** It is alembic that runs it: what it sends is not known here. */
  readonly byAlembic?: true;
  /** Whether its version is recorded in a transaction, that of its statements where these have one. */
  readonly transactional: boolean;
  readonly recording: Recording;
}

/** What stops a run short: a migration that only goose can run, or one whose file is not there. */
export interface Barrier {
  readonly kind: 'go' | 'no-file';
  readonly version: string;
  readonly direction: Direction;
  /** Of the Go file. */
  readonly path?: string;
  readonly message: string;
}

/** What a command comes to on a database in a certain state. */
export interface Plan {
  readonly command: Command;
  /** What makes the version table, where there is none: it comes first. */
  readonly versionTable: readonly string[];
  /** `each`: a transaction for each file, and one for the version table; `one`: one for all, with the version table. */
  readonly transactions: 'each' | 'one';
  /** In the order in which they run. */
  readonly runs: readonly PlannedRun[];
  /** What a person should know before: sentences without their full stop. */
  readonly notes?: readonly string[];
  /** After the last of `runs`. */
  readonly barrier?: Barrier;
}

/** What tells two plans apart for a person who has said yes to one of them. */
export function samePlan(a: Plan, b: Plan): boolean {
  const key = ({ runs, barrier }: Plan) =>
    JSON.stringify([
      runs.map(({ path, version, direction, transactional, statements, recording }) => [
        path,
        version,
        direction,
        transactional,
        statements.map(({ text, autocommit }) => [text, autocommit]),
        recording.sql,
      ]),
      barrier?.message,
    ]);
  return key(a) === key(b);
}
