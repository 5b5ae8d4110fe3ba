import { type Shows, showsAll } from '../analysis/shownFindings.ts';
import type { EmbeddedProgram } from '../database/embeddedProgram.ts';
import type { Allocate } from '../migrations/change.ts';
import { configFileName } from '../workspace/configFiles.ts';
import { baseNameOf } from '../workspace/filePath.ts';
import type { FileSystem } from '../workspace/fileSystem.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { formatOf } from '../workspace/formatOf.ts';
import type { Git } from '../workspace/git.ts';
import { Workspace } from '../workspace/workspace.ts';
import { abilitiesOf, type ClientAbilities } from './clientAbilities.ts';
import { codeActionKinds } from './codeActionKinds.ts';
import type { CodeActionContext } from './codeActions.ts';
import { configDiagnostics } from './diagnostics.ts';
import { DiagnosticsPublisher } from './diagnosticsPublisher.ts';
import type { Documentation } from './documentation.ts';
import { Documents } from './documents.ts';
import { foldingRanges } from './folding.ts';
import { hover } from './hover.ts';
import {
  type CodeAction,
  type CodeActionParams,
  type Connection,
  DocumentDiagnosticReportKind,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  PositionEncodingKind,
  type Range,
  ShowMessageNotification,
  type ShowMessageParams,
  TextDocumentSyncKind,
  type TextEdit,
} from './lsp.ts';
import { foldersOf, Migrations } from './migrations.ts';
import type {
  Answered,
  AnswerMethod,
  AnswerParams,
  InitializationOptions,
  ShowHistoryFindingsCommand,
  StatusMethod,
  StatusParams,
  TrustGrantedMethod,
} from './protocol.ts';
import { registerForSql } from './sqlFeatures.ts';
import { documentSymbols } from './symbols.ts';
import { pathOf, uriOf } from './uri.ts';
import { registerWatchers, toFileChanges } from './watching.ts';
import { inMessage, type WrittenDiagnostic, written, writtenFindings } from './writtenDiagnostics.ts';

export interface ServerOptions {
  readonly files: FileSystem;
  readonly git: Git;
  readonly embedded: EmbeddedProgram;
  readonly allocate: Allocate;
  /** Where the rules are documented. */
  readonly documentation: Documentation;
  readonly version: string;
  /** Resolves when SQL can be parsed. */
  readonly parserReady: Promise<void>;
}

const statusMethod: StatusMethod = 'skein/status';
const trustGranted: TrustGrantedMethod = 'skein/trustGranted';
const answerMethod: AnswerMethod = 'skein/answer';
const showHistoryFindings: ShowHistoryFindingsCommand = 'skein.showHistoryFindings';

/** Serves one client over the connection. Nothing that goes wrong in a handler ends the server: it is logged. */
export class Server {
  private readonly connection: Connection;
  private readonly options: ServerOptions;
  private readonly documents = new Documents();
  private readonly workspace: Workspace;
  private readonly publisher: DiagnosticsPublisher;
  private readonly migrations: Migrations;
  private abilities: ClientAbilities = abilitiesOf({});
  private asks = false;
  private refreshWaiting = false;
  private showsHistory = false;

  constructor(connection: Connection, options: ServerOptions) {
    this.connection = connection;
    this.options = options;
    this.workspace = new Workspace({
      files: options.files,
      formatOf,
      onChange: (folder) => this.folderChanged(folder),
      log: (line) => connection.console.warn(line),
    });
    this.publisher = new DiagnosticsPublisher(
      connection,
      this.documents,
      (uri) => this.diagnostics(uri),
      (path) => this.workspace.folderOf(path),
    );
    this.migrations = new Migrations({
      connection,
      disk: options.files,
      embedded: options.embedded,
      allocate: options.allocate,
      uri: (path) => this.documents.uri(path),
      historyOf: (path, whole) => this.historyOf(path, whole),
      onDatabase: (folder, known) => this.workspace.setDatabase(folder, known),
      publish: (path) =>
        this.background('diagnostics', () => this.publisher.edited(this.documents.uri(path))),
    });
  }

  listen(): void {
    const { connection, documents, workspace } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() =>
      this.guard('asking for file changes', () => this.initialized(), undefined),
    );

    documents.sync.onDidChangeContent(({ document }) => {
      const path = pathOf(document.uri);
      if (path !== undefined) {
        workspace.setOpen(path, document.getText());
        this.migrations.edited(path, document.getText());
      }
      if (!this.abilities.pull) this.background('diagnostics', () => this.publisher.edited(document.uri));
    });
    documents.sync.onDidSave(({ document }) => {
      const path = pathOf(document.uri);
      // Also for clients that watch nothing: the bytes on disk are others now.
      if (path !== undefined) void workspace.filesChanged([{ path, kind: 'changed' }]);
    });
    documents.sync.onDidClose(({ document }) => {
      const path = pathOf(document.uri);
      if (path !== undefined) this.background('closing', () => workspace.close(path));
      if (!this.abilities.pull) this.publisher.closed(document.uri);
    });
    documents.sync.listen(connection);

