import type { KnownDatabase } from '../analysis/historyAnalysis.ts';
import { resetDirectory } from '../database/embeddedDirectory.ts';
import type { KeptDatabase } from '../database/keptOpen.ts';
import type { Allocate } from '../migrations/change.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import type { FileContent, MigrationFile } from '../migrations/migration.ts';
import { isTyped } from '../runner/folderOnDatabase.ts';
import { lookAtDatabase } from '../runner/knownDatabase.ts';
import {
  mergeTemplate,
  migrationTemplate,
  type NewFile as TemplateFile,
} from '../runner/migrationTemplate.ts';
import type { Command, Plan } from '../runner/plan.ts';
import { planScript } from '../runner/planScript.ts';
import type { RunEvent } from '../runner/runEvent.ts';
import type { RunFailure } from '../runner/runFailure.ts';
import { previewRun, readStanding, runMigrations } from '../runner/runMigrations.ts';
import type { Standing } from '../runner/runnableTool.ts';
import { RunRefused } from '../runner/runRefused.ts';
import type { RunReport } from '../runner/runReport.ts';
import { baseNameOf } from '../workspace/filePath.ts';
import { formatOf } from '../workspace/formatOf.ts';
import { AlembicPrograms } from './alembicPrograms.ts';
import { diagnosticSource } from './diagnostics.ts';
import { type FolderDatabase, filesOf, folderDatabase, type Means } from './folderDatabase.ts';
import { migrationStates, untracked } from './folderMigrations.ts';
import { type CancellationToken, type Connection, type Diagnostic, DiagnosticSeverity } from './lsp.ts';
import type { FolderInRoot, MigrationFolders } from './migrationFolders.ts';
import type {
  DatabaseLabel,
  FolderMigrations,
  FolderParams,
  MigrationsParams,
  NewFile,
  NewMigrationParams,
  PlanParams,
  Refusal,
  Refused,
  RunCommand,
  RunParams,
  RunPlan,
  RunProgressMethod,
  RunResult,
  SettingsParams,
  Sql,
} from './protocol.ts';
import { placeOf, refusalOf } from './refusals.ts';
import { failureLines, failureMessage, logLine, outcomeLine, RunProgress } from './runLog.ts';
import { pathOf, uriOf } from './uri.ts';

const progressMethod: RunProgressMethod = 'skein/runProgress';

export interface MigrationRunsOptions extends Means {
  readonly connection: Connection;
  readonly folders: MigrationFolders;
  readonly settings: () => SettingsParams;
  /** Whether databases may be opened. */
  readonly trusted: () => boolean;
  readonly allocate: Allocate;
  /** The URI of a path, as the client spells it. */
  readonly uri: (path: string) => string;
  /** Called when what is known of the migrations is something else now. */
  readonly onChange: () => void;
  /** Called with what the database of a folder told; with undefined where it is another one, and told nothing. */
  readonly onDatabase: (folder: string, known: KnownDatabase | undefined) => void;
  /** Called when a file has another failure now, or none. */
  readonly onFailure: (path: string) => void;
}

/** A run that failed, and the text of the file at that time. */
interface Failed {
  readonly failure: RunFailure;
  readonly content: FileContent;
}

interface Agreed {
  readonly id: number;
  readonly on: FolderDatabase;
  readonly plan: Plan;
}

/** Plans and runs migrations for the client, and keeps what the databases said. One thing at a time. */
export class MigrationRuns {
  private readonly options: MigrationRunsOptions;
  private readonly programs: AlembicPrograms;
  /** What the database of a folder said when it was last asked, by the folder's path and the database's name. */
  private readonly versions = new Map<string, Standing>();
  /** Why it did not say anything, the same way. */
  private readonly problems = new Map<string, Refusal>();
  /** The database of which findings know, by the folder's path. */
  private readonly told = new Map<string, string>();
  private readonly failures = new Map<string, Failed>();
  private agreed: Agreed | undefined;
  private plans = 0;
  private running: string | undefined;
  /** Whatever opens a database waits for what does so already: the embedded one can be opened once. */
  private work: Promise<unknown> = Promise.resolve();
  /** The database that was used last: it may be open still. */
  private last: KeptDatabase | undefined;

