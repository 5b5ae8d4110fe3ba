/**
 * What Skein's server and its client in VS Code say to each other beyond the Language Server Protocol. Types only:
 * the client's bundle takes nothing from the server.
 */

import type { Position, WorkspaceEdit } from 'vscode-languageserver/node';

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
  /** The client has AnswerCommand. */
  readonly asks?: boolean;
}

/** A command of the client: asks what a column of old rows is to hold, and makes the edit. Its argument is an AskedValue. */
export type AnswerCommand = 'skein.answer';

/** A fix that wants an answer: where its finding is, and what to ask. */
export interface AskedValue {
  readonly uri: string;
  readonly rule: string;
  /** Where the finding starts. */
  readonly position: Position;
  readonly title: string;
  readonly prompt: string;
}

/** Asks for what comes of an answer, a SQL expression. The answer is Answered. */
export type AnswerMethod = 'skein/answer';

export interface AnswerParams extends Pick<AskedValue, 'uri' | 'rule' | 'position'> {
  readonly expression: string;
}

/** The edit, or why there is none: one sentence. */
export type Answered = { readonly edit: WorkspaceEdit } | { readonly problem: string };

/** To the server: the person has come to trust the workspace. */
export type TrustGrantedMethod = 'skein/trustGranted';

/** A command (workspace/executeCommand) of the server: shows what history hides in all files, or hides it again. */
export type ShowHistoryFindingsCommand = 'skein.showHistoryFindings';

/**
 * To the server, at its start and whenever they change: a person's own settings. They hold connection strings and
 * passwords, so this message is kept out of the trace.
 */
export type SettingsMethod = 'skein/settings';

export interface SettingsParams {
  /** What is set for each workspace folder. */
  readonly folders: readonly FolderSettings[];
  /** Passwords by the name of their database, as the server spells it. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Whether actions are shown over the sections of migrations. */
  readonly codeLens: boolean;
}

/** A person's settings for one workspace folder; absent where they are not set. */
export interface FolderSettings {
  readonly uri: string;
  /** skein.database. */
  readonly database?: string;
  /** skein.alembic: who runs revisions of alembic. `auto` where it is absent. */
  readonly alembic?: AlembicRunner;
  /** skein.python. */
  readonly python?: string;
  /** The interpreter that the Python extension has selected. */
  readonly selectedPython?: string;
}

/** `auto`: the project's alembic where there is one and no database is set for Skein, else Skein. */
export type AlembicRunner = 'auto' | 'alembic' | 'skein';

/** From the server: what MigrationsMethod would answer may be something else now. */
export type MigrationsChangedMethod = 'skein/migrationsChanged';

/**
 * Asks for all migration folders of the workspace. With `read` their databases are asked, else they are as last known.
 * The answer is FolderMigrations[].
 */
export type MigrationsMethod = 'skein/migrations';

export interface MigrationsParams {
  readonly read: boolean;
  /** Only the database of this folder is asked. */
  readonly only?: string;
}

export interface FolderMigrations {
  /** URI of the folder. */
  readonly folder: string;
  /** Its path from the workspace folder it is in, that one's name first. */
  readonly name: string;
  readonly tool: string;
  readonly database?: DatabaseLabel;
  /** Why the database does not say how the migrations stand. */
  readonly problem?: Refusal;
  /** Whether the database has been asked, so that states are known. */
  readonly known: boolean;
  /** In the order in which they are applied. */
  readonly migrations: readonly MigrationState[];
  /** Applied versions that no file of the folder has. */
  readonly withoutFile: readonly { readonly version: string; readonly appliedAt?: string }[];
}

export interface DatabaseLabel {
  /** For people; without the password. */
  readonly name: string;
  /** Why this one, in words that follow the name. */
  readonly reason: string;
  readonly embedded: boolean;
}

export interface MigrationState {
  readonly uri: string;
  /** The name of the file. */
  readonly name: string;
  readonly version: string;
  /** `missing`: not applied, though a later one is. `failed`: not applied, and the last attempt ended in an error. */
  readonly state: 'unknown' | 'applied' | 'pending' | 'missing' | 'failed';
  readonly appliedAt?: string;
  /** What there is to say about the state, in one sentence. */
  readonly note?: string;
}

