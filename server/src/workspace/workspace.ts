import { isDeepStrictEqual } from 'node:util';
import type { KnownDatabase } from '../analysis/historyAnalysis.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import { BaseBranches, type FolderBases } from './baseBranch.ts';
import { ConfigFiles } from './configFiles.ts';
import { type MigrationFolder, migrationFolderAt } from './discovery.ts';
import { baseNameOf, childOf, isWithin, parentOf } from './filePath.ts';
import { type FileSystem, obstacleInWords } from './fileSystem.ts';
import { FolderHistory } from './folderHistory.ts';
import type { Git } from './git.ts';
import { decidesHowFoldersAreRead } from './projectFiles.ts';
import { readHead, showsTool } from './toolDetection.ts';

export interface WorkspaceOptions {
  readonly files: FileSystem;
  readonly formatOf: (folder: MigrationFolder) => Promise<MigrationFormat>;
  /** Called when the findings of open files in `folder` may be others now, without an edit in the editor. */
  readonly onChange: (folder: string) => void;
  readonly log: (line: string) => void;
}

/** A change on disk, as a watcher reports it. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'created' | 'changed' | 'deleted';
}

/**
 * The migration folders of the files that are open. A folder is looked at when a file in it is asked for: that
 * file first, the rest of its history in the background. All paths are absolute.
 */
export class Workspace {
  private readonly options: WorkspaceOptions;
  private readonly configs: ConfigFiles;
  private readonly open = new Map<string, string>();
  /** By folder path; `undefined` for a directory that is no migration folder. */
  private readonly detected = new Map<string, Promise<FolderHistory | undefined>>();
  /** Of a folder whose files belong to the history of another one: that one. */
  private readonly homes = new Map<string, string>();
  /** Those of `detected` that are there. */
  private readonly histories = new Map<string, FolderHistory>();
  /** The open files that showed an annotation when a directory was found to be no migration folder. */
  private readonly shown = new Map<string, string>();
  /** Changes on disk are taken up one after the other. */
  private changes: Promise<void> = Promise.resolve();
  /** Absent while git may not be run. */
  private bases: BaseBranches | undefined;
  /** What the database of a folder said when it was last asked, by the folder's path. */
  private readonly databases = new Map<string, KnownDatabase>();
  /** What each folder was last told of the base branch. */
  private readonly told = new WeakMap<FolderHistory, FolderBases | undefined>();

  constructor(options: WorkspaceOptions) {
    this.options = options;
    this.configs = new ConfigFiles(options.files);
  }

  /** The file is open in the editor with this text, or has another text now. */
  setOpen(path: string, text: string): void {
    const isNew = !this.open.has(path);
    this.open.set(path, text);
    const history = this.histories.get(this.folderOf(path));
    const changed = history?.edited(path);
    // A fix has made it, or changed it, from another file: that one is still looked at.
    if (isNew && changed && history?.complete) this.options.onChange(history.folder.path);
  }

  /** The file was closed: what is on disk counts again. */
  async close(path: string): Promise<void> {
    this.open.delete(path);
    const history = this.histories.get(this.folderOf(path));
    history?.edited(path);
    if (history && (await history.refresh(path))) this.options.onChange(history.folder.path);
  }

  /** The folder in whose history a file stands, as far as that is known. */
  folderOf(path: string): string {
    const parent = parentOf(path);
    return this.homes.get(parent) ?? parent;
  }

  get openPaths(): readonly string[] {
    return [...this.open.keys()];
  }

  /**
   * The history in which the file can be asked for its findings, or undefined when it is no migration. With
   * `whole`, all of its folder has been read; else only the file itself is sure to be known.
   */
  async historyOf(path: string, whole: boolean): Promise<FolderHistory | undefined> {
    const history = await this.detect(this.folderOf(path));
    if (!history?.claims(path)) return undefined;
    await history.ensure(path);
    if (whole) await this.load(history, false);
    return history;
  }

