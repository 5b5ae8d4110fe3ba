import type { Node } from '@pgsql/types';
import type { Token } from './lexer.ts';
import type { Span } from './span.ts';

/** Why Postgres's own parser rejects a statement: its message, at its position. */
export interface SqlSyntaxError {
  readonly message: string;
  /** Where in the statement's text, in UTF-16 code units; the text's length when the input ended too early. */
  readonly offset: number;
}

/** Why a statement was not parsed at all. */
export type NotAnalysed = 'too-large' | 'templated';

/**
 * A statement as text and tree, without a place in any document: equal texts share one value, so that an edit
 * elsewhere in the file leaves it identical. All offsets, those inside the tree (`location`) too, are UTF-16
 * code units from the start of `text`.
 */
export interface ParsedStatement {
  /** From the first token to the last, without the terminating semicolon. */
  readonly text: string;
  /**
   * What the parser saw: `text`, where it does not parse as it stands with templates and psql variables masked at equal
   * length; NUL and lone surrogates replaced.
   */
  readonly sql: string;
  /** True when something was masked: names in `sql` may be placeholders. */
  readonly templated: boolean;
  /**
   * The tree, its one key naming the kind: `{ AlterTableStmt: … }`. Absent when there is an error, when it was not
   * analysed, and when the text holds nothing but comments.
   */
  readonly node?: Node;
  readonly error?: SqlSyntaxError;
  readonly notAnalysed?: NotAnalysed;
  /** Tokens of `sql`, comments left out; read on first use. */
  readonly tokens: readonly Token[];
  /** The statements that run inside this one: those of a DO block's body, also EXECUTE of a constant string. */
  readonly inner: readonly InnerStatement[];
  /** True when a DO body runs code that cannot be read (EXECUTE of a computed string): it could change anything. */
  readonly runsUnknownCode: boolean;
  /** What is wrong inside a function's or DO block's body, syntax only. `span` is in `text`. */
  readonly bodyErrors: readonly { readonly message: string; readonly span: Span }[];
}

/** A statement inside another one's body. */
export interface InnerStatement {
  readonly parsed: ParsedStatement;
  /** Offset in the inner text to offset in the outer statement's `text`. */
  toOuter(offset: number): number;
  /** Under IF, CASE, LOOP, or in an EXCEPTION-guarded block: whether it runs is not known. */
  readonly conditional: boolean;
}

/** A statement at its place in a document. */
export interface Statement {
  readonly parsed: ParsedStatement;
  /** Its range in the document, without the terminating semicolon. */
  readonly span: Span;
  /** Where the terminating semicolon ends, or `span.end` when it has none (UTF-16, in the document). */
  readonly terminatedEnd: number;
  /**
   * `parsed.error`; or, of a statement that is whole in itself, what Postgres says when the next one follows without a
   * semicolon between. The offset is in `parsed.text`.
   */
  readonly error?: SqlSyntaxError;
  /** True where it may not run: under a condition that is not known. Absent for a file of SQL. */
  readonly conditional?: boolean;
  /** True where the file may run it again and again, in a loop over what is not known. */
  readonly repeated?: boolean;
  /** True where constraints without a name may get one from the tool, by a naming convention that is not known. */
  readonly namesOpen?: boolean;
  /** Offset in `parsed.text` to offset in the document. */
  toDocument(offset: number): number;
  /** Where a stretch of `parsed.text` stands in the document; where it was made from arguments, the smallest span that holds them. */
  spanInDocument(span: Span): Span;
  /** What of `parsed.text` stands at an offset of the document that is within `span`. */
  fromDocument(offset: number): number;
}
