import type { Catalog } from '../catalog/catalog.ts';
import { emptyCatalog } from '../catalog/catalog.ts';
import { mentionsOf, type ObjectKind } from '../catalog/mentions.ts';
import type { SkeinConfig } from '../config/skeinConfig.ts';
import { type Allocate, type FileEdits, type Fix, splits } from '../migrations/change.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import { type History, hasPlaceInGraph, standsLike, type Turn } from '../migrations/history.ts';
import { type FileContent, type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import { Replayer } from '../replay/replay.ts';
import type { Step } from '../replay/step.ts';
import { ALL_RULES } from '../rules/allRules.ts';
import type { Finding } from '../rules/finding.ts';
import type {
  AppliedFiles,
  BaseBranch,
  FileName,
  HistoryView,
  ReplayedScript,
  Rule,
  RuleContext,
} from '../rules/rule.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';
import { type ActiveRules, activeRules } from './activeRules.ts';
import { FileFindings, replayedScript } from './fileFindings.ts';
import { type FileReplay, TurnReplays } from './turnReplays.ts';

/** The server version assumed when none is known. */
const DEFAULT_POSTGRES_VERSION = 14;

/** A statement of a document, and what became of it in the history. */
export interface ReplayedStatement {
  readonly statement: Statement;
  /** Its own step first, then those of the statements inside it; none of one that does not parse. */
  readonly steps: readonly Step[];
  readonly postgresVersion: number;
}

interface Engine {
  readonly replayer: Replayer;
  readonly replays: TurnReplays;
  readonly fileFindings: FileFindings;
}

/** What the database in use tells of a folder. */
export interface KnownDatabase {
  readonly postgresVersion?: number;
  readonly applied: AppliedFiles;
}

/** The base branch as rules see it, and its files as far as their names tell. */
interface KnownBase {
  readonly view: BaseBranch;
  readonly ordered: readonly MigrationFile[];
}

/**
 * The findings of one migration folder, kept up to date as its files change. Setting a file is cheap; work is done
 * when findings are asked for, and only what the change touched is done again.
 */
export class HistoryAnalysis {
  /** The directory all files stand in, as their paths spell it. */
  readonly folder: string;
  readonly format: MigrationFormat;
  readonly config: SkeinConfig;
  private context: RuleContext;
  private readonly rules: ActiveRules;
  private readonly start: Catalog;
  /** Works for one server version. */
  private engine: Engine;
  private readonly byPath = new Map<string, MigrationFile>();
  /** Those of the files of which it is not known where they stand among revisions. */
  private readonly placeless = new Set<string>();
  private readonly ups = new WeakMap<FileReplay, ReplayedScript>();
  private readonly making = new WeakMap<MigrationFile, ReadonlySet<string>>();
  private history: History | undefined;
  private turnOf: ReadonlyMap<string, Turn> = new Map();
  private ordered: readonly MigrationFile[] | undefined;
  private names: readonly FileName[] | undefined;
  private complete = false;
  private base: KnownBase | undefined;
  private applied: AppliedFiles | undefined;

  /** `rules` are all that may speak; the configuration decides their levels. */
  constructor(
    folder: string,
    format: MigrationFormat,
    config: SkeinConfig,
    rules: readonly Rule[] = ALL_RULES,
  ) {
    this.folder = folder;
    this.format = format;
    this.config = config;
    this.context = {
      postgresVersion: config.postgresVersion ?? DEFAULT_POSTGRES_VERSION,
      forwardOnly: config.forwardOnly === true,
      versionIsAssumed: config.postgresVersion === undefined,
      timeoutsFromRole: config.timeoutsFromRole === true,
    };
    this.rules = activeRules(rules, config);
    this.start = format.sharesDatabase === true ? { ...nothing, fromScratch: false } : nothing;
    this.engine = this.engineFor(this.context);
  }

  /**
   * Says what is known of the database in use: the files that it has, and its major version, which counts where the
   * configuration names none. Undefined, as at first, when nothing is known of it.
   */
  setDatabase(known: KnownDatabase | undefined): void {
    this.applied = known?.applied;
    const version = this.config.postgresVersion ?? known?.postgresVersion;
    const postgresVersion = version ?? DEFAULT_POSTGRES_VERSION;
    const versionIsAssumed = version === undefined;
    const { context } = this;
    if (context.postgresVersion === postgresVersion && context.versionIsAssumed === versionIsAssumed) return;
    this.context = { ...context, postgresVersion, versionIsAssumed };
    this.engine = this.engineFor(this.context);
  }

  private engineFor(context: RuleContext): Engine {
    return {
      replayer: new Replayer(context.postgresVersion),
      replays: new TurnReplays(this.byPath, this.start, (file, before) => this.replay(file, before)),
      fileFindings: new FileFindings(this.rules, context, (fix, file) => this.obstacle(fix, file)),
    };
  }

  /** Why a fix of a file is not to be had; undefined where it is. */
  private obstacle({ title, changes }: Fix, file: MigrationFile): string | undefined {
    if (splits(changes) && this.applied?.paths.has(file.path)) {
      const name = baseNameOf(file.path);
      return `${name} stays one migration: it is applied in ${this.applied.database} as it is; roll it back there first, or write a new migration`;
    }
    if (this.format.writes(changes, file)) return undefined;
    return `"${title}" cannot be written where this stands in the file: it is left to you`;
  }

  /** Adds the file or replaces what was known of it. */
  set(content: FileContent): void {
    const old = this.byPath.get(content.path);
    const file = this.format.read(content, old);
    this.byPath.set(content.path, file);
    if (hasPlaceInGraph(file)) this.placeless.delete(content.path);
    else this.placeless.add(content.path);
    if (old !== undefined && standsLike(old, file)) this.replaced(old, file);
    else this.reordered();
  }

  /** Forgets a file. */
  remove(path: string): void {
    if (!this.byPath.delete(path)) return;
    this.placeless.delete(path);
    this.engine.replayer.forget(path);
    this.engine.fileFindings.forget(path);
    this.reordered();
  }

  /**
   * Says whether all files of the folder have been set. Until then what depends on the rest of the history
   * (unknown-object and its like) keeps quiet. False at first.
   */
  setComplete(complete: boolean): void {
    this.complete = complete;
  }

  /**
   * Says which files of the folder are on the base branch, and which of them, with their text, came there after this
   * branch left it. Undefined, as at first, when nothing is known of it.
   */
  setBase(
    base: { readonly paths: ReadonlySet<string>; readonly incoming: ReadonlyMap<string, string> } | undefined,
  ): void {
    if (base === undefined) {
      this.base = undefined;
      return;
    }
    const { format } = this;
    const read = [...base.paths].map((path) =>
      format.read({ path, text: base.incoming.get(path) ?? '', byteOrderMark: false }),
    );
    const byPath = new Map(read.map((file) => [file.path, file]));
    const ordered = format.order(read).turns.flatMap(({ path }) => byPath.get(path) ?? []);
    const files = ordered.map(({ path, version, revision }) => ({
      path,
      version,
      ...(revision === undefined ? {} : { revision }),
      incoming: base.incoming.has(path),
    }));
    this.base = { ordered, view: { files, has: (path) => base.paths.has(path) } };
  }

  /** All files in the order the tool applies them. */
  get files(): readonly MigrationFile[] {
    this.ordered ??= this.currentHistory().turns.flatMap(({ path }) => this.byPath.get(path) ?? []);
    return this.ordered;
  }

  /** A file as its tool reads it. */
  file(path: string): MigrationFile | undefined {
    return this.byPath.get(path);
  }

  /** The statement of a file that holds `offset`, at its moment in the history; undefined between statements. */
  statementAt(path: string, offset: number): ReplayedStatement | undefined {
    const file = this.byPath.get(path);
    const script = [file?.up, file?.down].find((each) => each && isInside(offset, each.span));
    if (file === undefined || script === undefined) return undefined;
    const statements = statementsOf(script);
    const i = statements.findIndex(
      ({ span, terminatedEnd }) => span.start <= offset && offset <= terminatedEnd,
    );
    const statement = statements[i];
    const { [script.direction]: replayed } = this.replayUpTo(file) ?? {};
    const { steps = [] } = replayed?.groups[i] ?? {};
    return statement === undefined
      ? undefined
      : { statement, steps, postgresVersion: this.context.postgresVersion };
  }

  /** The findings in one file, in order of their place. Equal to those of an analysis made from scratch. */
  findings(path: string): readonly Finding[] {
    const file = this.byPath.get(path);
    const replay = file && this.replayUpTo(file);
    if (replay === undefined) return [];
    return this.engine.fileFindings.of(replay.file, replay.before, replay.up, replay.down, this.view());
  }

  /** A fix of a finding in the file `path`, as edits, new files (see `withFormattedFiles`) and renames. */
  edits(fix: Fix, path: string, allocate: Allocate): FileEdits {
    const file = this.byPath.get(path);
    if (file === undefined) return { edits: [], creates: [], renames: [] };
    // A new version has to come after those of the base branch too.
    const elsewhere = (this.base?.ordered ?? []).filter((known) => !this.byPath.has(known.path));
    return this.format.apply(fix.changes, file, [...this.files, ...elsewhere], allocate);
  }

  /** The schema after all files. */
  private get end(): Catalog {
    const { last } = this.currentHistory();
    return (last && this.engine.replays.at(last)?.after) ?? nothing;
  }

  /** Replays a file in its turn, as far as what comes before it is not known already. */
  private replayUpTo({ path }: MigrationFile): FileReplay | undefined {
    this.currentHistory();
    const turn = this.turnOf.get(path);
    return turn && this.engine.replays.at(turn);
  }

  private currentHistory(): History {
    if (this.history === undefined) {
      this.history = this.format.order(this.byPath.values());
      this.turnOf = new Map(this.history.turns.map((turn) => [turn.path, turn]));
    }
    return this.history;
  }

  /** A file has taken the place of another; all files keep their turns. */
  private replaced(old: MigrationFile, file: MigrationFile): void {
    this.engine.replays.replaced(file.path);
    this.ordered = this.ordered?.map((each) => (each === old ? file : each));
  }

  private reordered(): void {
    this.engine.replays.reordered();
    this.history = undefined;
    this.ordered = undefined;
    this.names = undefined;
  }

  private replay(file: MigrationFile, before: Catalog): FileReplay {
    const start = file.opaque && !before.uncertain ? uncertainOnce(before) : before;
    const up = this.engine.replayer.script(file.up, file.path, start);
    const down =
      file.down === undefined ? undefined : this.engine.replayer.script(file.down, file.path, up.end);
    return { file, before, up, down, after: up.end };
  }

  private view(): HistoryView {
    const { graph } = this.currentHistory();
    const isWhole = this.complete && this.placeless.size === 0;
    const files = () => this.files;
    this.names ??= files();
    return {
      get files() {
        return files();
      },
      names: this.names,
      ...(graph === undefined ? {} : { graph }),
      ...(graph === undefined || !isWhole ? {} : { wholeGraph: graph }),
      end: () => this.end,
      complete: this.complete,
      ...(this.base === undefined ? {} : { base: this.base.view }),
      ...(this.applied === undefined ? {} : { applied: this.applied }),
      ...this.context,
      earlier: (file) => this.earlier(file),
      before: (file) => this.replayUpTo(file)?.before ?? nothing,
      up: (file) => this.upOf(file),
      madeLater: (file, kind, key, part) => this.madeLater(file, kind, key, part),
    };
  }

  private earlier({ path }: MigrationFile): readonly MigrationFile[] {
    this.currentHistory();
    const files: MigrationFile[] = [];
    for (let turn = this.turnOf.get(path)?.before; turn !== undefined; turn = turn.before) {
      const file = this.byPath.get(turn.path);
      if (file !== undefined) files.push(file);
    }
    return files.reverse();
  }

  private upOf(file: MigrationFile): ReplayedScript | undefined {
    const replay = this.replayUpTo(file);
    if (replay === undefined) return undefined;
    let known = this.ups.get(replay);
    if (known === undefined) {
      known = replayedScript(replay.file, replay.file.up, replay.before, replay.up);
      this.ups.set(replay, known);
    }
    return known;
  }

  private madeLater(
    file: MigrationFile,
    kind: ObjectKind,
    key: string,
    part: string | undefined,
  ): MigrationFile | undefined {
    const wanted = `${kind === 'type' ? kind : ''} ${key} ${part ?? ''}`;
    const files = this.files;
    return files.slice(files.indexOf(file) + 1).find((each) => this.makes(each).has(wanted));
  }

  /** What the up script of a file makes, as far as its text alone tells. */
  private makes(file: MigrationFile): ReadonlySet<string> {
    let known = this.making.get(file);
    if (known === undefined) {
      known = new Set(madeIn(file.up));
      this.making.set(file, known);
    }
    return known;
  }
}

function isInside(offset: number, { start, end }: Span): boolean {
  return start <= offset && offset <= end;
}

const nothing = emptyCatalog();

const uncertain = new WeakMap<Catalog, Catalog>();

/** The catalog, but with anything possible; the identical value for the identical catalog. */
function uncertainOnce(catalog: Catalog): Catalog {
  let found = uncertain.get(catalog);
  if (found === undefined) {
    found = { ...catalog, uncertain: true };
    uncertain.set(catalog, found);
  }
  return found;
}

function* madeIn(script: Script): Generator<string> {
  for (const { parsed } of statementsOf(script)) {
    // What gets another name is no proof that it was not there under this one: it may come back to it.
    if (parsed.node === undefined || 'RenameStmt' in parsed.node || 'AlterObjectSchemaStmt' in parsed.node)
      continue;
    for (const { role, kind, key, part } of mentionsOf(parsed.node, nothing, {
      searchPath: ['public'],
    })) {
      if (role !== 'makes') continue;
      yield `${kind === 'type' ? kind : ''} ${key} ${kind === 'function' ? '' : (part ?? '')}`;
    }
  }
}