  /** Says what the database in use of a folder tells, if anything. Reports where that is something else than before. */
  setDatabase(folder: string, known: KnownDatabase | undefined): void {
    if (isDeepStrictEqual(this.databases.get(folder), known)) return;
    if (known === undefined) this.databases.delete(folder);
    else this.databases.set(folder, known);
    const history = this.histories.get(folder);
    if (history === undefined) return;
    history.setDatabase(known);
    this.options.onChange(folder);
  }

  /** From now on git tells which files are history. It runs in the workspace's repositories: only where they are trusted. */
  allowGit(git: Git): void {
    this.bases = new BaseBranches(git);
    for (const history of this.histories.values()) this.compareInBackground(history);
  }

  /**
   * Reads the rest of the file's folder in the background, once, and reports when that is done. Asked again, it looks
   * whether the repository has moved.
   */
  loadInBackground(history: FolderHistory): void {
    if (history.complete) this.compareInBackground(history);
    else void this.load(history, true);
  }

  /** Reads the rest of the folder; the first who asks sees to it that the end is reported, for all others too. */
  private load(history: FolderHistory, inBackground: boolean): Promise<void> {
    const first = !history.loadStarted;
    const loading = history.load(inBackground);
    if (first) {
      Promise.all([loading, this.compareWithBase(history)]).then(
        () => history.complete && this.options.onChange(history.folder.path),
        (error) => this.options.log(`${history.folder.path} cannot be read: ${obstacleInWords(error)}`),
      );
    }
    return loading;
  }

  /** Takes up changes on disk; resolves when that is done. */
  filesChanged(changes: readonly FileChange[]): Promise<void> {
    this.changes = this.changes
      .then(() => this.takeUp(changes))
      .catch((error) =>
        this.options.log(`a change on disk could not be taken up: ${obstacleInWords(error)}`),
      );
    return this.changes;
  }

  /** Forgets the folders in a workspace folder that was closed, but for those with open files. */
  forgetRoot(root: string): void {
    const inUse = new Set(this.openPaths.map((path) => this.folderOf(path)));
    for (const folder of [...this.detected.keys()]) {
      if (isWithin(folder, root) && !inUse.has(folder)) this.forget(folder);
    }
    for (const folder of [...this.databases.keys()]) {
      if (isWithin(folder, root) && !inUse.has(folder)) this.databases.delete(folder);
    }
  }

  /** Asks git how the folder stands to its base branch. Gives whether that is another answer than before. */
  private async compareWithBase(history: FolderHistory): Promise<boolean> {
    const { bases } = this;
    if (!bases) return false;
    // To start a process takes milliseconds: whoever waits for files has them read first.
    await new Promise((resolve) => setImmediate(resolve));
    const { config } = history.folder;
    const asked = history.locations.map(async (path) => {
      const base = await bases.of(path, config?.config.baseBranch);
      return base === undefined ? [] : [[path, base] as const];
    });
    const known = new Map((await Promise.all(asked)).flat());
    const found = known.size === 0 ? undefined : known;
    if (isDeepStrictEqual(found, this.told.get(history))) return false;
    this.told.set(history, found);
    history.setBase(found);
    return true;
  }

  private compareInBackground(history: FolderHistory): void {
    void this.compareWithBase(history).then((moved) => moved && this.options.onChange(history.folder.path));
  }

  private detect(folder: string): Promise<FolderHistory | undefined> {
    const shown = this.shown.get(folder);
    if (shown !== undefined && shown !== this.showing(folder)) this.forget(folder);
    const known = this.detected.get(folder);
    if (known) return known;
    const showing = this.showing(folder);
    const detecting = this.look(folder);
    this.detected.set(folder, detecting);
    return detecting.then((history) => {
      // It may have been forgotten while it was being looked at.
      if (this.detected.get(folder) !== detecting) return this.detect(folder);
      if (history) this.adopt(history);
      else this.shown.set(folder, showing);
      return history;
    });
  }

  private adopt(history: FolderHistory): void {
    if (this.histories.get(history.folder.path) === history) return;
    this.histories.set(history.folder.path, history);
    const known = this.databases.get(history.folder.path);
    if (known !== undefined) history.setDatabase(known);
    const { config, elsewhere } = history.folder;
    for (const { path } of elsewhere) this.homes.set(path, history.folder.path);
    for (const { message } of config?.problems ?? []) this.options.log(`${config?.path}: ${message}`);
  }

