import type { Statement } from '../sql/statement.ts';

/**
 * A dangerous change as migrations that do the same without standing in the application's way. The first phase takes
 * the place of the statement, the others are migrations of their own after all there are.
 */
export interface Rewrite {
  /** What it does, for the title and the comments: "Set note of orders NOT NULL". */
  readonly goal: string;
  /** What is left of the statement where it stands, and so belongs to the first phase; undefined where nothing is. */
  readonly stays: string | undefined;
  readonly phases: readonly Phase[];
  /** The statements of the file's down script that undo the change today. */
  readonly undoing: readonly Undoing[];
  /** They undo the first phase just as well, and stay. */
  readonly undoneAsBefore?: boolean;
  /** It writes rows. */
  readonly writesData?: true;
  /** Where the statements of a phase stand or fall together: how the first gets a transaction. */
  readonly transaction?: TransactionPlace;
}

/**
 * It stands in one; it gets a BEGIN and COMMIT of its own (plain SQL has no other); the file, which holds nothing else,
 * takes the tool's again; it becomes a migration of its own.
 */
export type TransactionPlace = 'stands' | 'begin' | 'optIn' | 'ownMigration';

/** A statement of the down script that undoes the change. */
export interface Undoing {
  readonly statement: Statement;
  /** What is left of it without that; undefined where nothing is. */
  readonly stays: string | undefined;
}

export interface Phase {
  /** Phases of one deploy may be applied one right after the other; the next deploy wants the application changed. */
  readonly deploy: number;
  /** The new migration's name. */
  readonly name: string;
  /** What it does, and what that means for those who use the table: "reads every row; nobody waits". */
  readonly does: string;
  /** What must be true before it is applied, besides that the phases before it are; one clause. */
  readonly mustBeTrueBefore?: string;
  /** False: each statement by itself, outside the tool's transaction, and such that it can run again. */
  readonly transactional: boolean;
  /** A rule that cannot be content with it, and why that is all right. */
  readonly accepted?: { readonly rule: string; readonly reason: string };
  /** It takes a lock that blocks the application, if only for a moment: it wants a lock_timeout. */
  readonly locksBriefly?: true;
  /** Of the first phase: after what stays of the statement. */
  readonly up: readonly string[];
  /** Takes back this phase alone. */
  readonly down: readonly string[];
}

/** What rewrites want to know of the project. */
export interface LiveDatabase {
  readonly postgresVersion: number;
  /** The migrating role sets lock_timeout itself. */
  readonly timeoutsFromRole: boolean;
}
