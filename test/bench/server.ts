import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type Range,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { threadArguments } from '../../client/src/serverThreads.ts';

/**
 * The environment with a cache directory of its own (not on macOS, where none is asked for), and without what decides
 * the start of every Node process: it reads the certificates that this variable names before all else, which takes 40 ms
 * for those of a Linux distribution.
 */
export function environment(cache: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
  return { ...env, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
}

/** A language server as a process of its own, spoken to over stdio as an editor does. Times are in milliseconds. */
export class ServerProcess {
  private readonly started = performance.now();
  private readonly child;
  private readonly connection;
  private version = 1;
  /** All files of the opened document's folder have been looked at: the server asks for its diagnostics anew. */
  readonly folderKnown: Promise<void>;

  constructor(serverBundle: string, cache: string) {
    // As the extension starts it.
    const threads = threadArguments(availableParallelism(), process.versions);
    const args = [...threads, serverBundle, '--stdio'];
    this.child = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment(cache),
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.child.stdout),
      new StreamMessageWriter(this.child.stdin),
    );
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('workspace/configuration', (params: { items: unknown[] }) =>
      params.items.map(() => null),
    );
    this.folderKnown = new Promise((resolve) => {
      this.connection.onRequest('workspace/diagnostic/refresh', () => resolve());
    });
    this.connection.onUnhandledNotification(() => {});
    this.connection.listen();
  }

  /** Initializes the server on a folder. */
  async initialize(folder: string): Promise<void> {
    const uri = pathToFileURL(folder).href;
    await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'bench' }],
      capabilities: {
        workspace: { diagnostics: { refreshSupport: true }, workspaceFolders: true },
        textDocument: { diagnostic: { relatedDocumentSupport: false } },
      },
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
  }

  /** Opens a document and gives the number of its diagnostics, and the time since the process was started. */
  async open(path: string, text: string): Promise<{ diagnostics: number; sinceStart: number }> {
    const uri = pathToFileURL(path).href;
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: path.endsWith('.py') ? 'python' : 'sql', version: this.version, text },
    });
    const diagnostics = await this.diagnostics(path);
    return { diagnostics, sinceStart: performance.now() - this.started };
  }

  /** Changes a document and waits for its diagnostics: the time that takes. */
  async edit(path: string, range: Range, text: string): Promise<number> {
    const begin = performance.now();
    this.version++;
    void this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: pathToFileURL(path).href, version: this.version },
      contentChanges: [{ range, text }],
    });
    await this.diagnostics(path);
    return performance.now() - begin;
  }

  async diagnostics(path: string): Promise<number> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri: pathToFileURL(path).href },
    });
    return report.kind === 'full' ? report.items.length : 0;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    await exited;
  }
}
