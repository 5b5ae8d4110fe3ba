import type { DatabaseName } from './databaseName.ts';

/** A database that sessions can be opened on. */
export interface Database {
  readonly name: DatabaseName;
  /** False of an embedded database before its first run: there is nothing in it, and to look would make it. */
  isMade(): boolean;
  /**
   * Opens a session. Rejects with ConnectionFailed; when the signal is aborted, with its reason.
   */
  connect(options?: ConnectOptions): Promise<Session>;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** What takes its time meanwhile, as a sentence without its full stop. */
  readonly onProgress?: (sentence: string) => void;
}

/** What a session can and cannot do. */
export interface Capabilities {
  /** Whether others can be connected at the same time: only then is there anything to lock out or to wait for. */
  readonly secondSession: boolean;
  /** Whether lock_timeout and statement_timeout are obeyed. */
  readonly timeouts: boolean;
  /** `server_version_num`: 150018 is 15.18. */
  readonly version: number;
}

/** A row by its column names, every value as the server writes it. */
export type Row = Readonly<Record<string, string | null>>;

export type TransactionStatus = 'idle' | 'open' | 'failed';

/** One connection to a PostgreSQL. Texts are sent one at a time, each when the one before it has been answered. */
export interface Session {
  readonly capabilities: Capabilities;
  /** After the last text that succeeded. */
  readonly transactionStatus: TransactionStatus;
  /** Whether the connection is gone. Then everything rejects with ConnectionLost. */
  readonly lost: boolean;

  /**
   * Sends a text as one simple query, which may hold any number of statements, and drops the rows it gives.
   * Gives the command tags ("CREATE", "ROLLBACK" …). Rejects with ServerError or ConnectionLost. Waits for as long as
   * the server takes.
   */
  run(text: string): Promise<readonly string[]>;

  /** Sends one statement and gives its rows. Rejects as `run` does. */
  query(text: string, values?: readonly string[]): Promise<readonly Row[]>;

  /**
   * Ends what is running, so that its promise rejects: on a server by pg_cancel_backend, in the embedded database (which
   * cannot be interrupted) by ending the session. Resolves when no later statement can be hit any more.
   */
  cancel(): Promise<void>;

  /** Messages of the server that are no errors. */
  onNotice(listener: (notice: Notice) => void): void;

  /** Ends the session; never rejects. */
  close(): Promise<void>;
}

export interface Notice {
  readonly severity: string;
  readonly message: string;
}

/** The fields of a server's error message that help a person. */
export interface ServerErrorFields {
  /** SQLSTATE. */
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The context: function and line, for what runs inside another statement. */
  readonly where?: string;
  /** Counted from 1, in code points of the text that was sent. */
  readonly position?: number;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** The server refused a statement. */
export class ServerError extends Error {
  readonly fields: ServerErrorFields;

  constructor(fields: ServerErrorFields) {
    super(fields.message);
    this.fields = fields;
  }

  get code(): string {
    return this.fields.code;
  }
}

/** The connection ended before the answer came: whether the last text was executed is not known. */
export class ConnectionLost extends Error {
  /** What the server said before it closed the connection. */
  readonly farewell: ServerError | undefined;

  constructor(message: string, farewell?: ServerError) {
    super(message);
    this.farewell = farewell;
  }
}

/** Why no session could be opened. */
export class ConnectionFailed extends Error {
  readonly reason: ConnectionFailure;
  /** The server's refusal, if it was one. */
  readonly server: ServerError | undefined;

  constructor(reason: ConnectionFailure, message: string, server?: ServerError) {
    super(message);
    this.reason = reason;
    this.server = server;
  }
}

export type ConnectionFailure =
  | 'refused'
  | 'unknown-host'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  /** Nobody whom this machine, or sslrootcert, trusts has signed the server's certificate. */
  | 'untrusted-certificate'
  /** The server's certificate is for another host. */
  | 'certificate-name'
  /** A file that the connection string names cannot be read. */
  | 'certificate-file'
  | 'no-password'
  /** The server said no: SQLSTATE tells why. */
  | 'server'
  /** Another process has the embedded database open. */
  | 'in-use'
  | 'embedded';
