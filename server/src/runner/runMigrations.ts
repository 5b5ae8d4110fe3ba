import {
  ConnectionFailed,
  ConnectionLost,
  type Database,
  ServerError,
  type Session,
} from '../database/session.ts';
import type { FileContent } from '../migrations/migration.ts';
import type { AlembicProgram } from './alembicProgram.ts';
import { pause } from './pause.ts';
import { type Command, type Plan, type PlannedRun, type PlannedStatement, samePlan } from './plan.ts';
import type { FinishedFile, RunEvent } from './runEvent.ts';
import { type FileProgress, fileFailure } from './runFailure.ts';
import { type LockPatience, releaseLock, takeLock, usualPatience } from './runLock.ts';
import type { RunnableTool, Standing } from './runnableTool.ts';
import { RunRefused } from './runRefused.ts';
import type { RunReport } from './runReport.ts';
import type { MigrationStatus } from './status.ts';

/** Everything that a run needs from outside. */
export interface RunInputs {
  readonly database: Database;
  /** The tool whose migrations these are; or why they are not run. */
  readonly tool: RunnableTool | RunRefused;
  /** Runs them instead, on its own database. */
  readonly program?: AlembicProgram;
  /** All files of the migration folder, as they are on disk. */
  readonly files: readonly FileContent[];
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

/** Half a minute: a server that was restarted is back by then. */
const usualReconnectPatience: LockPatience = { total: 30_000, between: 500 };

/**
 * Where a database stands. Changes nothing, takes no lock. Rejects with ConnectionFailed, ConnectionLost, ServerError
 * (explainError puts them into words) or RunRefused.
 */
export async function readStatus(inputs: RunInputs): Promise<MigrationStatus> {
  return (await readStanding(inputs)).status(inputs.files);
}

/** What a command would run now. Changes nothing, takes no lock. Rejects as readStatus does. */
export async function previewRun(inputs: RunInputs, command: Command): Promise<Plan> {
  if (inputs.program) return inputs.program.plan(command, inputs);
  return (await readStanding(inputs)).plan(command, inputs.files);
}

/** What the version table says. Changes nothing, takes no lock. Rejects as readStatus does. */
export async function readStanding(inputs: RunInputs): Promise<Standing> {
  const { database, tool, program, signal, onEvent } = inputs;
  if (program) return program.standing(inputs);
  if (tool instanceof RunRefused) throw tool;
  if (!database.isMade()) return tool.unmade;
  const onProgress = (sentence: string) => onEvent?.({ kind: 'waiting', sentence });
  const session = await database.connect({ signal, onProgress });
  const stop = () => void session.cancel();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await tool.read(session);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await session.close();
  }
}

/**
 * Runs a command: plans it under the tool's lock, then runs file after file as the tool would. Rejects as readStatus
 * does when it could not begin, and with the signal's reason when it is aborted before the first file; after that it
 * resolves.
 */
export async function runMigrations(options: RunOptions): Promise<RunReport> {
  const { tool, program, command, agreed, now } = options;
  if (program) return await program.run(command, agreed, options, now);
  if (tool instanceof RunRefused) throw tool;
  return await new Run(options, tool).run();
}

/** A file that has been run and recorded, in a transaction that may still be open. */
interface Done {
  readonly run: PlannedRun;
  readonly file: FinishedFile;
}

type Ended = Pick<RunReport, 'outcome' | 'failure'>;

/** The session of a run, and what becomes of it when it is cancelled or lost. */
class Run {
  private readonly options: RunOptions;
  private readonly tool: RunnableTool;
  private session: Session | undefined;
  private cancelling: Promise<void> | undefined;
  private readonly finished: FinishedFile[] = [];
  /** Whether a transaction has been begun and not ended by us. */
  private open = false;
  /** Whether a statement has ended it instead. */
  private escaped = false;
  private uncommitted: Done[] = [];
  /** What a text was to commit that has been sent and not been answered. */
  private inDoubt: PlannedRun | undefined;
  /** The file whose notices come in. */
  private path = '';

