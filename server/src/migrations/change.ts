import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';

/**
 * What should become of a migration, not of its characters: a rule says it once, each format writes it in its own
 * way. `text` is always SQL, without a terminating semicolon. Statements are those of the file that is changed.
 */
export type Change =
  /** Insert `text` into the statement at `offset` of its own text, spaced as needed. */
  | {
      readonly kind: 'insertClause';
      readonly statement: Statement;
      readonly offset: number;
      readonly text: string;
    }
  /** Replace the statement, or with `span` (in its own text) a part of it. */
  | {
      readonly kind: 'replaceStatement';
      readonly statement: Statement;
      readonly span?: Span;
      readonly text: string;
    }
  | { readonly kind: 'insertBefore'; readonly statement: Statement; readonly text: string }
  | { readonly kind: 'insertAfter'; readonly statement: Statement; readonly text: string }
  | { readonly kind: 'removeStatement'; readonly statement: Statement }
  /**
   * Take statements out of their tool's transaction: the whole file opts out, where nothing less can; nothing else may
   * be in it then.
   */
  | {
      readonly kind: 'setTransactional';
      readonly transactional: false;
      readonly statements: readonly Statement[];
    }
  /** Have the tool's transaction again, where the file as a whole has opted out of it. */
  | { readonly kind: 'optIn' }
  /**
   * Take statements out of this file into a new migration after all others: `up` is what they become there, `down`
   * undoes it. `statements` may be of either direction; those of `down` are the ones that undid `up`.
   */
  | {
      readonly kind: 'moveToNewMigration';
      readonly statements: readonly Statement[];
      readonly migration: NewMigration;
    }
  | { readonly kind: 'newMigration'; readonly migration: NewMigration }
  /** A comment at the head of the file, one line each, without the dashes. */
  | { readonly kind: 'headComment'; readonly lines: readonly string[] }
  /** Statements that the down runs first; it gets a section where it has none, in a tool that has downs. */
  | {
      readonly kind: 'prependToDown';
      readonly statements: readonly string[];
      /** They run outside of the tool's transaction, where that is said of statements. */
      readonly outside?: boolean;
    }
  /** A comment at the beginning of the down, which is there; one line each, without the dashes. */
  | { readonly kind: 'downComment'; readonly lines: readonly string[] }
  /** Where only characters will do (an annotation's line). `span` is in the document. */
  | { readonly kind: 'editText'; readonly span: Span; readonly text: string }
  /** Give the file the version after the last, and keep the rest of its name. */
  | { readonly kind: 'renumberFile' }
  /** Give the file another name, in the same folder. */
  | { readonly kind: 'renameFile'; readonly to: string }
  /** Where revisions form a graph: have the file's revision come after these; after none it is a first one. */
  | { readonly kind: 'setParents'; readonly parents: readonly string[] }
  /** Where revisions form a graph: have the file's revision depend on these, besides what it comes after. */
  | { readonly kind: 'setDependencies'; readonly dependencies: readonly string[] }
  /** Where revisions form a graph: give the file's revision an id that no other has. */
  | { readonly kind: 'newRevisionId' };

/** Whether changes make several migrations of what one did. */
export function splits(changes: readonly Change[]): boolean {
  return changes.some(
    ({ kind }) =>
      kind === 'moveToNewMigration' ||
      (kind === 'newMigration' && changes.some((each) => 'statement' in each)),
  );
}

/** A migration that does not exist yet. Its version comes from the allocator. */
export interface NewMigration {
  /** The name's words in snake_case, without version and extension. */
  readonly name: string;
  readonly transactional: boolean;
  readonly up: readonly string[];
  readonly down: readonly string[];
  /** A comment at its head, one line each, without the dashes. */
  readonly comment?: readonly string[];
  /** Where revisions form a graph: the ids of those that it comes after. */
  readonly parents?: readonly string[];
}

/**
 * `safe`: same meaning, no question to a person, no data step, one file; `skein fix` and Fix All apply only these.
 * `review`: everything else, offered one by one.
 */
export type Grade = 'safe' | 'review';

/** An offered repair of one file (new files may join it). */
export interface Fix {
  readonly title: string;
  readonly grade: Grade;
  readonly changes: readonly Change[];
  /** It comes to several files: worth a look before it is done. */
  readonly preview?: true;
  /** Only once the file has no finer fix: of what it takes apart, or wraps, some may be rewritten first. */
  readonly comesLast?: true;
  /** Only for who asks about this very file: without that, it is another one that is to be changed. */
  readonly ofNamedFile?: true;
}

/** What changes come to in characters. */
export interface FileEdits {
  /** `span` in the document as it is now; no two overlap; in ascending order. */
  readonly edits: readonly TextEdit[];
  readonly creates: readonly { readonly path: string; readonly text: string }[];
  readonly renames: readonly { readonly from: string; readonly to: string }[];
}

export interface TextEdit {
  readonly path: string;
  readonly span: Span;
  readonly newText: string;
}

/** Gives versions to new files: the caller decides the time. */
export interface Allocate {
  /** Now, for tools that number by time (UTC). */
  now(): Date;
}
