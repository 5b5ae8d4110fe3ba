import { HistoryAnalysis, type KnownDatabase, type ReplayedStatement } from '../analysis/historyAnalysis.ts';
import { type Shows, showsAll, showsOfHistory } from '../analysis/shownFindings.ts';
import type { Allocate, FileEdits, Fix } from '../migrations/change.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import type { FileContent, MigrationFile } from '../migrations/migration.ts';
import type { Finding } from '../rules/finding.ts';
import type { FolderBases } from './baseBranch.ts';
import type { MigrationFolder } from './discovery.ts';
import { fromEditor, readContent, vanished } from './fileContent.ts';
import { baseNameOf, childOf, parentOf } from './filePath.ts';
import type { FileSystem } from './fileSystem.ts';
import { LineIndex } from './lineIndex.ts';

/** The texts that are open in an editor, by path: they go before what is on disk. */
export type OpenTexts = ReadonlyMap<string, string>;

/** Files that are read at the same time. */
const width = 16;

/** How long background work runs before it lets waiting requests through, in milliseconds. */
const slice = 8;

/** A migration folder and its findings, fed from the disk and from the editor. */
export class FolderHistory {
  readonly folder: MigrationFolder;
  readonly format: MigrationFormat;
  private readonly analysis: HistoryAnalysis;
  private readonly files: FileSystem;
  private readonly open: OpenTexts;
  /** What was last seen on disk; `undefined` for a file that was not there. */
  private readonly disk = new Map<string, FileContent | undefined>();
  /** What the analysis was given. */
  private readonly current = new Map<string, FileContent>();
  private readonly lineIndexes = new WeakMap<FileContent, LineIndex>();
  private readonly abort = new AbortController();
  private loading: Promise<void> | undefined;
  private loaded = false;
  /** Paths of the files that are history. */
  private unchanged: ReadonlySet<string> = new Set();

  constructor(folder: MigrationFolder, format: MigrationFormat, files: FileSystem, open: OpenTexts) {
    this.folder = folder;
    this.format = format;
    this.files = files;
    this.open = open;
    this.analysis = new HistoryAnalysis(folder.path, format, folder.config?.config ?? {});
  }

  /** Whether all files of the folder are known, so that findings say all there is to say. */
  get complete(): boolean {
    return this.loaded;
  }

  /** Whether someone has asked for all files. */
  get loadStarted(): boolean {
    return this.loading !== undefined;
  }

  /** The paths of all known files, in the order the tool applies them. */
  get paths(): readonly string[] {
    return this.analysis.files.map((file) => file.path);
  }

  claims(path: string): boolean {
    return this.format.claims(baseNameOf(path));
  }

  content(path: string): FileContent | undefined {
    return this.current.get(path);
  }

  /** The lines of a file as the findings' spans count them. */
  lines(path: string): LineIndex {
    const content = this.current.get(path);
    if (!content) return new LineIndex('');
    const known = this.lineIndexes.get(content);
    if (known) return known;
    const index = new LineIndex(content.text);
    this.lineIndexes.set(content, index);
    return index;
  }

  /** A file as its tool reads it. */
  migration(path: string): MigrationFile | undefined {
    return this.analysis.file(path);
  }

  statementAt(path: string, offset: number): ReplayedStatement | undefined {
    return this.current.has(path) ? this.analysis.statementAt(path, offset) : undefined;
  }

  findings(path: string): readonly Finding[] {
    return this.current.has(path) ? this.analysis.findings(path) : [];
  }

  /** Which findings of a file are shown, as it is now: of a file that is history not all. */
  shows(path: string): Shows {
    return this.isHistory(path) ? showsOfHistory(this.folder.config?.config.applied) : showsAll;
  }

  /** Whether the file is the same as on the base branch, also in the editor. */
  isHistory(path: string): boolean {
    return this.unchanged.has(path) && this.current.get(path)?.text === this.disk.get(path)?.text;
  }

  /** The folders whose files are this history. */
  get locations(): readonly string[] {
    return [this.folder, ...this.folder.elsewhere].map(({ path }) => path);
  }

  /** Takes up what is known of the base branch, by the folders of the history. Undefined: all files are new. */
  setBase(bases: FolderBases | undefined): void {
    this.unchanged = new Set();
    if (bases === undefined) {
      this.analysis.setBase(undefined);
      return;
    }
    const paths = new Set<string>();
    const incoming = new Map<string, string>();
    const unchanged = new Set<string>();
    for (const [folder, base] of bases) {
      for (const name of base.unchanged) unchanged.add(childOf(folder, name));
      for (const name of base.onBase) {
        if (!this.format.claims(name)) continue;
        const path = childOf(folder, name);
        const text = base.incoming.get(name);
        paths.add(path);
        if (text !== undefined) incoming.set(path, text);
      }
    }
    this.unchanged = unchanged;
    this.analysis.setBase({ paths, incoming });
  }

  edits(fix: Fix, path: string, allocate: Allocate): FileEdits {
    return this.analysis.edits(fix, path, allocate);
  }

