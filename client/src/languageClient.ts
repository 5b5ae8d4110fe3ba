import { EventEmitter, type LogOutputChannel, window } from 'vscode';
import {
  LanguageClient,
  type LanguageClientOptions,
  type NodeModule,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import type { StatusMethod, StatusParams } from '../../server/src/languageServer/protocol.ts';

export type ServerState = 'starting' | 'running' | 'stopped';

const statusMethod: StatusMethod = 'skein/status';

/** The language server's process, seen from the editor: starts, stops and restarts it, and keeps its log. */
export class Server {
  readonly #module: string;
  readonly #log: LogOutputChannel = window.createOutputChannel('Skein', { log: true });
  readonly #stateChanged = new EventEmitter<ServerState>();
  readonly #statusReported = new EventEmitter<StatusParams>();
  #client: LanguageClient | undefined;

  readonly onStateChanged = this.#stateChanged.event;
  readonly onStatusReported = this.#statusReported.event;

  /** `module` is the path of dist/server.js. Nothing starts yet. */
  constructor(module: string) {
    this.#module = module;
  }

  /** Resolves when the server answers, or did not come up: then the client has told the person and written the log. */
  async start(): Promise<void> {
    const run: NodeModule = { module: this.#module, transport: TransportKind.ipc };
    const debug: NodeModule = { ...run, options: { execArgv: ['--nolazy', '--inspect=6009'] } };
    const options: LanguageClientOptions = {
      // Not skein.json: VS Code checks it itself, by the schema the extension contributes.
      documentSelector: [{ scheme: 'file', language: 'sql' }],
      outputChannel: this.#log,
    };
    const client = new LanguageClient('skein', 'Skein', { run, debug }, options);
    this.#client = client;
    client.onDidChangeState(({ newState }) => this.#show(client, stateOf(newState)));
    client.onNotification(statusMethod, (status: StatusParams) => this.#statusReported.fire(status));
    await client.start().catch(() => this.#show(client, 'stopped'));
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

  showLog(): void {
    this.#log.show();
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
