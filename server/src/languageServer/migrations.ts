import type { KnownDatabase } from '../analysis/historyAnalysis.ts';
import type { Allocate } from '../migrations/change.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import { reachable } from '../migrations/reachable.ts';
import type { RevisionNode } from '../migrations/revisionGraph.ts';
import { graphOf } from '../migrations/revisionHistory.ts';
import { configFileName } from '../workspace/configFiles.ts';
import { baseNameOf } from '../workspace/filePath.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import type { FileChange } from '../workspace/workspace.ts';
import { codeLenses, type TakenAlong } from './codeLenses.ts';
import type { Means } from './folderDatabase.ts';
import {
  type ClientCapabilities,
  type CodeLens,
  CodeLensRefreshRequest,
  type Connection,
  type Diagnostic,
  type WorkspaceFolder,
} from './lsp.ts';
import { MigrationFolders, type Root } from './migrationFolders.ts';
import type { MigrationRuns } from './migrationRuns.ts';
import type {
  DismissMethod,
  FolderMigrations,
  FolderParams,
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
  RunParams,
  RunPlan,
  RunResult,
  SettingsMethod,
  SettingsParams,
  Sql,
  SqlMethod,
} from './protocol.ts';
import { pathOf, uriOf } from './uri.ts';

const settingsMethod: SettingsMethod = 'skein/settings';
const migrationsMethod: MigrationsMethod = 'skein/migrations';
const planMethod: PlanMethod = 'skein/plan';
const dismissMethod: DismissMethod = 'skein/dismissPlan';
const runMethod: RunMethod = 'skein/run';
const resetMethod: ResetMethod = 'skein/resetDatabase';
const newMigrationMethod: NewMigrationMethod = 'skein/newMigration';
const sqlMethod: SqlMethod = 'skein/sql';
const mergeHeadsMethod: MergeHeadsMethod = 'skein/mergeHeads';
const changedMethod: MigrationsChangedMethod = 'skein/migrationsChanged';

export interface MigrationsOptions extends Means {
  readonly connection: Connection;
  readonly allocate: Allocate;
  readonly uri: (path: string) => string;
  /** The history that a file is in; with `whole` all of its folder has been read. */
  readonly historyOf: (path: string, whole: boolean) => Promise<FolderHistory | undefined>;
  /** What the database of a folder told; undefined where it is another one, and told nothing. */
  readonly onDatabase: (folder: string, known: KnownDatabase | undefined) => void;
  /** The diagnostics of a file that its client does not ask for are others now. */
  readonly publish: (path: string) => void;
}

/** The migrations of the workspace as something to run: told apart from what is found in their texts. */
export class Migrations {
  private readonly options: MigrationsOptions;
  private readonly folders: MigrationFolders;
  private settings: SettingsParams = { folders: [], passwords: {}, codeLens: true };
  private trusted = false;
  /** What runs migrations, once somebody has wanted it: the first diagnostics do not wait for its code. */
  private runs: MigrationRuns | undefined;
  private loading: Promise<MigrationRuns> | undefined;
  private roots: readonly Root[] = [];
  private pulls = false;
  private refreshesLenses = false;
  private changeWaiting = false;
  /** How folders stand, until something changes: lenses are asked for with every edit. */
  private readonly states = new Map<string, Promise<FolderMigrations | undefined>>();

  constructor(options: MigrationsOptions) {
    this.options = options;
    this.folders = new MigrationFolders(options.disk, async () => this.roots);
  }

  listen(): void {
    const { connection } = this.options;
    const load = () => this.load();
    connection.onCodeLens(({ textDocument }) => this.lenses(textDocument.uri));
    connection.onNotification(settingsMethod, (settings: SettingsParams) => {
      this.settings = settings;
      this.runs?.forgetPrograms();
      this.changed();
    });
    connection.onRequest(migrationsMethod, async (params: MigrationsParams) =>
      (await load()).migrations(params),
    );
    connection.onRequest<RunPlan | Refused | null, void>(planMethod, async (params: PlanParams, token) =>
      (await load()).plan(params, token),
    );
    connection.onNotification(dismissMethod, async (params: RunParams) => (await load()).dismiss(params));
    connection.onRequest<RunResult | Refused, void>(runMethod, async (params: RunParams, token) =>
      (await load()).run(params, token),
    );
    connection.onRequest(resetMethod, async (params: FolderParams) => (await load()).reset(params));
    connection.onRequest<NewFile[] | Refused, void>(newMigrationMethod, async (params: NewMigrationParams) =>
      (await load()).newMigration(params),
    );
    connection.onRequest<NewFile[] | Refused, void>(mergeHeadsMethod, async (params: FolderParams) =>
      (await load()).mergeHeads(params),
    );
    connection.onRequest<Sql | Refused, void>(sqlMethod, async (params: PlanParams, token) =>
      (await load()).sql(params, token),
    );
  }

  /** What the client said of itself at the start. Nothing is looked for yet. */
  initialize(capabilities: ClientCapabilities, folders: readonly WorkspaceFolder[], trusted: boolean): void {
    this.pulls = capabilities.textDocument?.diagnostic !== undefined;
    this.refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
    this.roots = folders.flatMap(rootOf);
    if (trusted) this.allow();
  }

