import type {
  Capabilities,
  ConnectOptions,
  Database,
  Notice,
  Row,
  Session,
  TransactionStatus,
} from './session.ts';

/** A database that may stay open between the sessions on it. */
export interface KeptDatabase extends Database {
  /** Ends what stayed open; the next session opens it again. Not to be called under a session. Never rejects. */
  release(): Promise<void>;
}

/**
 * Keeps the session of a database open behind those it gives, one at a time, so that a command which looks first and
 * runs then starts the embedded PostgreSQL once. Each begins as a new one would: without settings, temporary tables,
 * prepared statements, an open transaction.
 */
export function keptOpen(database: Database): KeptDatabase {
  let kept: Session | undefined;
  let listener: ((notice: Notice) => void) | undefined;

  const open = async (options: ConnectOptions | undefined): Promise<Session> => {
    const session = await database.connect(options);
    session.onNotice((notice) => listener?.(notice));
    return session;
  };
  const giveBack = async (session: Session): Promise<void> => {
    listener = undefined;
    if (await isClean(session)) kept = session;
    else await session.close();
  };
  return {
    name: database.name,
    isMade: () => database.isMade(),
    connect: async (options) => {
      options?.signal?.throwIfAborted();
      const session = kept && !kept.lost ? kept : await open(options);
      kept = undefined;
      const onNotice = (next: (notice: Notice) => void) => {
        listener = next;
      };
      return new Borrowed(session, onNotice, () => giveBack(session));
    },
    release: async () => {
      const session = kept;
      kept = undefined;
      await session?.close();
    },
  };
}

/** A database that is opened anew for every session. */
export function openedAnew(database: Database): KeptDatabase {
  return { ...database, release: async () => undefined };
}

/** Whether a session could be made as good as new. */
async function isClean(session: Session): Promise<boolean> {
  if (session.lost) return false;
  try {
    if (session.transactionStatus !== 'idle') await session.run('ROLLBACK');
    await session.run('DISCARD ALL');
    return true;
  } catch {
    return false;
  }
}

/** A session that is given back when it is closed. */
class Borrowed implements Session {
  readonly onNotice: Session['onNotice'];
  private readonly session: Session;
  private readonly giveBack: () => Promise<void>;
  private closing: Promise<void> | undefined;

  constructor(session: Session, onNotice: Session['onNotice'], giveBack: () => Promise<void>) {
    this.session = session;
    this.onNotice = onNotice;
    this.giveBack = giveBack;
  }

  get capabilities(): Capabilities {
    return this.session.capabilities;
  }

  get transactionStatus(): TransactionStatus {
    return this.session.transactionStatus;
  }

  get lost(): boolean {
    return this.session.lost;
  }

  run(text: string): Promise<readonly string[]> {
    return this.session.run(text);
  }

  query(text: string, values?: readonly string[]): Promise<readonly Row[]> {
    return this.session.query(text, values);
  }

  cancel(): Promise<void> {
    return this.session.cancel();
  }

  close(): Promise<void> {
    this.closing ??= this.giveBack();
    return this.closing;
  }
}