  constructor(options: MigrationRunsOptions) {
    this.options = options;
    this.programs = new AlembicPrograms(options.disk);
  }

  /** Settings have changed: what the programs of the project are is asked anew. */
  forgetPrograms(): void {
    this.programs.forget();
  }

  /** How the migrations of a folder stand, as far as is known; undefined for those that Skein does not run. */
  async known(folder: string): Promise<FolderMigrations | undefined> {
    const at = await this.options.folders.at(folder);
    if (!this.options.trusted() || at === undefined || at.folder.tool === 'plain') return undefined;
    return this.look(at, false);
  }

  /** The failure of the last run of a file, at the failing token. */
  diagnostics(path: string): Diagnostic[] {
    const failed = this.failures.get(path);
    if (!failed) return [];
    const { failure, content } = failed;
    const span = failure.place?.span ?? { start: 0, end: 0 };
    const { range } = placeOf(path, span, [content], uriOf);
    return [
      {
        range,
        severity: DiagnosticSeverity.Error,
        source: diagnosticSource,
        code: failure.code ?? 'failed',
        message: failureMessage(failure),
      },
    ];
  }

  /** A file has this text now: a failure of another text is of no use any more. */
  edited(path: string, text: string): void {
    const failed = this.failures.get(path);
    if (failed && failed.content.text !== text) this.forgetFailure(path);
  }

  async migrations({ read, only }: MigrationsParams): Promise<FolderMigrations[]> {
    // Someone who wants it exactly does not wait for a watcher.
    if (read) this.options.folders.forget();
    const found = await this.options.folders.all();
    const asks = read && this.options.trusted() && this.running === undefined;
    const result: FolderMigrations[] = [];
    for (const at of found) {
      const asked = only === undefined || uriOf(at.folder.path) === only;
      result.push(await this.look(at, asks && asked));
    }
    if (asks) this.options.onChange();
    return result;
  }

  private async look(at: FolderInRoot, read: boolean): Promise<FolderMigrations> {
    const { disk, uri } = this.options;
    const { folder, root } = at;
    const head = {
      folder: uriOf(folder.path),
      name: [root.name, folder.path.slice(root.path.length + 1)].filter((part) => part !== '').join('/'),
      tool: folder.tool,
    };
    if (!this.options.trusted() || folder.tool === 'plain')
      return { ...head, ...untracked(await filesOf(folder, disk), uri) };
    let on: FolderDatabase | undefined;
    try {
      on = await this.open(at);
      if (read) await this.exclusive(on, (opened) => this.read(opened));
      const key = keyOf(on);
      const failures = new Map([...this.failures].map(([path, { failure }]) => [path, failure.title]));
      if (on.tool instanceof RunRefused) throw on.tool;
      const asked = this.versions.get(key) ?? (on.database.isMade() ? undefined : on.tool.unmade);
      const status = (asked ?? on.tool.unmade).status(on.files);
      const states = migrationStates(status, asked !== undefined, failures, uri);
      return { ...head, database: labelOf(on), problem: this.problems.get(key), ...states };
    } catch (error) {
      const files = on?.files ?? (await filesOf(folder, disk));
      const problem = this.refusal(error, on, files);
      return { ...head, database: on && labelOf(on), problem, ...untracked(files, uri) };
    }
  }

  /** Asks the database, and keeps what it says. */
  private async read(on: FolderDatabase): Promise<void> {
    const key = keyOf(on);
    this.problems.delete(key);
    try {
      const standing = await readStanding({ ...on, onEvent: (event) => this.tell(event) });
      this.versions.set(key, standing);
      await this.pass(on, standing);
    } catch (error) {
      this.versions.delete(key);
      this.problems.set(key, this.refusal(error, on, on.files));
      this.passed(on, undefined);
    }
  }