  /** What `work` finds out when the file holds `text`; afterwards all is as it was. Synchronous, so that nobody else sees it. */
  supposing<T>(path: string, work: (history: SupposedHistory) => T): T {
    const before = this.current.get(path);
    try {
      return work({
        findings: () => this.findings(path),
        edits: (fix, allocate) => this.edits(fix, path, allocate),
        setText: (text) => before && this.set({ ...before, text }),
      });
    } finally {
      if (before) this.set(before);
    }
  }

  /** Takes a file's new content, as it has just been written to the disk. */
  written(content: FileContent): void {
    this.disk.set(content.path, content);
    this.put(content.path);
  }

  /** Forgets a file that has just been given another name. */
  removed(path: string): void {
    this.disk.set(path, undefined);
    this.put(path);
  }

  /** Says what the database in use tells; undefined where that is not known. */
  setDatabase(known: KnownDatabase | undefined): void {
    this.analysis.setDatabase(known);
  }

  /** Makes one file known, before the others have been read. */
  async ensure(path: string): Promise<void> {
    if (!this.disk.has(path)) await this.refresh(path);
  }

  /** Reads one file again. Gives whether anything about it has changed. */
  async refresh(path: string): Promise<boolean> {
    const found = await readContent(this.files, path);
    const before = this.disk.get(path);
    this.disk.set(path, found);
    // A deleted file whose text has not been touched in the editor is gone, though a tab may still show it.
    if (!found && before && before.text === this.open.get(path)) return this.drop(path);
    return this.put(path);
  }

  /** The file's text in the editor is another one now, or it was closed. Gives whether anything about it has changed. */
  edited(path: string): boolean {
    return this.put(path);
  }

  /**
   * Reads all files that are not known yet. Called again, it gives the same promise. `inBackground`: others wait for
   * answers meanwhile, so the work that the next question would bring is done in slices before it is asked.
   */
  load(inBackground = false): Promise<void> {
    this.loading ??= this.readAll(inBackground);
    return this.loading;
  }

  /** Ends background work. */
  dispose(): void {
    this.abort.abort();
  }

  private async readAll(inBackground: boolean): Promise<void> {
    const locations = [this.folder, ...this.folder.elsewhere];
    const onDisk = locations.flatMap(({ path, entries }) =>
      entries
        .filter((entry) => entry.kind !== 'directory' && this.format.claims(entry.name))
        .map((entry) => childOf(path, entry.name)),
    );
    const inEditor = [...this.open.keys()].filter(
      (open) => locations.some(({ path }) => parentOf(open) === path) && this.claims(open),
    );
    const listed = new Set(onDisk);
    const waiting = [...new Set([...onDisk, ...inEditor])];
    for (let at = 0; at < waiting.length && !this.abort.signal.aborted; at += width) {
      await Promise.all(waiting.slice(at, at + width).map((path) => this.readListed(path, listed.has(path))));
    }
    if (inBackground) await this.warm();
    if (this.abort.signal.aborted) return;
    this.analysis.setComplete(true);
    this.loaded = true;
  }

  private async readListed(path: string, wasOnDisk: boolean): Promise<void> {
    if (this.disk.has(path)) return;
    const read = await readContent(this.files, path);
    const found = read ?? (wasOnDisk && !this.open.has(path) ? vanished(path) : undefined);
    // Someone else may have read it meanwhile, and later.
    if (this.disk.has(path)) return;
    this.disk.set(path, found);
    this.put(path);
  }

  /** Parses file by file, so that the first question about the whole history does not have to do it all at once. */
  private async warm(): Promise<void> {
    let start = performance.now();
    for (const path of this.paths) {
      if (this.abort.signal.aborted) return;
      this.analysis.findings(path);
      if (performance.now() - start < slice) continue;
      await new Promise((resolve) => setImmediate(resolve));
      start = performance.now();
    }
  }

  private put(path: string): boolean {
    const disk = this.disk.get(path);
    const text = this.open.get(path);
    if (text === undefined) return disk ? this.set(disk) : this.drop(path);
    // The tool reads the bytes on disk: what is wrong with them stays wrong until the file is saved.
    if (disk?.unreadable) return this.set(disk);
    const edited = fromEditor(path, text);
    return this.set({ ...edited, byteOrderMark: edited.byteOrderMark || (disk?.byteOrderMark ?? false) });
  }

  private set(content: FileContent): boolean {
    const before = this.current.get(content.path);
    const same =
      before?.text === content.text &&
      before.byteOrderMark === content.byteOrderMark &&
      before.unreadable === content.unreadable;
    if (same) return false;
    this.current.set(content.path, content);
    this.analysis.set(content);
    return true;
  }

  private drop(path: string): boolean {
    if (!this.current.delete(path)) return false;
    this.analysis.remove(path);
    return true;
  }
}

/** One file of a history, to be tried with other texts. */
export interface SupposedHistory {
  findings(): readonly Finding[];
  edits(fix: Fix, allocate: Allocate): FileEdits;
  setText(text: string): void;
}
