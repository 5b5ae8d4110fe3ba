import { EarlierStretch, type EarlierText } from './earlierText.ts';
import { parseStatement } from './parser.ts';
import { type Aside, PlacedStatement, type SqlReading } from './reading.ts';
import { type Cut, resync } from './resync.ts';
import type { Span } from './span.ts';
import { CopyData, nextPiece, type Piece } from './splitter.ts';
import type { ParsedStatement, SqlSyntaxError } from './statement.ts';

/**
 * Reads the SQL in `span` of a document, as psql would cut it. A statement that does not parse ends where the next one
 * most likely begins, so that what stands after it is still seen while a person types. Where an `earlier` text of the
 * document was read, what an edit has left as it was is taken over; the result is the same. Never throws.
 */
export function readStatements(
  document: string,
  span: Span = { start: 0, end: document.length },
  earlier?: EarlierText,
): SqlReading {
  const text = span.end === document.length ? document : document.slice(0, span.end);
  const statements: PlacedStatement[] = [];
  const asides: Aside[] = [];
  const unsettled: number[] = [];
  const reading = { span, statements, asides, unsettled };
  const known = earlier && new EarlierStretch(earlier, span);
  const copyData = new CopyData(text);
  let recoveries = 0;
  for (let at = span.start; ; ) {
    at = known?.takeSettled(at, reading) ?? at;
    if (known?.takeRest(at, reading, MOST_RECOVERIES)) return reading;
    const piece = nextPiece(text, at);
    if (piece === undefined) return reading;
    if (piece.kind !== 'statement') {
      asides.push(aside(piece));
      at = piece.terminatedEnd;
      continue;
    }
    const parsed = parseStatement(text.slice(piece.start, piece.end));
    const whole = parsed.error === undefined && parsed.notAnalysed === undefined && piece.open === undefined;
    const cut = whole || recoveries++ >= MOST_RECOVERIES ? undefined : resync(text, piece, parsed);
    const statement = place(text, piece, parsed, cut);
    if (!whole || piece.terminatedEnd === piece.end || takesData(parsed)) unsettled.push(statements.length);
    statements.push(statement);
    at = statement.terminatedEnd;
    const data = copyData.after({ ...piece, end: statement.span.end, terminatedEnd: at });
    if (data !== undefined) {
      asides.push(aside(data));
      at = data.end;
    }
  }
}

function takesData({ node }: ParsedStatement): boolean {
  return node !== undefined && 'CopyStmt' in node;
}

function aside({ kind, start, end }: Piece): Aside {
  return { kind: kind === 'copyData' ? 'copyData' : 'psqlCommand', span: { start, end } };
}

/** Where more statements than this are broken (another dialect, no SQL at all), the rest is taken as the splitter cuts it. */
const MOST_RECOVERIES = 200;

function place(text: string, piece: Piece, parsed: ParsedStatement, cut: Cut | undefined): PlacedStatement {
  const span = { start: piece.start, end: piece.end };
  if (cut === undefined) return new PlacedStatement(parsed, span, piece.terminatedEnd, parsed.error);
  const head = parseStatement(text.slice(piece.start, cut.end));
  const error = head.error ?? missingSemicolon(parsed, head);
  return new PlacedStatement(head, { start: piece.start, end: cut.end }, cut.terminatedEnd, error);
}

/** The statement reads well up to here, but nothing ends it: what Postgres says of both together. */
function missingSemicolon(both: ParsedStatement, head: ParsedStatement): SqlSyntaxError | undefined {
  if (both.error === undefined) return undefined;
  return { message: both.error.message, offset: Math.min(both.error.offset, head.text.length) };
}