/** Why something was not done, and nothing changed. */
export interface Refusal {
  readonly message: string;
  /** What to do, in one sentence. */
  readonly advice: string;
  readonly place?: Place;
  /** The database whose password is missing, or is not the one that was given. */
  readonly needsPassword?: string;
}

export interface Place {
  readonly uri: string;
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
}

/** What a person wants done; versions are written in decimal. */
export type RunCommand =
  | { readonly kind: 'up'; readonly to?: string; readonly onlyNext?: boolean }
  | { readonly kind: 'down'; readonly to?: string }
  | { readonly kind: 'redo' }
  /** alembic: records revisions without running them. */
  | { readonly kind: 'stamp'; readonly to: readonly string[]; readonly purge?: boolean };

/**
 * Asks what a command would run. Nothing is changed. The answer is RunPlan or Refused; null when the request was
 * cancelled. The embedded database stays open until the plan is run or dismissed, or something else is asked of it.
 */
export type PlanMethod = 'skein/plan';

export interface PlanParams {
  readonly folder: string;
  readonly command: RunCommand;
}

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

export interface RunPlan {
  readonly kind: 'plan';
  /** To be handed back by RunParams: what is run is what was shown. */
  readonly id: number;
  readonly database: DatabaseLabel;
  /** What has to be typed before anything is run, if it has: the name of a protected database. */
  readonly typed?: string;
  readonly runs: readonly PlannedFile[];
  /** What a person should know before, one sentence each. */
  readonly notes?: readonly string[];
  /** Nothing is run: revisions are recorded only. */
  readonly stamps?: boolean;
  /** Why the run ends there, before all that was asked for. */
  readonly barrier?: string;
}

export interface PlannedFile {
  readonly uri: string;
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** Undefined where alembic itself runs the file. */
  readonly statements?: number;
}

/** Asks for the SQL that a command would send. The answer is Sql or Refused. */
export type SqlMethod = 'skein/sql';

export interface Sql {
  readonly kind: 'sql';
  readonly text: string;
}

/** Asks for the files of a revision that merges all heads. The answer is NewFile[] or Refused. */
export type MergeHeadsMethod = 'skein/mergeHeads';

/** To the server: the plan of these RunParams will not be run. */
export type DismissMethod = 'skein/dismissPlan';

/** Runs what was planned; to cancel the request is to cancel the run. The answer is RunResult or Refused. */
export type RunMethod = 'skein/run';

export interface RunParams {
  readonly plan: number;
}

export interface RunResult {
  readonly kind: 'ended';
  /** `stopped`: in front of a barrier. */
  readonly outcome: 'done' | 'stopped' | 'failed' | 'cancelled';
  /** How many files were run and recorded. */
  readonly finished: number;
  readonly barrier?: string;
  readonly failure?: {
    readonly message: string;
    readonly advice: string;
    /** Name of the file. */
    readonly file?: string;
    readonly place?: Place;
  };
}

/** From the server, during a run: what is going on, for a progress notification. */
export type RunProgressMethod = 'skein/runProgress';

export interface RunProgressParams {
  readonly text: string;
  /** Files done, and how many there are. */
  readonly done: number;
  readonly count: number;
}

/** Deletes the embedded database of a folder. The answer is Refused, or null when that is done. */
export type ResetMethod = 'skein/resetDatabase';

export interface FolderParams {
  readonly folder: string;
}

/** Asks for the files of a new migration, which the client makes. The answer is NewFile[] or Refused. */
export type NewMigrationMethod = 'skein/newMigration';

export interface NewMigrationParams {
  readonly folder: string;
  readonly name: string;
}

export interface NewFile {
  readonly uri: string;
  readonly text: string;
}

/** The one argument of a command that a code lens carries. */
export interface LensTarget extends FolderParams {
  readonly version: string;
}

/** Commands of the client that code lenses carry. */
export type LensCommand = 'skein.applyUpTo' | 'skein.rollBackTo' | 'skein.rollBackLast' | 'skein.showStatus';
