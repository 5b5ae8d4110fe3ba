import { parseStatement } from './parser.ts';
import { type Cut, resync } from './resync.ts';
import { type Span, shift } from './span.ts';
import { CopyData, nextPiece, type Piece } from './splitter.ts';
import type { ParsedStatement, SqlSyntaxError, Statement } from './statement.ts';

/** A psql command (`\set x 1`), or the data lines of a COPY, at its place in the document. */
export interface Aside {
  readonly kind: 'psqlCommand' | 'copyData';
  readonly span: Span;
  readonly text: string;
}

/** What a stretch of SQL holds, in document order. */
export type SqlItem = { readonly kind: 'statement'; readonly statement: Statement } | Aside;

export interface SqlItems {
  readonly items: readonly SqlItem[];
  /** The statements among the items. */
  readonly statements: readonly Statement[];
}

/**
 * Reads the SQL in `span` of a document, as psql would cut it. A statement that does not parse ends where the next one
 * most likely begins, so that what stands after it is still seen while a person types. Never throws.
 */
export function readStatements(document: string, span: Span = { start: 0, end: document.length }): SqlItems {
  const text = span.end === document.length ? document : document.slice(0, span.end);
  const items: SqlItem[] = [];
  const statements: Statement[] = [];
  const copyData = new CopyData(text);
  let recoveries = 0;
  for (let at = span.start; ; ) {
    const piece = nextPiece(text, at);
    if (piece === undefined) return { items, statements };
    if (piece.kind !== 'statement') {
      items.push(aside(text, piece));
      at = piece.terminatedEnd;
      continue;
    }
    const parsed = parseStatement(text.slice(piece.start, piece.end));
    const whole = parsed.error === undefined && parsed.notAnalysed === undefined && piece.open === undefined;
    const cut = whole || recoveries++ >= MOST_RECOVERIES ? undefined : resync(text, piece, parsed);
    const statement = place(text, piece, parsed, cut);
    items.push({ kind: 'statement', statement });
    statements.push(statement);
    at = statement.terminatedEnd;
    const data = copyData.after({ ...piece, end: statement.span.end, terminatedEnd: at });
    if (data !== undefined) {
      items.push(aside(text, data));
      at = data.end;
    }
  }
}

function aside(text: string, piece: Piece): Aside {
  const kind = piece.kind === 'copyData' ? 'copyData' : 'psqlCommand';
  return { kind, span: { start: piece.start, end: piece.end }, text: text.slice(piece.start, piece.end) };
}

/** Where more statements than this are broken (another dialect, no SQL at all), the rest is taken as the splitter cuts it. */
const MOST_RECOVERIES = 200;

function place(text: string, piece: Piece, parsed: ParsedStatement, cut: Cut | undefined): Statement {
  if (cut === undefined) return new PlacedStatement(parsed, piece.start, piece.terminatedEnd, parsed.error);
  const head = parseStatement(text.slice(piece.start, cut.end));
  return new PlacedStatement(
    head,
    piece.start,
    cut.terminatedEnd,
    head.error ?? missingSemicolon(parsed, head),
  );
}

/** The statement reads well up to here, but nothing ends it: what Postgres says of both together. */
function missingSemicolon(both: ParsedStatement, head: ParsedStatement): SqlSyntaxError | undefined {
  if (both.error === undefined) return undefined;
  return { message: both.error.message, offset: Math.min(both.error.offset, head.text.length) };
}

class PlacedStatement implements Statement {
  readonly parsed: ParsedStatement;
  readonly span: Span;
  readonly terminatedEnd: number;
  readonly error?: SqlSyntaxError;

  constructor(
    parsed: ParsedStatement,
    start: number,
    terminatedEnd: number,
    error: SqlSyntaxError | undefined,
  ) {
    this.parsed = parsed;
    this.span = { start, end: start + parsed.text.length };
    this.terminatedEnd = terminatedEnd;
    if (error !== undefined) this.error = error;
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
