import { type Span, shift } from './span.ts';
import type { ParsedStatement, SqlSyntaxError, Statement } from './statement.ts';

/** A stretch of a document, read as SQL; all in order of its place. */
export interface SqlReading {
  readonly span: Span;
  readonly statements: readonly PlacedStatement[];
  readonly asides: readonly Aside[];
  /** The numbers of the statements that what stands behind them has a say in: without a semicolon, broken, before data. */
  readonly unsettled: readonly number[];
}

/** A psql command (`\set x 1`), or the data lines of a COPY, at its place in the document. */
export interface Aside {
  readonly kind: 'psqlCommand' | 'copyData';
  readonly span: Span;
}

/** A statement that stands in a document as it was parsed. */
export class PlacedStatement implements Statement {
  readonly parsed: ParsedStatement;
  readonly span: Span;
  readonly terminatedEnd: number;
  readonly error?: SqlSyntaxError;

  constructor(parsed: ParsedStatement, span: Span, terminatedEnd: number, error: SqlSyntaxError | undefined) {
    this.parsed = parsed;
    this.span = span;
    this.terminatedEnd = terminatedEnd;
    if (error !== undefined) this.error = error;
  }

  /** The same statement `by` code units further on. */
  moved(by: number): PlacedStatement {
    return new PlacedStatement(this.parsed, shift(this.span, by), this.terminatedEnd + by, this.error);
  }

  toDocument(offset: number): number {
    return this.span.start + offset;
  }

  spanInDocument(span: Span): Span {
    return shift(span, this.span.start);
  }

  fromDocument(offset: number): number {
    return offset - this.span.start;
  }
}