  /** The workspace is trusted: databases may be opened. */
  allow(): void {
    this.trusted = true;
    this.changed();
  }

  rootsChanged(added: readonly WorkspaceFolder[], removed: readonly WorkspaceFolder[]): void {
    const gone = new Set(removed.map(({ uri }) => pathOf(uri)));
    this.roots = [...this.roots.filter(({ path }) => !gone.has(path)), ...added.flatMap(rootOf)];
    this.folders.forget();
    this.changed();
  }

  /** The text of a document in the editor. */
  edited(path: string, text: string): void {
    this.runs?.edited(path, text);
  }

  filesChanged(changes: readonly FileChange[]): void {
    const mine = changes.filter(({ path }) => !path.includes('/.git/') && !path.includes('/.skein/'));
    if (mine.length === 0) return;
    if (mine.some(({ path, kind }) => kind !== 'changed' || baseNameOf(path) === configFileName)) {
      this.folders.forget();
    }
    this.changed();
  }

  /** Failures of runs, for a client that does not ask for diagnostics and so gets all of them at once. */
  published(path: string): Diagnostic[] {
    return this.pulls ? [] : this.failuresIn(path);
  }

  private async lenses(uri: string): Promise<CodeLens[]> {
    const path = pathOf(uri);
    if (path === undefined || !this.settings.codeLens) return [];
    const { historyOf } = this.options;
    const history = await historyOf(path, false);
    if (history === undefined) return [];
    const known = await this.stateOf(history.folder.path);
    const state = known?.migrations.find((migration) => pathOf(migration.uri) === path);
    // What goes along with a revision hangs on all the others.
    if (history.folder.tool === 'alembic') await historyOf(path, true);
    const file = history.migration(path);
    if (known === undefined || state === undefined || file === undefined) return [];
    return codeLenses(file, history.lines(path), state, known, takenAlong(file, history));
  }

  private load(): Promise<MigrationRuns> {
    this.loading ??= import('./migrationRuns.ts').then(({ MigrationRuns }) => {
      this.runs = new MigrationRuns({
        ...this.options,
        folders: this.folders,
        settings: () => this.settings,
        trusted: () => this.trusted,
        onChange: () => this.changed(),
        onFailure: (path) => this.failed(path),
      });
      return this.runs;
    });
    return this.loading;
  }

  private failuresIn(path: string): Diagnostic[] {
    return this.runs?.diagnostics(path) ?? [];
  }

  private stateOf(folder: string): Promise<FolderMigrations | undefined> {
    const known = this.states.get(folder) ?? this.load().then((runs) => runs.known(folder));
    this.states.set(folder, known);
    return known;
  }

  /** Apart from what the client asks for, so that a file shows its failure before it is opened. */
  private failed(path: string): void {
    if (!this.pulls) this.options.publish(path);
    else {
      const { connection, uri } = this.options;
      void connection.sendDiagnostics({ uri: uri(path), diagnostics: this.failuresIn(path) });
    }
  }

  /** However much has changed in this turn, the client is told once. */
  private changed(): void {
    this.states.clear();
    if (this.changeWaiting) return;
    this.changeWaiting = true;
    setImmediate(() => {
      this.changeWaiting = false;
      const { connection } = this.options;
      void connection.sendNotification(changedMethod);
      if (this.refreshesLenses) {
        // A client that is going does not answer.
        connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
      }
    });
  }
}

/** Where revisions form a graph, what goes with one; undefined where files go one after the other. */
function takenAlong({ revision }: MigrationFile, history: RevisionFiles): TakenAlong | undefined {
  if (revision === undefined) return undefined;
  const { nodes } = graphOf(history.paths.flatMap((path) => history.migration(path) ?? []));
  const node = nodes.get(revision.id);
  if (node === undefined) return undefined;
  const ids = (found: ReadonlySet<RevisionNode>) =>
    new Set([...found].flatMap((each) => (each === node ? [] : each.id)));
  const [parent, ...others] = node.parents;
  return {
    before: ids(reachable([node], ({ needs }) => needs)),
    after: ids(reachable([node], ({ neededBy }) => neededBy)),
    // Of a merge both sides stay, whichever is named; else one down, on its own branch.
    behind: parent !== undefined && others.length > 0 ? parent.id : `${node.id}@${node.id}-1`,
  };
}

interface RevisionFiles {
  readonly paths: readonly string[];
  migration(path: string): MigrationFile | undefined;
}

function rootOf({ uri, name }: WorkspaceFolder): Root[] {
  const path = pathOf(uri);
  return path === undefined ? [] : [{ path: path.length > 1 ? path.replace(/\/$/, '') : path, name }];
}

/** The folders of a client, as it names them at the start. */
export function foldersOf(params: {
  readonly workspaceFolders?: readonly WorkspaceFolder[] | null;
  readonly rootUri?: string | null;
}): readonly WorkspaceFolder[] {
  if (params.workspaceFolders) return params.workspaceFolders;
  const path = params.rootUri ? pathOf(params.rootUri) : undefined;
  return path === undefined ? [] : [{ uri: uriOf(path), name: baseNameOf(path) }];
}
