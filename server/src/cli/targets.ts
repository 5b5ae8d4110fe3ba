import { isAbsolute, relative, resolve } from 'node:path';
import { isHarmless } from '../config/skeinConfig.ts';
import { type FolderBase, standingTo } from '../workspace/baseBranch.ts';
import { type ConfigFile, ConfigFiles, readConfigFile } from '../workspace/configFiles.ts';
import { type Discovery, discover, type MigrationFolder, migrationFolderAt } from '../workspace/discovery.ts';
import { absolutePath, baseNameOf, childOf, parentOf, slashed } from '../workspace/filePath.ts';
import { type FileSystem, FileSystemError, obstacleInWords } from '../workspace/fileSystem.ts';
import { FolderHistory } from '../workspace/folderHistory.ts';
import { formatOf } from '../workspace/formatOf.ts';
import { commitOf, type Git, GitError } from '../workspace/git.ts';
import { LineIndex } from '../workspace/lineIndex.ts';
import { nodeFileSystem } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import type { Terminal } from './terminal.ts';

/** A migration folder that a command was pointed at. */
export interface Target {
  readonly history: FolderHistory;
  /** The files it is about, in the order the tool applies them. */
  readonly paths: readonly string[];
  /** Whether they were named one by one, not their folder. */
  readonly named: boolean;
}

export interface TargetOptions {
  readonly files: FileSystem;
  /** As typed; none for the working directory. */
  readonly paths: readonly string[];
  /** Goes before every skein.json. */
  readonly config: string | undefined;
  /** Only the files that are new or changed since the work left this commit's line of history. */
  readonly since?: { readonly ref: string; readonly git: Git } | undefined;
  readonly warn: (line: string) => void;
}

/** The folders behind the paths, read whole. Paths in them are relative, or absolute where the argument was. */
export async function targets(options: TargetOptions): Promise<Target[]> {
  const search = new Search(options, await configsFor(options));
  for (const path of options.paths.length > 0 ? options.paths : ['.']) await search.add(asWritten(path));
  return search.finish();
}

/** The one folder behind the paths: for commands that are about a folder. `paths` is one path, or none. */
export async function oneFolder(
  paths: readonly string[],
  config: string | undefined,
  terminal: Terminal,
): Promise<FolderHistory> {
  if (paths.length > 1) throw new CannotRun('more than one PATH: this command is for one migration folder');
  const warn = (line: string) => terminal.error(`skein: ${line}\n`);
  const found = await targets({ files: nodeFileSystem, paths, config, warn });
  const [only, ...others] = found;
  if (only && others.length === 0) return only.history;
  const list = found.map(({ history }) => history.folder.path).join(', ');
  throw new CannotRun(`there are several migration folders, name one of them: ${list}`);
}

/** A path as it is printed. */
function asWritten(path: string): string {
  if (isAbsolute(path)) return absolutePath(path);
  return slashed(relative(process.cwd(), resolve(path))) || '.';
}

/** A path that is not an argument's, as short as it can be said. */
function asShort(path: string): string {
  const written = asWritten(relative(process.cwd(), path));
  return written.startsWith('../') ? path : written;
}

type Configs = Pick<ConfigFiles, 'nearest'>;

async function configsFor({ files, config }: TargetOptions): Promise<Configs> {
  if (config === undefined) return new ConfigFiles(files);
  const file = await readConfigFile(files, absolutePath(config));
  if (!file) throw new CannotRun(`${config}: no such file`);
  return { nearest: async () => file };
}

class Search {
  private readonly options: TargetOptions;
  private readonly configs: Configs;
  private readonly seenConfigs = new Map<string, ConfigFile>();
  /** By absolute path; with the files that were named, or `all`. */
  private readonly found = new Map<string, { folder: MigrationFolder; named: Set<string> | 'all' }>();

  constructor(options: TargetOptions, configs: Configs) {
    this.options = options;
    this.configs = {
      nearest: async (folder) => {
        const file = await configs.nearest(folder);
        if (file) this.seenConfigs.set(file.path, file);
        return file;
      },
    };
  }

  /** Files that were named and are no migrations, one sentence each. */
  private readonly skipped: string[] = [];

  async add(path: string): Promise<void> {
    const kind = await this.options.files.kindOf(path).catch((error) => {
      const missing = error instanceof FileSystemError && error.obstacle === 'vanished';
      throw new CannotRun(
        missing ? `${path}: no such file or directory` : unreadable(path, obstacleInWords(error)),
      );
    });
    if (kind === 'directory') await this.addDirectory(path);
    else await this.addFile(path);
  }

