import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  DocumentFormattingRequest,
  DocumentRangeFormattingRequest,
  type DocumentSymbol,
  DocumentSymbolRequest,
  ExecuteCommandRequest,
  ExitNotification,
  type FileChangeType,
  type FoldingRange,
  FoldingRangeRequest,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  LogMessageNotification,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  RegistrationRequest,
  ShowMessageNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
  type TextEdit,
} from 'vscode-languageserver/node';
import type {
  Answered,
  AnswerParams,
  InitializationOptions,
  StatusParams,
} from '../../server/src/languageServer/protocol.ts';
import { doors } from '../doors.ts';

export const pullClient: ClientCapabilities = {
  workspace: {
    diagnostics: { refreshSupport: true },
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create', 'rename', 'delete'] },
  },
  textDocument: {
    diagnostic: { relatedInformation: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['', 'quickfix', 'source'] } } },
  },
};

export const pushClient: ClientCapabilities = {
  textDocument: {
    publishDiagnostics: {},
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['', 'quickfix', 'source'] } } },
  },
};

/** An editor as the server sees it: a process started over stdio, a folder on disk, documents that are open. */
export class Editor {
  readonly folder = mkdtempSync(join(tmpdir(), 'skein-editor-'));
  readonly log: string[] = [];
  readonly messages: string[] = [];
  readonly statuses: StatusParams[] = [];
  readonly registrations: string[] = [];
  published = new Map<string, { version?: number; diagnostics: Diagnostic[] }>();
  publishCount = 0;
  refreshes = 0;
  server: ChildProcess | undefined;
  connection: ProtocolConnection | undefined;
  initializeResult: InitializeResult | undefined;
  private readonly versions = new Map<string, number>();
  private happened: (() => void)[] = [];

  /** Puts files into the folder. Give undefined to take one away. */
  write(files: Readonly<Record<string, string | Uint8Array | undefined>>): this {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.folder, name);
      if (content === undefined) rmSync(path, { recursive: true });
      else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
      }
    }
    return this;
  }

  async start(
    capabilities: ClientCapabilities,
    initializationOptions?: InitializationOptions,
  ): Promise<this> {
    const server = spawn(process.execPath, [(await doors()).server, '--stdio'], { stdio: 'pipe' });
    this.server = server;
    const connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    this.connection = connection;
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, ...published }) => {
      this.publishCount++;
      this.published.set(uri, published);
      this.notice();
    });
    connection.onNotification(LogMessageNotification.type, ({ message }) => {
      this.log.push(message);
      this.notice();
    });
    connection.onNotification(ShowMessageNotification.type, ({ message }) => {
      this.messages.push(message);
      this.notice();
    });
    connection.onNotification('skein/status', (status: StatusParams) => {
      this.statuses.push(status);
      this.notice();
    });
    connection.onRequest(DiagnosticRefreshRequest.type, () => {
      this.refreshes++;
      this.notice();
    });
    connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registrations.push(...registrations.map(({ method }) => method));
      this.notice();
    });
    connection.listen();
    this.initializeResult = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: this.uri(''),
      capabilities,
      ...(initializationOptions && { initializationOptions }),
      workspaceFolders: [{ uri: this.uri(''), name: 'test' }],
    });
    await connection.sendNotification(InitializedNotification.type, {});
    return this;
  }

  async stop(): Promise<void> {
    if (this.server && this.connection && this.server.exitCode === null) {
      const gone = once(this.server, 'exit');
      await this.connection.sendRequest(ShutdownRequest.type);
      await this.connection.sendNotification(ExitNotification.type);
      await gone;
    }
    this.connection?.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  open(name: string, text: string): void {
    const uri = this.uri(name);
    this.versions.set(uri, 1);
    void this.connection?.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'sql', version: 1, text },
    });
  }

  change(name: string, ...contentChanges: TextDocumentContentChangeEvent[]): void {
    const uri = this.uri(name);
    const version = (this.versions.get(uri) ?? 0) + 1;
    this.versions.set(uri, version);
    void this.connection?.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  close(name: string): void {
    void this.connection?.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri: this.uri(name) },
    });
  }

  changedOnDisk(name: string, type: FileChangeType): void {
    void this.connection?.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: this.uri(name), type }],
    });
  }

  async pull(name: string): Promise<Diagnostic[]> {
    const report = await this.connection?.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri: this.uri(name) },
    });
    if (report?.kind !== 'full') throw new Error(`no full report: ${JSON.stringify(report)}`);
    return report.items;
  }

  /** The markdown of a hover. */
  async hover(name: string, position: Position): Promise<string | undefined> {
    const textDocument = { uri: this.uri(name) };
    const hover = await this.connection?.sendRequest(HoverRequest.type, { textDocument, position });
    const contents = hover?.contents;
    return typeof contents === 'object' && 'value' in contents ? contents.value : undefined;
  }

  async symbols(name: string): Promise<DocumentSymbol[]> {
    const textDocument = { uri: this.uri(name) };
    const symbols = await this.connection?.sendRequest(DocumentSymbolRequest.type, { textDocument });
    return (symbols ?? []).filter((symbol): symbol is DocumentSymbol => 'range' in symbol);
  }

  async foldings(name: string): Promise<FoldingRange[]> {
    const textDocument = { uri: this.uri(name) };
    return (await this.connection?.sendRequest(FoldingRangeRequest.type, { textDocument })) ?? [];
  }

  /** The edits that format a document, or a part of it. */
  async format(name: string, range?: Range): Promise<TextEdit[]> {
    const textDocument = { uri: this.uri(name) };
    const options = { tabSize: 4, insertSpaces: true };
    const edits = range
      ? await this.connection?.sendRequest(DocumentRangeFormattingRequest.type, {
          textDocument,
          range,
          options,
        })
      : await this.connection?.sendRequest(DocumentFormattingRequest.type, { textDocument, options });
    return edits ?? [];
  }

  async command(command: string): Promise<void> {
    await this.connection?.sendRequest(ExecuteCommandRequest.type, { command });
  }

  async notify(method: string): Promise<void> {
    await this.connection?.sendNotification(method);
  }

  /** The rules that spoke, in order. */
  async rules(name: string): Promise<unknown[]> {
    return (await this.pull(name)).map((diagnostic) => diagnostic.code);
  }

  async codeActions(name: string, range: Range, only?: string[]): Promise<CodeAction[]> {
    const result = await this.connection?.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: this.uri(name) },
      range,
      context: { diagnostics: [], ...(only && { only }) },
    });
    return (result ?? []).filter(
      (action): action is CodeAction => !('command' in action && typeof action.command === 'string'),
    );
  }

  /** What comes of an answer to a fix that asks. */
  async answer(params: AnswerParams): Promise<Answered> {
    if (this.connection === undefined) throw new Error('not started');
    return this.connection.sendRequest('skein/answer', params);
  }

  /** Resolves when `condition` gives something, looked at whenever the server has said something. */
  async until<T>(condition: () => T | undefined | false): Promise<T> {
    for (;;) {
      const result = condition();
      if (result !== undefined && result !== false) return result;
      await new Promise<void>((resolve) => this.happened.push(resolve));
    }
  }

  /** What `work` gives, and the status that is told behind it. */
  async withStatus<T>(work: () => Promise<T>): Promise<readonly [given: T, status: StatusParams]> {
    const before = this.statuses.length;
    const given = await work();
    return [given, await this.until(() => this.statuses[before])];
  }

  private notice(): void {
    const waiting = this.happened;
    this.happened = [];
    for (const resolve of waiting) resolve();
  }
}