  /** Passes on what findings depend on: what is applied, and the server's version where Skein itself asks for it. */
  private async pass(on: FolderDatabase, standing: Standing): Promise<void> {
    const database = on.database.name.text;
    try {
      const { applied, ...version } =
        on.program === undefined
          ? await lookAtDatabase(on, await migrationsOf(on))
          : { applied: appliedOf(on, standing) };
      this.passed(on, { ...version, applied: { database, paths: applied } });
    } catch (error) {
      // How the migrations stand is known all the same.
      this.log(`${database}: ${this.refusal(error, on, on.files).message}`);
      this.passed(on, undefined);
    }
  }

  /** A database that tells nothing now is still the one that it was; another one is not what the last one told. */
  private passed(on: FolderDatabase, known: KnownDatabase | undefined): void {
    const { path } = on.folder;
    if (known === undefined && this.told.get(path) === on.database.name.text) return;
    this.told.set(path, on.database.name.text);
    this.options.onDatabase(path, known);
  }

  /** The database stays open for the run that is to follow. Null when it was cancelled. */
  async plan({ folder, command }: PlanParams, token: CancellationToken): Promise<RunPlan | Refused | null> {
    const signal = signalOf(token);
    const look = async (on: FolderDatabase): Promise<RunPlan | null> => {
      const onEvent = (event: RunEvent) => this.tell(event);
      try {
        const plan = await previewRun({ ...on, signal, onEvent }, commandOf(command));
        this.log(`Database: ${on.database.name.text} (${on.reason})`);
        return this.offer(on, plan);
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      }
    };
    const answer = await this.withDatabase(folder, look, { staysOpen: true });
    if (answer?.kind !== 'plan' || answer.runs.length === 0) await this.close();
    return answer;
  }

  private offer(on: FolderDatabase, plan: Plan): RunPlan {
    this.plans += 1;
    this.agreed = { id: this.plans, on, plan };
    const { database, kind } = on.database.name;
    return {
      kind: 'plan',
      id: this.plans,
      database: labelOf(on),
      typed: isTyped(on) && kind === 'server' ? database : undefined,
      ...(plan.notes && { notes: plan.notes }),
      ...(plan.command.kind === 'stamp' && { stamps: true }),
      runs: plan.runs.map(({ path, direction, statements, byAlembic }) => ({
        uri: this.options.uri(path),
        name: baseNameOf(path),
        direction,
        statements: byAlembic ? undefined : statements.length,
      })),
      barrier: plan.barrier?.message,
    };
  }

  async dismiss({ plan }: RunParams): Promise<void> {
    if (this.agreed?.id !== plan) return;
    this.agreed = undefined;
    await this.close();
  }

  async run({ plan: id }: RunParams, token: CancellationToken): Promise<RunResult | Refused> {
    const { agreed } = this;
    this.agreed = undefined;
    if (agreed?.id !== id) return refused('the plan is an old one', 'Run the command again.');
    const { folder, database } = agreed.on;
    const work = async (on: FolderDatabase): Promise<RunResult | Refused> => {
      if (on.program ? on.program !== agreed.on.program : on.database !== database) {
        return refused('another database is selected by now', 'Run the command again.');
      }
      this.running = database.name.text;
      try {
        return await this.runOn(on, agreed.plan, signalOf(token));
      } finally {
        this.running = undefined;
        // Nobody waits for this with the result in hand.
        void this.exclusive(on, () => this.read(on)).finally(() => this.options.onChange());
      }
    };
    // The files may have changed on disk since they were shown.
    const result = await this.withDatabase(uriOf(folder.path), work, { opened: database, staysOpen: true });
    if (result.kind === 'refused') await this.close();
    return result;
  }

  private async runOn(on: FolderDatabase, agreed: Plan, signal: AbortSignal): Promise<RunResult> {
    for (const { path } of agreed.runs) this.forgetFailure(path);
    const progress = new RunProgress();
    try {
      const report = await runMigrations({
        ...on,
        command: agreed.command,
        agreed,
        signal,
        onEvent: (event) => this.tell(event, progress),
        now: () => performance.now(),
      });
      return this.ended(report, on);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.log('Cancelled before anything was run.');
      return { kind: 'ended', outcome: 'cancelled', finished: 0 };
    }
  }

