import { availableParallelism } from 'node:os';
import {
  type CancellationToken,
  EventEmitter,
  LogLevel,
  type LogOutputChannel,
  type WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import {
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  type NodeModule,
  State,
  Trace,
  TransportKind,
} from 'vscode-languageclient/node';
import type {
  Answered,
  AnswerMethod,
  AnswerParams,
  DismissMethod,
  FolderMigrations,
  FolderParams,
  InitializationOptions,
  MergeHeadsMethod,
  MigrationsChangedMethod,
  MigrationsMethod,
  MigrationsParams,
  NewFile,
  NewMigrationMethod,
  NewMigrationParams,
  PlanMethod,
  PlanParams,
  Refused,
  ResetMethod,
  RunMethod,
  RunPlan,
  RunProgressMethod,
  RunProgressParams,
  RunResult,
  SettingsMethod,
  SettingsParams,
  ShowHistoryFindingsCommand,
  Sql,
  SqlMethod,
  StatusMethod,
  StatusParams,
  TrustGrantedMethod,
} from '../../server/src/languageServer/protocol.ts';
import { threadArguments } from './serverThreads.ts';

export type ServerState = 'starting' | 'running' | 'stopped';

const statusMethod: StatusMethod = 'skein/status';
const showHistoryFindings: ShowHistoryFindingsCommand = 'skein.showHistoryFindings';
const trustGranted: TrustGrantedMethod = 'skein/trustGranted';
const settingsMethod: SettingsMethod = 'skein/settings';
const changedMethod: MigrationsChangedMethod = 'skein/migrationsChanged';
const migrationsMethod: MigrationsMethod = 'skein/migrations';
const planMethod: PlanMethod = 'skein/plan';
const dismissMethod: DismissMethod = 'skein/dismissPlan';
const runMethod: RunMethod = 'skein/run';
const progressMethod: RunProgressMethod = 'skein/runProgress';
const resetMethod: ResetMethod = 'skein/resetDatabase';
const answerMethod: AnswerMethod = 'skein/answer';
const mergeHeadsMethod: MergeHeadsMethod = 'skein/mergeHeads';
const sqlMethod: SqlMethod = 'skein/sql';
const newMigrationMethod: NewMigrationMethod = 'skein/newMigration';

/** The language server's process, seen from the editor: starts, stops and restarts it, and keeps its log. */
export class Server {
  readonly #module: string;
  readonly #settings: () => Promise<SettingsParams>;
  readonly #log: LogOutputChannel = window.createOutputChannel('Skein', { log: true });
  readonly #stateChanged = new EventEmitter<ServerState>();
  readonly #statusReported = new EventEmitter<StatusParams>();
  readonly #migrationsChanged = new EventEmitter<void>();
  readonly #runProgressed = new EventEmitter<RunProgressParams>();
  #client: LanguageClient | undefined;
  #started: Promise<void> = Promise.resolve();

  readonly onStateChanged = this.#stateChanged.event;
  readonly onStatusReported = this.#statusReported.event;
  readonly onMigrationsChanged = this.#migrationsChanged.event;
  readonly onRunProgressed = this.#runProgressed.event;

  /** `module` is the path of dist/server.js, `settings` asks for what the person has set. Nothing starts yet. */
  constructor(module: string, settings: () => Promise<SettingsParams>) {
    this.#module = module;
    this.#settings = settings;
  }

  /** Resolves when the server answers, or did not come up: then the client has told the person and written the log. */
  start(): Promise<void> {
    this.#started = this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const run: NodeModule = {
      module: this.#module,
      // Not IPC: the server sends diagnostics that are JSON already as they stand, which only a stream takes.
      transport: TransportKind.stdio,
      options: { execArgv: threadArguments(availableParallelism(), process.versions) },
    };
    const debug: NodeModule = { ...run, options: { execArgv: ['--nolazy', '--inspect=6009'] } };
    const initializationOptions: InitializationOptions = { trusted: workspace.isTrusted, asks: true };
    const options: LanguageClientOptions = {
      // Not skein.json: VS Code checks it itself, by the schema the extension contributes.
      documentSelector: [
        { scheme: 'file', language: 'sql' },
        { scheme: 'file', language: 'python' },
      ],
      outputChannel: this.#log,
      initializationOptions,
    };
    const client = new LanguageClient('skein', 'Skein', { run, debug }, options);
    this.#client = client;
    client.onDidChangeState(({ newState }) => this.#show(client, stateOf(newState)));
    client.onNotification(statusMethod, (status: StatusParams) => this.#statusReported.fire(status));
    client.onNotification(changedMethod, () => this.#migrationsChanged.fire());
    client.onNotification(progressMethod, (shown: RunProgressParams) => this.#runProgressed.fire(shown));
    try {
      await client.start();
      await this.#sendSettings(client);
    } catch {
      this.#show(client, 'stopped');
    }
  }

  /** Ends the server, also one that hangs or never came up: its process is killed when it does not answer. */
  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // Rejects when there is nothing left to say goodbye to. Each start makes a new client, so nothing is lost.
    await client?.dispose().catch((error: unknown) => this.#log.warn(String(error)));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Shows what is hidden because it is history, in all files; or hides it again. */
  async showHistoryFindings(): Promise<void> {
    await this.#client?.sendRequest(ExecuteCommandRequest.type, { command: showHistoryFindings });
  }

  showLog(): void {
    this.#log.show();
  }

  /** The person has come to trust the workspace. */
  async trusted(): Promise<void> {
    await (await this.#running()).sendNotification(trustGranted);
  }

  /** The person's settings, or the passwords that were typed, are others now. */
  async settingsChanged(): Promise<void> {
    await this.#sendSettings(await this.#running());
  }

  /** The migration folders of the workspace; with `read` their databases are asked. */
  async migrations(params: MigrationsParams): Promise<readonly FolderMigrations[]> {
    return (await this.#running()).sendRequest(migrationsMethod, params);
  }

  /** Null when the token has ended it. */
  async plan(params: PlanParams, token: CancellationToken): Promise<RunPlan | Refused | null> {
    return (await this.#running()).sendRequest(planMethod, params, token);
  }

  /** The plan will not be run. */
  async dismissPlan(plan: number): Promise<void> {
    await (await this.#running()).sendNotification(dismissMethod, { plan });
  }

  /** Runs a plan; the token ends the run, and the result says how far it came. */
  async run(plan: number, token: CancellationToken): Promise<RunResult | Refused> {
    return (await this.#running()).sendRequest(runMethod, { plan }, token);
  }

  async resetDatabase(folder: string): Promise<null | Refused> {
    return (await this.#running()).sendRequest(resetMethod, { folder });
  }

  /** What comes of an answer to a fix that wants one; or why nothing does, one sentence. */
  async answer(params: AnswerParams): Promise<WorkspaceEdit | string> {
    const client = await this.#running();
    const answered: Answered = await client.sendRequest(answerMethod, params);
    return 'edit' in answered
      ? client.protocol2CodeConverter.asWorkspaceEdit(answered.edit)
      : answered.problem;
  }

  async newMigration(params: NewMigrationParams): Promise<readonly NewFile[] | Refused> {
    return (await this.#running()).sendRequest(newMigrationMethod, params);
  }

  /** The revision that merges all heads of a folder. */
  async mergeHeads(folder: string): Promise<readonly NewFile[] | Refused> {
    const params: FolderParams = { folder };
    return (await this.#running()).sendRequest(mergeHeadsMethod, params);
  }

  /** What a command would send. */
  async sql(params: PlanParams): Promise<Sql | Refused> {
    return (await this.#running()).sendRequest(sqlMethod, params);
  }

  async #running(): Promise<LanguageClient> {
    await this.#started;
    if (this.#client === undefined) throw new Error('Skein’s language server is not running.');
    return this.#client;
  }

  /** The settings hold passwords: they are sent while nothing is traced, whatever skein.trace.server says. */
  async #sendSettings(client: LanguageClient): Promise<void> {
    const settings = await this.#settings();
    await client.setTrace(Trace.Off);
    await client.sendNotification(settingsMethod, settings);
    if (this.#log.logLevel !== LogLevel.Trace) return;
    const level = workspace.getConfiguration('skein').get<string>('trace.server', 'messages');
    await client.setTrace(Trace.fromString(level === 'off' ? 'messages' : level));
  }

  /** What a client says that has been replaced does not count. */
  #show(client: LanguageClient, state: ServerState): void {
    if (client === this.#client) this.#stateChanged.fire(state);
  }
}

function stateOf(state: State): ServerState {
  if (state === State.Running) return 'running';
  return state === State.Starting ? 'starting' : 'stopped';
}
