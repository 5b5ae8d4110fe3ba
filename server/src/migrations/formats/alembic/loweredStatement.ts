import { type MappedText, offsetOf, slice, spanInDocument } from '../../../python/mappedText.ts';
import { movedCall, movedText } from '../../../python/moved.ts';
import type { CallValue } from '../../../python/value.ts';
import { commentsIn } from '../../../sql/lexer.ts';
import { parseStatement } from '../../../sql/parser.ts';
import { readStatements } from '../../../sql/reader.ts';
import { type Span, shift } from '../../../sql/span.ts';
import type { ParsedStatement, SqlSyntaxError, Statement } from '../../../sql/statement.ts';

/** Where a call stands in the document. */
export interface CallSite {
  /** All of it. */
  readonly span: Span;
  /** What is called: where a finding goes that concerns nothing of what was written. */
  readonly callee: Span;
  /** Whether it runs is not known. */
  readonly conditional: boolean;
  /** How often it runs is not known either. */
  readonly repeated: boolean;
  /** Its SQL goes to the driver as it is: a colon in it is one. */
  readonly asItIs?: boolean;
  /** Of a directive that makes its SQL from its arguments. */
  readonly directive?: CalledDirective;
}

/** A directive as it was called. */
export interface CalledDirective {
  readonly name: string;
  readonly call: CallValue;
  /** Of a method of a batch: the call of `op.batch_alter_table`. */
  readonly batch?: Span;
  /** The statements that the directive emits for a call with other arguments. */
  readonly lower: (call: CallValue) => readonly string[];
}

/** The place of the same call `by` code units further on. */
export function movedSite(site: CallSite, by: number): CallSite {
  const { span, callee, directive } = site;
  return {
    ...site,
    span: shift(span, by),
    callee: shift(callee, by),
    ...(directive && { directive: new MovedDirective(directive, by) }),
  };
}

/** Its arguments are asked for only by who writes them anew. */
class MovedDirective implements CalledDirective {
  readonly name: string;
  readonly batch?: Span;
  readonly lower: CalledDirective['lower'];
  readonly #original: CalledDirective;
  readonly #by: number;
  #call: CallValue | undefined;

  constructor(original: CalledDirective, by: number) {
    this.name = original.name;
    this.lower = original.lower;
    this.#original = original;
    this.#by = by;
    if (original.batch !== undefined) this.batch = shift(original.batch, by);
  }

  get call(): CallValue {
    this.#call ??= movedCall(this.#original.call, this.#by);
    return this.#call;
  }
}

/** The statement that a directive emits. What was written elsewhere counts as written nowhere. */
export function loweredStatement(text: MappedText, site: CallSite): Statement {
  const pieces = text.pieces.filter(({ origin }) => isWithin(origin, site.span));
  return new LoweredStatement(parseStatement(text.text), { text: text.text, pieces }, site, {
    span: site.span,
    namesOpen: true,
  });
}

/** The statements of SQL that is given as a string; it may stand elsewhere, as a constant. */
export function statementsIn(text: MappedText, site: CallSite): Statement[] {
  return readStatements(text.text).statements.map((statement) => {
    const { parsed, span, error } = statement;
    const own = slice(text, span.start, span.end);
    const place = spanInDocument(own, { start: 0, end: own.text.length });
    const isHere = place !== undefined && isWithin(place, site.span);
    return new LoweredStatement(parsed, own, site, {
      span: isHere ? place : site.span,
      namesOpen: false,
      error,
    });
  });
}

/** The comments of SQL that is given as a string, where they stand in the call. */
export function commentsOf(text: MappedText, site: CallSite): Span[] {
  return commentsIn(text.text).flatMap((comment) => {
    const place = spanInDocument(text, comment);
    return place !== undefined && isWithin(place, site.span) ? [place] : [];
  });
}

function isWithin(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** A statement whose text does not stand in the document as it is. */
export class LoweredStatement implements Statement {
  readonly parsed: ParsedStatement;
  readonly span: Span;
  readonly terminatedEnd: number;
  readonly error?: SqlSyntaxError;
  readonly conditional: boolean;
  readonly repeated: boolean;
  readonly namesOpen: boolean;
  /** The call that sends it; one value for each time that it is gone through. */
  readonly site: CallSite;
  /** Its text, with where in the document each stretch of it stands. */
  readonly mapped: MappedText;

  constructor(
    parsed: ParsedStatement,
    text: MappedText,
    site: CallSite,
    own: { readonly span: Span; readonly namesOpen: boolean; readonly error?: SqlSyntaxError | undefined },
  ) {
    const { span, namesOpen, error = parsed.error } = own;
    this.parsed = parsed;
    this.span = span;
    this.terminatedEnd = span.end;
    this.namesOpen = namesOpen;
    this.conditional = site.conditional;
    this.repeated = site.repeated;
    this.mapped = text;
    this.site = site;
    if (error !== undefined) this.error = error;
  }

  /** The same statement where its call stands `by` code units further on, which is `site`. */
  moved(by: number, site: CallSite): LoweredStatement {
    const { parsed, mapped, namesOpen, error } = this;
    return new LoweredStatement(parsed, movedText(mapped, by), site, {
      span: shift(this.span, by),
      namesOpen,
      error,
    });
  }

  toDocument(offset: number): number {
    return this.spanInDocument({ start: offset, end: offset }).start;
  }

  spanInDocument(span: Span): Span {
    return spanInDocument(this.mapped, span) ?? this.site.callee;
  }

  fromDocument(offset: number): number {
    return offsetOf(this.mapped, offset) ?? 0;
  }
}