  private ended(report: RunReport, { files }: FolderDatabase): RunResult {
    const { outcome, finished, failure, barrier } = report;
    for (const line of failure ? failureLines(failure) : []) this.log(line);
    this.log(outcomeLine(report));
    const content = files.find(({ path }) => path === failure?.path);
    if (failure && content) {
      this.failures.set(content.path, { failure, content });
      this.options.onFailure(content.path);
    }
    return {
      kind: 'ended',
      outcome,
      finished: finished.length,
      barrier: barrier?.message,
      failure: failure && {
        message: failure.title,
        advice: failure.advice,
        file: content && baseNameOf(content.path),
        place: content && failure.place && placeOf(content.path, failure.place.span, files, this.options.uri),
      },
    };
  }

  async reset({ folder }: FolderParams): Promise<null | Refused> {
    return this.withDatabase(folder, async (on) => {
      if (!on.directory) {
        return refused(
          `${on.database.name.text} is not the embedded database`,
          'Only that one can be reset.',
        );
      }
      await resetDirectory(on.directory);
      this.versions.delete(keyOf(on));
      this.problems.delete(keyOf(on));
      this.log(`Deleted ${on.database.name.text}.`);
      this.options.onChange();
      return null;
    });
  }

  /** What a command would send; nothing is run. */
  async sql({ folder, command }: PlanParams, token: CancellationToken): Promise<Sql | Refused> {
    const signal = signalOf(token);
    return this.withDatabase(folder, async (on): Promise<Sql> => {
      const inputs = { ...on, signal, onEvent: (event: RunEvent) => this.tell(event) };
      const text = on.program
        ? await on.program.script(commandOf(command), inputs)
        : planScript(await previewRun(inputs, commandOf(command)));
      const by = on.program ? `alembic ${on.program.python.release}` : 'Skein';
      return {
        kind: 'sql',
        text: `-- ${on.database.name.text} (${on.reason})\n-- Written by ${by}.\n\n${text}`,
      };
    });
  }

  newMigration({ folder, name }: NewMigrationParams): Promise<NewFile[] | Refused> {
    return this.newFiles(folder, (at, format, files) =>
      migrationTemplate(at.folder, format, files, name, this.options.allocate),
    );
  }

  mergeHeads({ folder }: FolderParams): Promise<NewFile[] | Refused> {
    return this.newFiles(folder, (at, format, files) =>
      mergeTemplate(at.folder, format, files, undefined, this.options.allocate),
    );
  }

  private async newFiles(
    uri: string,
    make: (
      at: FolderInRoot,
      format: MigrationFormat,
      files: readonly MigrationFile[],
    ) => readonly TemplateFile[],
  ): Promise<NewFile[] | Refused> {
    const { folders, disk } = this.options;
    // Someone may have made one a moment ago.
    folders.forget();
    const at = await folders.at(pathOf(uri) ?? '');
    if (!at) return [];
    const { folder } = at;
    const format = await formatOf(folder);
    const files = (await filesOf(folder, disk)).map((content) => format.read(content));
    try {
      return make(at, format, files).map(({ path, text }) => ({ uri: uriOf(path), text }));
    } catch (error) {
      return { kind: 'refused', refusal: this.refusal(error, undefined, []) };
    }
  }

