/**
 * What Skein's server and its client in VS Code say to each other beyond the Language Server Protocol. Types only:
 * the client's bundle takes nothing from the server.
 */

/** From the server, after the diagnostics of a document were worked out: what a status bar shows of it. */
export type StatusMethod = 'skein/status';

export interface StatusParams {
  readonly uri: string;
  readonly errors: number;
  readonly warnings: number;
  /** The migration tool the document's folder belongs to. Absent, as `folder`, when the document is no migration. */
  readonly tool?: string;
  /** URI of the migration folder. */
  readonly folder?: string;
  /** Other files of the folder are still being read: findings that need them are yet to come. */
  readonly loading: boolean;
}
