import { randomUUID } from 'node:crypto';
import { type Client, DatabaseError, Query } from 'pg';
import {
  type Capabilities,
  ConnectionLost,
  type Notice,
  type Row,
  ServerError,
  type Session,
  type TransactionStatus,
} from './session.ts';

/** What differs between a server and the embedded PostgreSQL. */
export interface SessionKind {
  readonly secondSession: boolean;
  readonly timeouts: boolean;
  /**
   * Whether a success must be proved: after some statements PGlite reports success without having done anything, or
   * nothing at all from then on (spec, embedded-postgres.md section 3).
   */
  readonly doubtful: boolean;
  /** Ends what the backend with this process id is running. */
  readonly cancel: (backend: string) => Promise<void>;
  /** Frees what the session holds, after its end. Never rejects. */
  readonly release: () => Promise<void>;
}

/** How long a doubtful backend may take for a constant, in milliseconds. Nothing of the user's runs meanwhile. */
const proofTimeout = 20_000;

/** Every value as the server writes it. */
const asWritten = { getTypeParser: () => String };

const statuses: Readonly<Record<string, TransactionStatus>> = { I: 'idle', T: 'open', E: 'failed' };

/** Takes over a connected client. Rejects as `query` does. */
export async function sessionOf(client: Client, kind: SessionKind): Promise<Session> {
  const session = new PgSession(client, kind);
  await session.open();
  return session;
}

class PgSession implements Session {
  capabilities: Capabilities;
  private readonly client: Client;
  private readonly kind: SessionKind;
  private backend = '';
  private ended = false;
  private farewell: ServerError | undefined;
  private closing: Promise<void> | undefined;

  constructor(client: Client, kind: SessionKind) {
    this.client = client;
    this.kind = kind;
    this.capabilities = { secondSession: kind.secondSession, timeouts: kind.timeouts, version: 0 };
    // Without a listener the end of an idle connection would end the process.
    client.on('error', (error) => {
      if (error instanceof DatabaseError) this.farewell = serverError(error);
      this.ended = true;
    });
    client.on('end', () => {
      this.ended = true;
    });
  }

  async open(): Promise<void> {
    const [row] = await this.query(
      "SELECT pg_backend_pid() AS pid, current_setting('server_version_num') AS version",
    );
    this.backend = row?.pid ?? '';
    this.capabilities = { ...this.capabilities, version: Number(row?.version) };
  }

  get lost(): boolean {
    return this.ended;
  }

  get transactionStatus(): TransactionStatus {
    return statuses[this.client.getTransactionStatus() ?? 'I'] ?? 'idle';
  }

  async run(text: string): Promise<readonly string[]> {
    const tags = await this.attempt(() => this.send(text));
    if (this.kind.doubtful) await this.prove();
    return tags;
  }

  query(text: string, values: readonly string[] = []): Promise<readonly Row[]> {
    return this.attempt(async () => {
      const result = await this.client.query({
        text,
        values: [...values],
        types: asWritten,
      });
      return result.rows;
    });
  }

  async cancel(): Promise<void> {
    if (!this.ended) await this.kind.cancel(this.backend);
  }

  onNotice(listener: (notice: Notice) => void): void {
    this.client.on('notice', ({ severity, message }) =>
      listener({ severity: severity ?? 'NOTICE', message: message ?? '' }),
    );
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    // An answer that is not needed any more is not waited for.
    await Promise.race([this.client.end().catch(() => undefined), gone(this.client)]);
    this.ended = true;
    await this.kind.release();
  }

  /** A row listener keeps the client from collecting rows that nobody wants. */
  private send(text: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const query = this.client.query(new Query({ text, types: asWritten }));
      query.on('row', () => undefined);
      query.on('error', reject);
      query.on('end', (results: unknown) => {
        const list = Array.isArray(results) ? results : [results];
        resolve(list.map((result: { command: string | null }) => result.command ?? ''));
      });
    });
  }

  private async prove(): Promise<void> {
    const proof = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, proofTimeout, undefined);
    });
    try {
      const rows = await Promise.race([this.query('SELECT $1::text AS proof', [proof]), late]);
      if (rows?.[0]?.proof === proof) return;
    } catch {
      // No proof either.
    } finally {
      clearTimeout(timer);
    }
    await this.kind.cancel(this.backend);
    this.ended = true;
    throw new ConnectionLost('the embedded PostgreSQL stopped working after this statement');
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    if (this.ended) throw new ConnectionLost(lostMessage, this.farewell);
    try {
      return await work();
    } catch (error) {
      if (error instanceof DatabaseError && !isFarewell(error)) throw serverError(error);
      const farewell = error instanceof DatabaseError ? serverError(error) : this.farewell;
      // After a fatal error the server closes the connection; nothing more can be asked on it.
      this.ended = true;
      throw new ConnectionLost(
        farewell?.message ?? (error instanceof Error ? error.message : lostMessage),
        farewell,
      );
    }
  }
}

const lostMessage = 'the connection to the database was lost';

/** After these the server closes the connection. Their severity may come in the server's own language. */
function isFarewell({ severity, code }: DatabaseError): boolean {
  return severity === 'FATAL' || severity === 'PANIC' || /^(57P0[1-5]|08...)$/.test(code ?? '');
}

export function serverError(error: DatabaseError): ServerError {
  const { code, severity, message, detail, hint, where, position, table, column, constraint } = error;
  return new ServerError({
    code: code ?? '',
    severity: severity ?? 'ERROR',
    message,
    detail,
    hint,
    where,
    position: position === undefined ? undefined : Number(position),
    table,
    column,
    constraint,
  });
}

/** Resolves at the end of the connection, and at the latest after a second: a peer that is gone never says goodbye. */
function gone(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000);
    client.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
