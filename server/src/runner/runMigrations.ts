import {
  ConnectionFailed,
  ConnectionLost,
  type Database,
  ServerError,
  type Session,
} from '../database/session.ts';
import type { Environment } from '../migrations/formats/gooseEnvsub.ts';
import type { GooseStatement } from '../migrations/formats/gooseLines.ts';
import type { FileContent, ToolId } from '../migrations/migration.ts';
import { type LockPatience, releaseLock, takeLock, usualPatience } from './gooseLock.ts';
import { refuseOtherTools } from './otherTools.ts';
import { pause } from './pause.ts';
import { type Barrier, type Command, type Plan, type PlannedRun, planRun, samePlan } from './plan.ts';
import type { FinishedFile, RunEvent } from './runEvent.ts';
import { type FileProgress, fileFailure, type RunFailure } from './runFailure.ts';
import { RunRefused } from './runRefused.ts';
import { type MigrationStatus, statusOf } from './status.ts';
import { GooseVersionTable, isRecorded, type VersionRow } from './tracking/gooseVersionTable.ts';

/** Everything that a run needs from outside. */
export interface RunInputs {
  readonly database: Database;
  /** The tool whose migrations these are. */
  readonly tool: ToolId;
  /** All files of the migration folder, as they are on disk. */
  readonly files: readonly FileContent[];
  /** For ENVSUB: the process's variables over those of `.env`. */
  readonly environment: Environment;
  /** goose's version table: GOOSE_TABLE, else defaultGooseTable. */
  readonly table: string;
  /** Ends the run: between statements, and inside them. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

export interface RunOptions extends RunInputs {
  readonly command: Command;
  /** The plan that a person has agreed to: when another one would run by now, none does. */
  readonly agreed?: Plan;
  readonly lockPatience?: LockPatience;
  /** How long to look for a database that was lost with a COMMIT unanswered. */
  readonly reconnectPatience?: LockPatience;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** How a run ended. Whatever it says, the database is one that goose would agree with, and another run can go on. */
export interface RunReport {
  /** `stopped`: in front of a barrier. */
  readonly outcome: 'done' | 'stopped' | 'failed' | 'cancelled';
  readonly plan: Plan;
  /** Run and recorded, in this order. */
  readonly finished: readonly FinishedFile[];
  readonly failure?: RunFailure;
  readonly barrier?: Barrier;
}

/** Half a minute: a server that was restarted is back by then. */
const usualReconnectPatience: LockPatience = { total: 30_000, between: 500 };

/**
 * Where a database stands. Changes nothing, takes no lock. Rejects with ConnectionFailed, ConnectionLost, ServerError
 * (explainError puts them into words) or RunRefused.
 */
export async function readStatus(inputs: RunInputs): Promise<MigrationStatus> {
  return await looking(inputs, (rows) => statusOf(inputs.files, rows));
}

/** The rows of the version table; undefined where there is none. Changes nothing, takes no lock. Rejects as readStatus does. */
export async function readVersions(inputs: RunInputs): Promise<readonly VersionRow[] | undefined> {
  return await looking(inputs, (rows) => rows);
}

/** What a command would run now. Changes nothing, takes no lock. Rejects as readStatus does. */
export async function previewRun(inputs: RunInputs, command: Command): Promise<Plan> {
  return await looking(inputs, (rows) => planRun(command, inputs.files, rows, inputs.environment));
}

async function looking<T>(
  { database, tool, table, signal, onEvent }: RunInputs,
  look: (rows: Awaited<ReturnType<GooseVersionTable['read']>>) => T,
): Promise<T> {
  refuseOtherTools(tool);
  if (!database.isMade()) return look(undefined);
  const versions = new GooseVersionTable(table);
  const onProgress = (sentence: string) => onEvent?.({ kind: 'waiting', sentence });
  const session = await database.connect({ signal, onProgress });
  const stop = () => void session.cancel();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return look(await versions.read(session));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await session.close();
  }
}

/**
 * Runs a command: plans it under goose's lock, then runs file after file as goose would. Rejects as readStatus does when
 * it could not begin, and with the signal's reason when it is aborted before the first file; after that it resolves.
 */
export async function runMigrations(options: RunOptions): Promise<RunReport> {
  return await new Run(options).run();
}

/** The session of a run, and what becomes of it when it is cancelled or lost. */
class Run {
  private readonly options: RunOptions;
  private readonly versions: GooseVersionTable;
  private session: Session | undefined;
  private cancelling: Promise<void> | undefined;
  private readonly finished: FinishedFile[] = [];
  /** The file whose notices come in. */
  private path = '';

  constructor(options: RunOptions) {
    refuseOtherTools(options.tool);
    this.options = options;
    this.versions = new GooseVersionTable(options.table);
  }