  /** Does something with the database of a folder, as it is now on disk; whatever keeps it from that is a refusal. */
  private async withDatabase<T>(
    uri: string,
    work: (on: FolderDatabase) => Promise<T>,
    { opened, staysOpen = false }: { readonly opened?: KeptDatabase; readonly staysOpen?: boolean } = {},
  ): Promise<T | Refused> {
    if (!this.options.trusted()) {
      return refused('this workspace is not trusted', 'Trust it first: until then migrations are only read.');
    }
    if (this.running !== undefined) {
      return refused(`a run is going on (${this.running})`, 'Wait until it has ended, or cancel it.');
    }
    this.options.folders.forget();
    const at = await this.options.folders.at(pathOf(uri) ?? '');
    if (!at) return refused('there are no migrations in this folder any more', 'Select another one.');
    let on: FolderDatabase | undefined;
    try {
      on = await this.open(at);
      if (!on.program && opened?.name.text === on.database.name.text) on = { ...on, database: opened };
      return await this.exclusive(on, work, staysOpen);
    } catch (error) {
      const refusal = this.refusal(error, on, on?.files ?? []);
      this.log(`${refusal.message}. ${refusal.advice}`);
      return { kind: 'refused', refusal };
    }
  }

  private async open(at: FolderInRoot): Promise<FolderDatabase> {
    const { folders, passwords } = this.options.settings();
    const settings = folders.find(({ uri }) => pathOf(uri) === at.root.path);
    const alembicItself = await this.programs.of(at, settings);
    return folderDatabase(at, { database: settings?.database, passwords, alembicItself }, this.options);
  }

  /** `staysOpen`: what follows on the same database need not open it again; `close` ends that. */
  private exclusive<T>(
    on: FolderDatabase,
    work: (on: FolderDatabase) => Promise<T>,
    staysOpen = false,
  ): Promise<T> {
    return this.inTurn(async () => {
      if (this.last !== on.database) await this.last?.release();
      this.last = on.database;
      try {
        return await work(on);
      } finally {
        if (!staysOpen) await on.database.release();
      }
    });
  }

  private close(): Promise<void> {
    return this.inTurn(async () => this.last?.release());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.work.then(work);
    this.work = result.catch(() => undefined);
    return result;
  }

  private refusal(error: unknown, on: FolderDatabase | undefined, files: readonly FileContent[]): Refusal {
    const known = refusalOf(error, on?.database.name, files, this.options.uri);
    if (known) return known;
    this.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return {
      message: error instanceof Error ? error.message : String(error),
      advice: 'This is a mistake in Skein: please report it, with the log.',
    };
  }

  private forgetFailure(path: string): void {
    if (!this.failures.delete(path)) return;
    this.options.onFailure(path);
    this.options.onChange();
  }

  private tell(event: RunEvent, progress = new RunProgress()): void {
    const line = logLine(event);
    if (line !== undefined) this.log(line);
    const shown = progress.after(event);
    if (shown) void this.options.connection.sendNotification(progressMethod, shown);
  }

  private log(line: string): void {
    this.options.connection.console.info(line);
  }
}

function signalOf(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  const cancel = () => abort.abort(new Error('cancelled'));
  if (token.isCancellationRequested) cancel();
  token.onCancellationRequested(cancel);
  return abort.signal;
}

function commandOf(command: RunCommand): Command {
  switch (command.kind) {
    case 'up':
      return { kind: 'up', to: command.to, onlyNext: command.onlyNext };
    case 'down':
      return { kind: 'down', to: command.to };
    case 'redo':
    case 'stamp':
      return command;
  }
}

function keyOf({ folder, database, program }: FolderDatabase): string {
  return `${folder.path}\n${program ? 'alembic' : database.name.text}`;
}

async function migrationsOf({ folder, files }: FolderDatabase): Promise<readonly MigrationFile[]> {
  const format = await formatOf(folder);
  return files.map((content) => format.read(content));
}

function appliedOf({ files }: FolderDatabase, standing: Standing): ReadonlySet<string> {
  const applied = standing.status(files).files.filter(({ state }) => state === 'applied');
  return new Set(applied.map(({ path }) => path));
}

function labelOf({ database, reason }: FolderDatabase): DatabaseLabel {
  return { name: database.name.text, reason, embedded: database.name.kind === 'embedded' };
}

function refused(message: string, advice: string): Refused {
  return { kind: 'refused', refusal: { message, advice } };
}