  private async look(folder: string): Promise<FolderHistory | undefined> {
    const { files, formatOf, log } = this.options;
    const head = async (name: string) => {
      const path = childOf(folder, name);
      return this.open.get(path) ?? readHead(files, path);
    };
    try {
      const found = await migrationFolderAt(folder, files, this.configs, { head, open: this.openIn(folder) });
      if (found && found.path !== folder && !this.homes.has(folder)) {
        this.homes.set(folder, found.path);
        return await this.detect(found.path);
      }
      return found && new FolderHistory(found, await formatOf(found), files, this.open);
    } catch (error) {
      log(`${folder} cannot be read: ${obstacleInWords(error)}`);
      return undefined;
    }
  }

  private async takeUp(all: readonly FileChange[]): Promise<void> {
    const touched = new Set<string>();
    const changes = all.filter(({ path }) => !path.includes('/.git/'));
    if (changes.length < all.length) {
      for (const history of this.histories.values()) this.compareInBackground(history);
    }
    for (const { path, kind } of changes) {
      if (decidesHowFoldersAreRead(baseNameOf(path))) this.forgetWithin(parentOf(path), touched);
      else if (kind === 'deleted') this.forgetWithin(path, touched);
    }
    for (const folder of new Set(changes.map(({ path }) => this.folderOf(path)))) {
      const inside = changes.filter(({ path }) => this.folderOf(path) === folder);
      if (this.detected.has(folder) && (await this.takeUpIn(folder, inside))) touched.add(folder);
    }
    for (const folder of touched) this.options.onChange(folder);
  }

  /** Gives whether findings may have changed. */
  private async takeUpIn(folder: string, changes: readonly FileChange[]): Promise<boolean> {
    const history = await this.detected.get(folder);
    const relevant = changes.filter(({ path }) =>
      history ? history.claims(path) : /\.(sql|py)$/.test(path),
    );
    if (relevant.length === 0) return false;
    const sameFiles = relevant.every(({ kind }) => kind === 'changed');
    if (!history || !(sameFiles || (await this.isStill(history)))) {
      this.forget(folder);
      return true;
    }
    const changed = await Promise.all(relevant.map(({ path }) => history.refresh(path)));
    // What is saved differs from the base branch, or no longer does.
    for (const path of history.locations) this.bases?.forget(path);
    const moved = await this.compareWithBase(history);
    return changed.includes(true) || moved;
  }

  /** Whether detection, done again, comes to the same tool with the same settings. */
  private async isStill(history: FolderHistory): Promise<boolean> {
    const { tool, pairs, revisions, path } = history.folder;
    const found = (await this.look(path))?.folder;
    return found?.tool === tool && found.pairs === pairs && isDeepStrictEqual(found.revisions, revisions);
  }

  /** Forgets all folders in a directory that is gone, or whose configuration is another one. */
  private forgetWithin(path: string, touched: Set<string>): void {
    this.configs.forget();
    for (const folder of [...this.detected.keys()]) {
      if (!isWithin(folder, path)) continue;
      this.forget(folder);
      touched.add(folder);
    }
  }

  private forget(folder: string): void {
    const history = this.histories.get(folder);
    history?.dispose();
    this.histories.delete(folder);
    this.detected.delete(folder);
    for (const [other, home] of this.homes) {
      if (home !== folder) continue;
      this.homes.delete(other);
      this.detected.delete(other);
    }
    this.shown.delete(folder);
    for (const path of history?.locations ?? [folder]) this.bases?.forget(path);
  }

  private openIn(folder: string): string[] {
    return this.openPaths.filter((path) => parentOf(path) === folder).map(baseNameOf);
  }

  private showing(folder: string): string {
    const names = this.openIn(folder);
    return names.filter((name) => showsTool(this.open.get(childOf(folder, name)) ?? '')).join('/');
  }
}
