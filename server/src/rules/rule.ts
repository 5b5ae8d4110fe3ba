import type { Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import type { ObjectKind } from '../catalog/mentions.ts';
import type { Severity } from '../config/severity.ts';
import type { SkeinConfig } from '../config/skeinConfig.ts';
import type { MigrationFile, Script } from '../migrations/migration.ts';
import type { RevisionGraph } from '../migrations/revisionGraph.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Offer } from '../rewrites/offer.ts';
import type { Span } from '../sql/span.ts';
import type { RelatedPlace } from './finding.ts';

export type Category =
  | 'file'
  | 'transaction'
  | 'locking'
  | 'compatibility'
  | 'data'
  | 'idempotency'
  | 'ordering'
  | 'reversibility'
  | 'tracking'
  | 'style';

/** A kind of statement: the key of its parse node. */
export type StatementKind = NodeKind<Node>;

type NodeKind<Each> = Each extends unknown ? keyof Each : never;

/** One rule: what it flags, why, examples of both kinds (run as tests and printed in the documentation), and the check. */
export interface Rule {
  /** Public: in diagnostics, skein.json, suppression comments and JSON output. */
  readonly id: string;
  readonly category: Category;
  readonly level: Severity | 'off';
  /** The version of Skein it came in. */
  readonly since: string;
  /** What other linters call it. */
  readonly peers: readonly string[];
  /** One line for the list of rules. */
  readonly summary: string;
  /** What happens on a live database, and what to do instead. */
  readonly why: string;
  /** It must speak about the last file of each. Examples are made when they are asked for: who checks needs none. */
  readonly bad: () => readonly Example[];
  /** It must be silent about the last file of each. */
  readonly good: () => readonly Example[];
  /** The kinds of statements that `checkStep` may speak of: it is asked about no other. Absent: about each. */
  readonly statements?: readonly StatementKind[];
  /** Looks at one statement at its moment in the history. Must not depend on anything else. */
  readonly checkStep?: (step: Step, context: RuleContext) => Iterable<StepReport>;
  /**
   * The steps without which `checkScript` has nothing to say, told by what each is by itself: it is called only for a
   * script that has one, and gets those. Absent: it is always called, and gets all.
   */
  readonly scriptConcerns?: (step: Step) => boolean;
  /** Looks at one direction of a file as a whole: what its statements do to each other. */
  readonly checkScript?: (
    script: ReplayedScript,
    history: HistoryView,
    concerning: readonly Step[],
  ) => Iterable<ScriptReport>;
  /** Looks at one file. */
  readonly checkFile?: (file: MigrationFile, context: RuleContext) => Iterable<FileReport>;
  /** Looks at a file among the others. */
  readonly checkFileInHistory?: (file: MigrationFile, history: HistoryView) => Iterable<FileReport>;
}

/** A small history for an example. A string is one file's text, in a folder of its own; several are files in order. */
export interface Example {
  readonly files: readonly (string | { readonly name: string; readonly text: string })[];
  /** Default 14. */
  readonly postgresVersion?: number;
  /** What else skein.json says. */
  readonly config?: Pick<SkeinConfig, 'forwardOnly' | 'timeoutsFromRole'>;
  /** Names of the files on the base branch, also of some that are not among `files`. */
  readonly base?: readonly string[];
  /** Those of them that came there after this branch left it; with their text where that matters. */
  readonly incoming?: readonly (string | { readonly name: string; readonly text: string })[];
  /** What the last file becomes when the first fix of the first finding is applied. */
  readonly fixed?: string;
  /** The files that fix makes, in order. */
  readonly created?: readonly string[];
}

/** What rules know of the project besides its files. */
export interface RuleContext {
  readonly postgresVersion: number;
  /** skein.json: migrations are never rolled back. */
  readonly forwardOnly: boolean;
  /** Nobody has said the server's version: 14 is assumed. */
  readonly versionIsAssumed: boolean;
  /** skein.json: the migrating role sets lock_timeout and statement_timeout itself. */
  readonly timeoutsFromRole: boolean;
}

/** What the name of a file says. */
export type FileName = Pick<MigrationFile, 'path' | 'version' | 'tool'>;

/** The history around a file. */
export interface HistoryView extends RuleContext {
  readonly files: readonly MigrationFile[];
  /** Their names, in the same order: the identical value while no file comes, goes or moves. */
  readonly names: readonly FileName[];
  /** How their revisions hang together, where they say what they come after. */
  readonly graph?: RevisionGraph;
  /** The same, where every file is known to have its place in it: else what seems to be missing may be there. */
  readonly wholeGraph?: RevisionGraph;
  /** The schema after all files. Works for it when asked. */
  end(): Catalog;
  /** The files that have been applied when the tool comes to this one, in order: in a graph only its ancestors. */
  earlier(file: MigrationFile): readonly MigrationFile[];
  /** The schema that the up script of a file meets. */
  before(file: MigrationFile): Catalog;
  /** The up script of a file; the identical value as long as nothing about it has changed. */
  up(file: MigrationFile): ReplayedScript | undefined;
  /** False while files are still being read: then nothing may be said about what is missing. */
  readonly complete: boolean;
  /** The branch that new migrations are merged into. Absent where it is not known. */
  readonly base?: BaseBranch;
  /** The files that the database in use has, as far as it was asked. */
  readonly applied?: AppliedFiles;
  /** The first file after `file` that makes the object, if any. */
  madeLater(
    file: MigrationFile,
    kind: ObjectKind,
    key: string,
    part: string | undefined,
  ): MigrationFile | undefined;
}

/** The migrations of the folder on the branch that new ones are merged into. */
export interface BaseBranch {
  has(path: string): boolean;
  /** In the order the tool applies them. */
  readonly files: readonly BaseFile[];
}

/** What a database says of a folder's files. */
export interface AppliedFiles {
  /** The database's name, for a sentence. */
  readonly database: string;
  readonly paths: ReadonlySet<string>;
}

/** A migration on the base branch; it need not be among the files of the history. */
export interface BaseFile extends Pick<MigrationFile, 'path' | 'version' | 'revision'> {
  /** It came there after this branch left it. */
  readonly incoming: boolean;
}

interface Report {
  readonly message: string;
  readonly why: string;
  /** Where this case weighs less or more than the rule's level. */
  readonly severity?: Severity;
  readonly related?: readonly RelatedPlace[];
}

export interface StepReport extends Report {
  /** In the step's own statement text. */
  readonly span: Span;
  readonly fixes?: (site: Site) => readonly Offer[];
}

export interface FileReport extends Report {
  /** In the document. */
  readonly span: Span;
  readonly fixes?: () => readonly Offer[];
}

/** A report of a script: at one of its steps, or (where no statement is to blame) somewhere in the document. */
export type ScriptReport =
  | (StepReport & { readonly step: Step })
  | (FileReport & { readonly step?: undefined });

/** One direction of a file, replayed. */
export interface ReplayedScript {
  readonly file: MigrationFile;
  readonly script: Script;
  /** All steps in order, those inside DO blocks behind the block's own. */
  readonly steps: readonly Step[];
  readonly before: Catalog;
  readonly after: Catalog;
  /** For a down script the up script that it undoes. */
  readonly up?: ReplayedScript;
}
