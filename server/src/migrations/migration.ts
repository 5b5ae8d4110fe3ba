import type { SqlReading } from '../sql/reading.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';
import type { Change, Grade } from './change.ts';
import type { Revision } from './revisionGraph.ts';

/** The migration tools Skein reads. */
export type ToolId = 'goose' | 'plain' | 'alembic';

export type Direction = 'up' | 'down';

/**
 * How a unit runs at the server. `transaction`: all of it in one transaction, the version row too.
 * `oneQueryString`: one string of several statements, which the server runs as one implicit transaction.
 * `autocommit`: a statement alone, its own transaction.
 */
export type UnitMode = 'transaction' | 'oneQueryString' | 'autocommit';

/** One string as the tool sends it. A statement that the tool cuts in two (a finding says so) stays whole here. */
export interface Query {
  /** Where it stands in the document. */
  readonly span: Span;
  readonly statements: readonly Statement[];
  /** The tool looks first: it creates only what is not there, drops only what is. Absent where it does not. */
  readonly checked?: true;
}

/** What reaches the server as one. */
export interface Unit {
  readonly mode: UnitMode;
  readonly queries: readonly Query[];
}

/** One direction of a migration: what runs, in order. */
export interface Script {
  readonly direction: Direction;
  /** The section in the document: after its annotation's line, up to the next section or the end. */
  readonly span: Span;
  readonly units: readonly Unit[];
  /** What keeps it from being run as it is read. Absent where the tool's file is what runs. */
  readonly obstacles?: readonly Obstacle[];
}

/** A place in a file of code where what is read of it is not all that it does. */
export interface Obstacle {
  /** In the document. */
  readonly span: Span;
  /** In one sentence. */
  readonly message: string;
  /** Whether the tool could not even load the file. */
  readonly unloadable?: true;
  /** The name of a parameter that is certain to lack a value when the tool runs it. */
  readonly openParameter?: string;
  /** A name that is certain to be refused when the tool runs it. */
  readonly refusedName?: string;
}

/** What is wrong with a file as the tool reads it; each is reported by the rule of the same name. */
export interface FileProblem {
  readonly rule:
    | 'alembic-bind-parameter'
    | 'alembic-dynamic'
    | 'alembic-metadata'
    | 'unreadable-file'
    | 'not-analysed'
    | 'goose-annotation'
    | 'goose-statement-block'
    | 'goose-unterminated'
    | 'identifier-too-long'
    | 'migration-file-name'
    | 'psql-meta-command';
  /** What is wrong, in one sentence: the tool's own, where it says something of it. */
  readonly message: string;
  /** What follows from it, and what to do. */
  readonly why: string;
  /** In the document. */
  readonly span: Span;
  /** Where the rule's usual level does not fit this case. */
  readonly severity?: 'information' | 'error';
  readonly repair?: { readonly title: string; readonly grade: Grade; readonly changes: readonly Change[] };
}

/** A migration as its tool sees it. */
export interface MigrationFile {
  readonly tool: ToolId;
  /** As given by the caller (absolute in the editor, as typed at a terminal), `/` between parts. */
  readonly path: string;
  readonly text: string;
  /** What the tool sorts by, in its canonical spelling ("00012_x.sql" is "12" in goose); absent when the name gives none. */
  readonly version?: string;
  /** The part of the file name after the version, without extension. */
  readonly name: string;
  readonly up: Script;
  /** Absent when the tool's file has no such part. */
  readonly down?: Script;
  /** False where the file opts out of its tool's transaction, or the tool uses none. */
  readonly transactional: boolean;
  /** A statement can leave the tool's transaction by itself, not only with its whole file: alembic's autocommit_block. */
  readonly statementsOptOut?: true;
  readonly problems: readonly FileProblem[];
  /** Its comments in the document, where it is written in another language than SQL. */
  readonly comments?: readonly Span[];
  /** Where the tool's order is a graph of revisions: what the file says of its place in it. Absent where it says nothing. */
  readonly revision?: Revision;
  /** Where it says so. */
  readonly revisionSpans?: RevisionSpans;
  /** How its SQL was read, for the reading of its next version. Absent where it holds none. */
  readonly sql?: readonly SqlReading[];
  /** A Go migration, an unreadable file: what it does to the schema cannot be known. */
  readonly opaque: boolean;
}

/** Where in the document a file declares its revision: the values of alembic's variables. */
export interface RevisionSpans {
  readonly id?: Span;
  readonly downRevisions?: Span;
  readonly dependsOn?: Span;
  readonly branchLabels?: Span;
}

/** What the workspace knows of a file before anyone has read it as a migration. */
export interface FileContent {
  readonly path: string;
  /** Decoded as UTF-8, without a byte order mark; empty when `unreadable` says why. */
  readonly text: string;
  /** Whether the bytes on disk start with a byte order mark (editors hide it; goose does not skip it). */
  readonly byteOrderMark: boolean;
  /** In one sentence: "is not UTF-8 (byte 0xff at offset 12)", "cannot be read: permission denied". */
  readonly unreadable?: string;
}

const statementsKnown = new WeakMap<Script, readonly Statement[]>();

/** All statements of a script, in order. */
export function statementsOf(script: Script): readonly Statement[] {
  let statements = statementsKnown.get(script);
  if (statements === undefined) {
    const all: Statement[] = [];
    for (const { queries } of script.units) for (const query of queries) all.push(...query.statements);
    statements = all;
    statementsKnown.set(script, statements);
  }
  return statements;
}

/** All statements of both scripts of a file, in order. */
export function allStatementsOf({ up, down }: MigrationFile): readonly Statement[] {
  return down === undefined ? statementsOf(up) : [...statementsOf(up), ...statementsOf(down)];
}