  async finish(): Promise<Target[]> {
    this.checkConfigs();
    const { files, paths } = this.options;
    if (this.found.size === 0) {
      const where = paths.length > 0 ? paths.join(', ') : 'the working directory';
      const reason = paths.length === 1 ? this.skipped[0] : undefined;
      throw new CannotRun(reason ?? `no migrations found in ${where}`);
    }
    for (const reason of this.skipped) this.options.warn(`${reason}: skipped`);
    const result: Target[] = [];
    for (const { folder, named } of this.found.values()) {
      const history = new FolderHistory(folder, await formatOf(folder), files, new Map());
      await history.load();
      const unchanged = await this.unchanged(history);
      const about = (path: string) => (named === 'all' || named.has(path)) && !unchanged.has(path);
      result.push({ history, paths: history.paths.filter(about), named: named !== 'all' });
    }
    return result;
  }

  /** The files that `since` leaves out. */
  private async unchanged(history: FolderHistory): Promise<ReadonlySet<string>> {
    const { since } = this.options;
    if (since === undefined) return new Set();
    const bases = new Map<string, FolderBase>();
    for (const path of history.locations) {
      bases.set(path, await standingSince(since.git, absolutePath(path), since.ref));
    }
    history.setBase(bases);
    return new Set(
      [...bases].flatMap(([path, base]) => [...base.unchanged].map((name) => childOf(path, name))),
    );
  }

  private async addDirectory(path: string): Promise<void> {
    const discovery: Discovery = await discover(path, this.options.files, this.configs);
    for (const blocked of discovery.unreadable) {
      if (blocked.path === path) throw new CannotRun(unreadable(path, blocked.reason));
      this.options.warn(`${unreadable(blocked.path, blocked.reason)}: skipped`);
    }
    if (discovery.cut) this.options.warn(`${path}: too many directories, not all were searched`);
    for (const folder of discovery.folders) {
      const known = this.found.get(absolutePath(folder.path));
      if (known) known.named = 'all';
      else this.found.set(absolutePath(folder.path), { folder, named: 'all' });
    }
  }

  private async addFile(path: string): Promise<void> {
    const parent = parentOf(path);
    const folder = await migrationFolderAt(parent, this.options.files, this.configs).catch((error) => {
      throw new CannotRun(unreadable(parent, obstacleInWords(error)));
    });
    if (!folder || !(await formatOf(folder)).claims(baseNameOf(path))) {
      this.skipped.push(`${path} is no migration of a tool that Skein reads`);
      return;
    }
    const home = absolutePath(folder.path);
    const known = this.found.get(home);
    if (!known) this.found.set(home, { folder, named: new Set([path]) });
    else if (known.named !== 'all') {
      const isHome = absolutePath(parent) === home;
      known.named.add(isHome ? childOf(known.folder.path, baseNameOf(path)) : path);
    }
  }

  /** A setting that cannot be read would change what is found: better to say so than to go on without it. */
  private checkConfigs(): void {
    for (const { path, text, problems } of this.seenConfigs.values()) {
      const lines = new LineIndex(text);
      for (const problem of problems) {
        const { message, span } = problem;
        const { line, character } = lines.position(span.start);
        const sentence = `${asShort(path)}:${line + 1}:${character + 1}: ${message}`;
        if (!isHarmless(problem)) throw new CannotRun(sentence);
        this.options.warn(sentence);
      }
    }
  }
}

async function standingSince(git: Git, folder: string, ref: string): Promise<FolderBase> {
  const refused =
    (reason: string) =>
    (error: unknown): never => {
      if (!(error instanceof GitError)) throw error;
      throw new CannotRun(error.reason === 'missing' ? '--since needs git, which is not installed' : reason);
    };
  const outside = `--since needs a git repository, which ${asShort(folder)} is not in`;
  await git(folder, ['rev-parse', '--git-dir']).catch(refused(outside));
  const unknown = `--since: git knows no commit "${ref}"`;
  const commit = await commitOf(git, folder, ref).catch(refused(unknown));
  return standingTo(git, folder, commit).catch((error: Error) => {
    throw new CannotRun(`--since ${ref}: ${error.message.split('\n')[0]}`);
  });
}

function unreadable(path: string, reason: string): string {
  return `${path} cannot be read: ${reason}`;
}