    connection.onDidChangeWatchedFiles((params) => {
      const changes = toFileChanges(params);
      void workspace.filesChanged(changes);
      this.migrations.filesChanged(changes);
    });
    connection.onHover(({ textDocument: { uri }, position }) =>
      this.reading('hover', uri, true, (path, history) => hover(path, history, position), null),
    );
    connection.onDocumentSymbol(({ textDocument: { uri } }) =>
      this.reading('symbols', uri, false, documentSymbols, []),
    );
    connection.onFoldingRanges(({ textDocument: { uri } }) =>
      this.reading('folding', uri, false, foldingRanges, []),
    );
    connection.onDocumentFormatting(({ textDocument }) =>
      this.guard('formatting', () => this.format(textDocument.uri), []),
    );
    connection.onDocumentRangeFormatting(({ textDocument, range }) =>
      this.guard('formatting', () => this.format(textDocument.uri, range), []),
    );
    connection.onNotification(trustGranted, () => {
      workspace.allowGit(this.options.git);
      this.migrations.allow();
    });
    this.migrations.listen();
    connection.onExecuteCommand(({ command }) => {
      if (command !== showHistoryFindings) return;
      this.showsHistory = !this.showsHistory;
      const folders = new Set(workspace.openPaths.map((path) => workspace.folderOf(path)));
      for (const folder of folders) this.folderChanged(folder);
    });
    connection.onRequest<Answered, unknown>(answerMethod, (params) => this.answer(params));
    connection.onCodeAction((params) => this.guard('code actions', () => this.codeActions(params), []));
    connection.listen();
  }

  private initialize(params: InitializeParams): InitializeResult {
    const { capabilities, initializationOptions } = params;
    this.abilities = abilitiesOf(capabilities);
    const options: InitializationOptions = initializationOptions ?? {};
    // An editor that knows no such thing as trust runs git itself.
    const trusted = options.trusted !== false;
    this.asks = options.asks === true;
    if (trusted) this.workspace.allowGit(this.options.git);
    this.migrations.initialize(capabilities, foldersOf(params), trusted);
    const { pull, workspaceFolders, codeActions, perLanguage } = this.abilities;
    if (pull) this.answerPulls();
    return {
      serverInfo: { name: 'Skein', version: this.options.version },
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        ...(pull && {
          diagnosticProvider: {
            identifier: 'skein',
            interFileDependencies: true,
            workspaceDiagnostics: false,
          },
        }),
        hoverProvider: true,
        codeLensProvider: {},
        ...(!perLanguage && {
          documentSymbolProvider: true,
          foldingRangeProvider: true,
          documentFormattingProvider: true,
          documentRangeFormattingProvider: true,
        }),
        ...(codeActions && {
          codeActionProvider: { codeActionKinds },
        }),
        ...(workspaceFolders && {
          workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        }),
      },
    };
  }

  private async initialized(): Promise<void> {
    if (this.abilities.workspaceFolders) {
      this.connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        this.migrations.rootsChanged(added, removed);
        for (const { uri } of removed) {
          const root = pathOf(uri);
          if (root !== undefined) this.workspace.forgetRoot(root);
        }
      });
    }
    if (this.abilities.watchFiles) await registerWatchers(this.connection);
    if (this.abilities.perLanguage) await registerForSql(this.connection);
  }

  private answerPulls(): void {
    this.connection.languages.diagnostics.on(async ({ textDocument }) => ({
      kind: DocumentDiagnosticReportKind.Full,
      items: inMessage(await this.diagnostics(textDocument.uri)),
    }));
  }

  private diagnostics(uri: string): Promise<readonly WrittenDiagnostic[]> {
    return this.guard('diagnostics', () => this.diagnose(uri), []);
  }

  private async diagnose(uri: string): Promise<readonly WrittenDiagnostic[]> {
    const path = pathOf(uri);
    if (path === undefined) return [];
    if (baseNameOf(path) === configFileName) {
      const text = this.documents.sync.get(uri)?.getText() ?? '{}';
      return configDiagnostics(text).map(written);
    }
    // The open file is served before the rest of its folder has been read, if the client can be told of more later.
    const history = await this.historyOf(path, this.abilities.pull && !this.abilities.refresh);
    if (!history) {
      this.report({ uri, errors: 0, warnings: 0, loading: false });
      return [];
    }
    const all = history.findings(path);
    const findings = all.filter(this.shows(history, path));
    const hidden = all.length - findings.length;
    const diagnostics = writtenFindings(findings, path, history, this.diagnosticOptions);
    const status: StatusParams = {
      uri,
      errors: findings.filter(({ severity }) => severity === 'error').length,
      warnings: findings.filter(({ severity }) => severity === 'warning').length,
      tool: history.folder.tool,
      folder: uriOf(history.folder.path),
      ...(hidden > 0 && { hidden }),
      loading: !history.complete,
    };
    this.report(status, () => this.workspace.loadInBackground(history));
    const failures = this.migrations.published(path).map(written);
    return failures.length === 0 ? diagnostics : [...diagnostics, ...failures];
  }

  private async historyOf(path: string, whole: boolean): Promise<FolderHistory | undefined> {
    await this.options.parserReady;
    return this.workspace.historyOf(path, whole);
  }

  private shows(history: FolderHistory, path: string): Shows {
    return this.showsHistory ? showsAll : history.shows(path);
  }

  /** Answers from what is known of a migration; with `whole` its folder is read before. */
  private reading<T>(
    what: string,
    uri: string,
    whole: boolean,
    read: (path: string, history: FolderHistory) => T,
    otherwise: T,
  ): Promise<T> {
    const work = async () => {
      const path = pathOf(uri);
      const history = path === undefined ? undefined : await this.historyOf(path, whole);
      return path === undefined || !history ? otherwise : read(path, history);
    };
    return this.guard(what, work, otherwise);
  }

  private async codeActions(params: CodeActionParams): Promise<CodeAction[]> {
    const path = pathOf(params.textDocument.uri);
    // A fix may make a migration after all others: they must be known.
    const history = path === undefined ? undefined : await this.historyOf(path, true);
    if (path === undefined || !history) return [];
    const { codeActions } = await import('./codeActions.ts');
    return codeActions(path, history, params, this.codeActionContext(history, path));
  }

  private async answer(params: AnswerParams): Promise<Answered> {
    const path = pathOf(params.uri);
    const history = path === undefined ? undefined : await this.historyOf(path, true);
    if (path === undefined || !history) return { problem: 'The migration is not there any more.' };
    const { answer } = await import('./codeActions.ts');
    return answer(path, history, params, this.codeActionContext(history, path));
  }

  private codeActionContext(history: FolderHistory, path: string): CodeActionContext {
    return {
      ...this.diagnosticOptions,
      abilities: this.abilities,
      asks: this.asks,
      allocate: this.options.allocate,
      shows: this.shows(history, path),
      version: (edited) => this.documents.at(edited)?.version ?? null,
    };
  }

  private async format(uri: string, range?: Range): Promise<TextEdit[]> {
    const path = pathOf(uri);
    const history = path === undefined ? undefined : await this.historyOf(path, false);
    if (path === undefined || !history) return [];
    const { formatDocument } = await import('./formatting.ts');
    const { edits, refusal } = formatDocument(path, history, range);
    if (refusal !== undefined) {
      const message: ShowMessageParams = { type: MessageType.Warning, message: refusal };
      this.background('a message', () =>
        this.connection.sendNotification(ShowMessageNotification.type, message),
      );
    }
    return edits;
  }

  private get diagnosticOptions() {
    return {
      relatedInformation: this.abilities.relatedInformation,
      uri: (path: string) => this.documents.uri(path),
      ...(this.abilities.codeDescription && { documentation: this.options.documentation }),
    };
  }

  private folderChanged(folder: string): void {
    if (!this.abilities.pull) {
      this.background('diagnostics', () => this.publisher.folderChanged(folder));
    } else if (
      this.abilities.refresh &&
      this.workspace.openPaths.some((path) => this.workspace.folderOf(path) === folder)
    ) {
      this.requestRefresh();
    }
  }

  /** However many folders have changed in this turn, the client is asked once. */
  private requestRefresh(): void {
    if (this.refreshWaiting) return;
    this.refreshWaiting = true;
    setImmediate(() => {
      this.refreshWaiting = false;
      this.background('refresh', async () => this.connection.languages.diagnostics.refresh());
    });
  }

  /** Once the diagnostics that it is about are on their way; `then` is begun when both have been sent. */
  private report(status: StatusParams, then?: () => void): void {
    setImmediate(() =>
      this.background('status', async () => {
        await this.connection.sendNotification(statusMethod, status);
        then?.();
      }),
    );
  }

  private background(what: string, work: () => Promise<void>): void {
    void this.guard(what, work, undefined);
  }

  private async guard<T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.connection.console.error(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
      return otherwise;
    }
  }
}