  async run(): Promise<RunReport> {
    const { signal } = this.options;
    const stop = () => {
      this.cancelling = this.session?.cancel();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const plan = await this.begin();
      return await this.runAll(plan);
    } finally {
      signal?.removeEventListener('abort', stop);
      await this.end();
    }
  }

  /** Connects, takes the lock, plans, and makes the version table where there is none, as every command of goose does. */
  private async begin(): Promise<Plan> {
    const { command, files, environment, agreed, signal } = this.options;
    try {
      const session = await this.connect(signal);
      await this.lock(session, signal);
      const rows = await this.versions.read(session);
      const plan = planRun(command, files, rows, environment);
      if (agreed && !samePlan(agreed, plan)) throw changedMeanwhile();
      this.tell({ kind: 'planned', plan });
      if (plan.makesVersionTable) await this.versions.create(session);
      return plan;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  private async runAll(plan: Plan): Promise<RunReport> {
    const { signal } = this.options;
    for (const [i, run] of plan.runs.entries()) {
      if (signal?.aborted) return { outcome: 'cancelled', plan, finished: this.finished };
      this.path = run.path;
      const { path, direction } = run;
      this.tell({ kind: 'file', path, direction, index: i + 1, count: plan.runs.length });
      const ended = await this.runFile(run);
      if (ended !== 'recorded') return { ...ended, plan, finished: this.finished };
    }
    const { barrier } = plan;
    return { outcome: barrier ? 'stopped' : 'done', plan, finished: this.finished, barrier };
  }

  private async runFile(run: PlannedRun): Promise<'recorded' | Pick<RunReport, 'outcome' | 'failure'>> {
    const start = this.options.now();
    const progress: FileProgress = { statement: undefined, done: 0, escaped: false, recording: false };
    try {
      if (run.script.useTransaction) await this.inTransaction(run, progress);
      else await this.oneByOne(run, progress);
    } catch (error) {
      const ended = await this.afterError(error, run, progress);
      if (ended !== 'recorded') return ended;
    }
    const { path, version, direction, script } = run;
    const duration = this.options.now() - start;
    const file = { path, version, direction, statements: script.statements.length, duration };
    this.finished.push(file);
    this.tell({ kind: 'finished', file });
    return 'recorded';
  }

  /** As goose: one transaction for the file and its version. */
  private async inTransaction(run: PlannedRun, progress: FileProgress): Promise<void> {
    const session = this.connected();
    await session.run('BEGIN');
    await this.statements(run, progress, async (statement) => {
      if (session.transactionStatus === 'idle') this.transactionEnded(run, statement, progress);
    });
    progress.recording = true;
    await session.run(this.versions.record(run.direction, run.version));
    const [tag] = await session.run('COMMIT');
    // That is how the server answers when the transaction had failed before.
    if (tag === 'ROLLBACK') throw rolledBack();
  }

  /** A COMMIT or ROLLBACK of the file's own. goose sends the rest all the same, each statement for itself. */
  private transactionEnded({ path }: PlannedRun, { span }: GooseStatement, progress: FileProgress): void {
    if (progress.escaped) return;
    progress.escaped = true;
    const sentence =
      'This statement ends the transaction that goose has opened: what follows in the file is committed statement by statement';
    this.tell({ kind: 'remark', path, span, sentence });
  }

  /** As goose with NO TRANSACTION: every statement for itself, the version last. */
  private async oneByOne(run: PlannedRun, progress: FileProgress): Promise<void> {
    await this.statements(run, progress, (statement) => this.dropTransaction(run, statement));
    progress.recording = true;
    await this.connected().run(this.versions.record(run.direction, run.version));
  }

  private async statements(
    { path, script }: PlannedRun,
    progress: FileProgress,
    after: (statement: GooseStatement) => Promise<void>,
  ): Promise<void> {
    const count = script.statements.length;
    for (const [i, statement] of script.statements.entries()) {
      this.checkCancelled();
      progress.statement = statement;
      this.tell({ kind: 'statement', path, span: statement.span, index: i + 1, count });
      await this.connected().run(statement.text);
      await after(statement);
      progress.done++;
    }
    this.checkCancelled();
    progress.statement = undefined;
  }

  /**
   * goose sends each statement of a NO TRANSACTION file over a connection from a pool, and the pool throws a connection
   * away whose transaction is still open (pgx v5, stdlib, ResetSession): a BEGIN of its own comes to nothing.
   */
  private async dropTransaction({ path }: PlannedRun, { span }: GooseStatement): Promise<void> {
    const session = this.connected();
    if (session.transactionStatus === 'idle') return;
    this.tell({
      kind: 'remark',
      path,
      span,
      sentence:
        'The transaction that this statement opens is rolled back before the next one: goose sends the statements of a NO TRANSACTION file one by one, each to a connection without a transaction',
    });
    await session.run('ROLLBACK');
    // A new connection has no settings, no temporary tables and no locks of the old one.
    await session.run('DISCARD ALL');
    await this.lock(session, this.options.signal);
  }

  /** What has become of a file whose run ended in an error: perhaps it is recorded all the same. */
  private async afterError(
    error: unknown,
    run: PlannedRun,
    progress: FileProgress,
  ): Promise<'recorded' | Pick<RunReport, 'outcome' | 'failure'>> {
    await this.cancelling;
    const session = this.session;
    if (session && !session.lost) {
      // The connection may be gone by now; then the server does it.
      await rollBack(session).catch(() => undefined);
      return this.wasCancelled(error) ? { outcome: 'cancelled' } : this.failed(error, run, progress);
    }
    if (progress.recording) {
      const recorded = await this.askWhetherRecorded(run);
      if (recorded === 'yes') return 'recorded';
      if (recorded === 'unknown') return this.unanswered(error, run, progress);
    }
    return this.wasCancelled(error) ? { outcome: 'cancelled' } : this.failed(error, run, progress);
  }

  /**
   * The connection was lost while the version was being recorded. Holding the lock again proves that the old session is
   * gone, and with it whatever it may still have been committing.
   */
  private async askWhetherRecorded(run: PlannedRun): Promise<'yes' | 'no' | 'unknown'> {
    const patience = this.options.reconnectPatience ?? usualReconnectPatience;
    for (let waited = 0; waited <= patience.total; waited += patience.between) {
      try {
        await this.session?.close();
        const session = await this.connect(undefined);
        await this.lock(session, undefined);
        const rows = await this.versions.read(session);
        return isRecorded(rows ?? [], run.version) === (run.direction === 'up') ? 'yes' : 'no';
      } catch (error) {
        if (!(error instanceof ConnectionFailed || error instanceof ConnectionLost)) return 'unknown';
        await pause(patience.between);
      }
    }
    return 'unknown';
  }

  private unanswered(
    error: unknown,
    run: PlannedRun,
    progress: FileProgress,
  ): Pick<RunReport, 'outcome' | 'failure'> {
    const { failure } = this.failed(error, run, progress);
    const advice =
      'Look at the status when the database can be reached again: it says whether the file was applied.';
    return { outcome: 'failed', failure: failure && { ...failure, advice, left: 'unknown' } };
  }

  private failed(
    error: unknown,
    run: PlannedRun,
    progress: FileProgress,
  ): Pick<RunReport, 'outcome' | 'failure'> {
    const { database, environment } = this.options;
    if (error instanceof RunRefused) {
      const { path, version, direction } = run;
      const { message: title, advice } = error;
      return {
        outcome: 'failed',
        failure: { title, advice, path, version, direction, left: 'statements-before' },
      };
    }
    const failure = fileFailure(error, run, progress, database.name, environment);
    return { outcome: 'failed', failure };
  }

  /** A statement that failed for a reason of its own has failed, also when someone wanted it ended. */
  private wasCancelled(error: unknown): boolean {
    if (!this.options.signal?.aborted) return false;
    return !(error instanceof ServerError) || error.code === queryCanceled;
  }

  private checkCancelled(): void {
    this.options.signal?.throwIfAborted();
  }

  private async connect(signal: AbortSignal | undefined): Promise<Session> {
    const session = await this.options.database.connect({
      signal,
      onProgress: (sentence) => this.tell({ kind: 'waiting', sentence }),
    });
    session.onNotice((notice) => this.tell({ kind: 'notice', path: this.path, notice }));
    this.session = session;
    return session;
  }

  private async lock(session: Session, signal: AbortSignal | undefined): Promise<void> {
    // Nobody else can be connected to the embedded database.
    if (!session.capabilities.secondSession) return;
    const patience = this.options.lockPatience ?? usualPatience;
    await takeLock(session, patience, signal, (sentence) => this.tell({ kind: 'waiting', sentence }));
  }

  private async end(): Promise<void> {
    const session = this.session;
    if (!session) return;
    if (!session.lost && session.capabilities.secondSession) {
      // The end of the session would release it too, a moment later.
      await releaseLock(session).catch(() => undefined);
    }
    await session.close();
  }

  private connected(): Session {
    if (this.session === undefined) throw new Error('not connected');
    return this.session;
  }

  private tell(event: RunEvent): void {
    this.options.onEvent?.(event);
  }
}

const queryCanceled = '57014';

/** Ends what a file left open. Whether it did, the server says with its answer to the next text, even to an empty one. */
async function rollBack(session: Session): Promise<void> {
  await session.run('');
  if (session.transactionStatus !== 'idle') await session.run('ROLLBACK');
}

function rolledBack(): ServerError {
  const message = 'the transaction was rolled back instead of committed';
  return new ServerError({ code: '25P02', severity: 'ERROR', message });
}

function changedMeanwhile(): RunRefused {
  return new RunRefused(
    'changed',
    'the files or the database have changed since the plan was shown',
    'Look at the new plan, then run it.',
  );
}