  constructor(options: RunOptions, tool: RunnableTool) {
    this.options = options;
    this.tool = tool;
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

  /** Connects, takes the lock, plans, and makes the version table where there is none and it has a transaction of its own. */
  private async begin(): Promise<Plan> {
    const { command, files, agreed, signal } = this.options;
    try {
      const session = await this.connect(signal);
      await this.lock(session, signal);
      const plan = await (await this.tool.read(session)).plan(command, files);
      if (agreed && !samePlan(agreed, plan)) throw changedMeanwhile();
      this.tell({ kind: 'planned', plan });
      if (plan.transactions === 'each') await this.makeVersionTable(plan);
      return plan;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  private async makeVersionTable({ versionTable }: Plan): Promise<void> {
    if (versionTable.length === 0) return;
    const session = this.connected();
    await this.beginTransaction();
    try {
      for (const text of versionTable) await session.run(text);
      await this.commit();
    } catch (error) {
      if (!session.lost) await session.run('ROLLBACK');
      throw this.tool.refusedTable(error) ?? error;
    }
  }

  private async runAll(plan: Plan): Promise<RunReport> {
    const { signal } = this.options;
    if (plan.transactions === 'one') await this.makeVersionTableWithin(plan);
    for (const [i, run] of plan.runs.entries()) {
      if (signal?.aborted) {
        await this.rollBack();
        return { outcome: 'cancelled', plan, finished: this.finished };
      }
      this.path = run.path;
      const { path, direction } = run;
      this.tell({ kind: 'file', path, direction, index: i + 1, count: plan.runs.length });
      const commits = plan.transactions === 'each' || i === plan.runs.length - 1;
      const ended = await this.runFile(run, commits);
      if (ended !== 'recorded') return { ...ended, plan, finished: this.finished };
    }
    const { barrier } = plan;
    return { outcome: barrier ? 'stopped' : 'done', plan, finished: this.finished, barrier };
  }

  /** The version table as the first thing in the one transaction; with nothing else to run that ends here. */
  private async makeVersionTableWithin({ versionTable, runs }: Plan): Promise<void> {
    if (versionTable.length === 0) return;
    await this.beginTransaction();
    for (const text of versionTable) await this.connected().run(text);
    if (runs.length === 0) await this.commit();
  }

  private async runFile(run: PlannedRun, commits: boolean): Promise<'recorded' | Ended> {
    const start = this.options.now();
    const progress: FileProgress = { statement: undefined, done: 0, committed: false };
    try {
      await this.statements(run, progress);
      await this.record(run);
      const { path, version, direction, statements } = run;
      const duration = this.options.now() - start;
      const file = { path, version, direction, statements: statements.length, duration };
      this.uncommitted.push({ run, file });
      if (commits) await this.commit();
      else if (!this.open || this.escaped) this.settle();
      return 'recorded';
    } catch (error) {
      return await this.afterError(error, run, progress);
    }
  }

  private async statements(run: PlannedRun, progress: FileProgress): Promise<void> {
    const { path, statements } = run;
    const count = statements.length;
    for (const [i, statement] of statements.entries()) {
      this.checkCancelled();
      progress.statement = undefined;
      if (statement.autocommit) {
        await this.commit();
        progress.committed ||= progress.done > 0;
      } else await this.beginTransaction();
      progress.statement = statement;
      if (await this.isPassedOver(statement)) continue;
      this.tell({ kind: 'statement', path, span: statement.span, index: i + 1, count });
      await this.connected().run(statement.text);
      progress.done++;
      if (statement.autocommit) await this.dropTransaction(path, statement);
      else this.noticeEscape(path, statement);
      progress.committed ||= statement.autocommit || this.escaped;
    }
    this.checkCancelled();
    progress.statement = undefined;
  }

  private async isPassedOver({ condition }: PlannedStatement): Promise<boolean> {
    return condition !== undefined && (await this.connected().query(condition)).length === 0;
  }

  /** A COMMIT or ROLLBACK of the file's own. The tools send the rest all the same, each statement for itself. */
  private noticeEscape(path: string, { span }: PlannedStatement): void {
    if (this.escaped || this.connected().transactionStatus !== 'idle') return;
    this.escaped = true;
    this.settle();
    this.tell({ kind: 'remark', path, span, sentence: this.tool.remarks.transactionEnded });
  }

  /**
   * goose sends each statement of a NO TRANSACTION file over a connection from a pool, and the pool throws a connection
   * away whose transaction is still open (pgx v5, stdlib, ResetSession): a BEGIN of its own comes to nothing.
   */
  private async dropTransaction(path: string, { span }: PlannedStatement): Promise<void> {
    const session = this.connected();
    if (session.transactionStatus === 'idle') return;
    this.tell({ kind: 'remark', path, span, sentence: this.tool.remarks.transactionDropped });
    await session.run('ROLLBACK');
    // A new connection has no settings, no temporary tables and no locks of the old one.
    await session.run('DISCARD ALL');
    await this.lock(session, this.options.signal);
  }

  private async record(run: PlannedRun): Promise<void> {
    if (run.transactional) await this.beginTransaction();
    else this.inDoubt = run;
    await run.recording.send(this.connected());
  }

  private async beginTransaction(): Promise<void> {
    if (this.open) return;
    await this.connected().run('BEGIN');
    this.open = true;
    this.escaped = false;
  }

  /** Ends the transaction, if one was begun: what was done in it is done. */
  private async commit(): Promise<void> {
    if (this.open) {
      this.inDoubt = this.uncommitted.at(-1)?.run;
      const [tag] = await this.connected().run('COMMIT');
      // That is how the server answers when the transaction had failed before.
      if (tag === 'ROLLBACK') throw rolledBack();
      this.open = false;
    }
    this.settle();
  }

  /** What was run and recorded is committed. */
  private settle(): void {
    const done = this.uncommitted;
    this.uncommitted = [];
    this.inDoubt = undefined;
    for (const { file } of done) {
      this.finished.push(file);
      this.tell({ kind: 'finished', file });
    }
  }

  /** Ends what is open without keeping it. Gives how many other files were undone with it. */
  private async rollBack(run?: PlannedRun): Promise<number> {
    const undone = this.uncommitted.filter((done) => done.run !== run).length;
    this.uncommitted = [];
    this.inDoubt = undefined;
    this.open = false;
    const session = this.session;
    // The connection may be gone by now; then the server does it.
    if (session && !session.lost) await rollBack(session).catch(() => undefined);
    return undone;
  }

  /** What has become of a file whose run ended in an error: perhaps it is recorded all the same. */
  private async afterError(
    error: unknown,
    run: PlannedRun,
    progress: FileProgress,
  ): Promise<'recorded' | Ended> {
    await this.cancelling;
    const { inDoubt } = this;
    if (this.session?.lost && inDoubt !== undefined) {
      const recorded = await this.askWhetherRecorded(inDoubt);
      if (recorded === 'yes') {
        this.open = false;
        if (inDoubt === run && this.uncommitted.at(-1)?.run !== run) this.uncommitted.push(this.doneOf(run));
        this.settle();
        if (inDoubt === run) return 'recorded';
      }
      if (recorded === 'unknown') return this.unanswered(error, run, progress);
    }
    const undone = await this.rollBack(run);
    return this.wasCancelled(error) ? { outcome: 'cancelled' } : this.failed(error, run, progress, undone);
  }

  /** A file whose recording was not answered, so that nobody has taken its time. */
  private doneOf(run: PlannedRun): Done {
    const { path, version, direction, statements } = run;
    return { run, file: { path, version, direction, statements: statements.length, duration: 0 } };
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
        return (await this.tool.read(session)).holds(run, this.options.files) ? 'yes' : 'no';
      } catch (error) {
        if (!(error instanceof ConnectionFailed || error instanceof ConnectionLost)) return 'unknown';
        await pause(patience.between);
      }
    }
    return 'unknown';
  }

  private unanswered(error: unknown, run: PlannedRun, progress: FileProgress): Ended {
    const { failure } = this.failed(error, run, progress, 0);
    const advice =
      'Look at the status when the database can be reached again: it says whether the file was applied.';
    return { outcome: 'failed', failure: failure && { ...failure, advice, left: 'unknown' } };
  }

  private failed(error: unknown, run: PlannedRun, progress: FileProgress, undone: number): Ended {
    const failure = fileFailure(error, run, progress, undone, this.options.database.name);
    const advice = failure.code === undefined ? undefined : this.tool.advice[failure.code];
    return { outcome: 'failed', failure: advice === undefined ? failure : { ...failure, advice } };
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
    await takeLock(session, this.tool.lock, patience, signal, (sentence) =>
      this.tell({ kind: 'waiting', sentence }),
    );
  }

  private async end(): Promise<void> {
    const session = this.session;
    if (!session) return;
    if (!session.lost && session.capabilities.secondSession) {
      // The end of the session would release it too, a moment later.
      await releaseLock(session, this.tool.lock).catch(() => undefined);
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
