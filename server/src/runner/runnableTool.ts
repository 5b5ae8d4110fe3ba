import type { Session } from '../database/session.ts';
import type { FileContent } from '../migrations/migration.ts';
import type { Command, Plan, PlannedRun } from './plan.ts';
import type { MigrationStatus } from './status.ts';

/** What a version table said of a database. */
export interface Standing {
  /** How the files stand. Throws RunRefused where the tool would refuse the folder as a whole. */
  status(files: readonly FileContent[]): MigrationStatus;
  /** What a command would run. Rejects with RunRefused. */
  plan(command: Command, files: readonly FileContent[]): Promise<Plan>;
  /** Whether what a run was to record is recorded. */
  holds(run: PlannedRun, files: readonly FileContent[]): boolean;
}

/** A migration tool whose migrations Skein runs: its version table, and how it goes through its files. */
export interface RunnableTool {
  /** The key of the advisory lock that runs of this tool take. */
  readonly lock: string;
  /** What is known of a database that has not been made yet. */
  readonly unmade: Standing;
  /** Asks the version table. Changes nothing. Rejects as the session does. */
  read(session: Session): Promise<Standing>;
  /** What to say of statements that do not keep to the transaction they run in. */
  readonly remarks: {
    /** One ended the transaction that it ran in. */
    readonly transactionEnded: string;
    /** One that ran for itself opened a transaction and left it open. */
    readonly transactionDropped: string;
  };
  /** By SQLSTATE, where the tool has an advice of its own. */
  readonly advice: Readonly<Record<string, string>>;
  /** What to say where the version table cannot be made; undefined: what the server says. */
  refusedTable(error: unknown): Error | undefined;
}
