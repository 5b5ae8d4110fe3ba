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
  /** How many findings are not shown because the file is history: nobody will change it any more. */
  readonly hidden?: number;
  /** Other files of the folder are still being read: findings that need them are yet to come. */
  readonly loading: boolean;
}

/** What the client tells the server when it starts it. */
export interface InitializationOptions {
  /** False in a workspace that its owner does not trust: then nothing is run there, not even git. */
  readonly trusted?: boolean;
}

/** To the server: the person has come to trust the workspace. */
export type TrustGrantedMethod = 'skein/trustGranted';

/** A command of the server: shows what history hides in all files, or hides it again. */
export type ShowHistoryFindingsCommand = 'skein.showHistoryFindings';
