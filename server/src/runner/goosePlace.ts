import { LineReader, readGooseComments } from '../migrations/formats/gooseComments.ts';
import { type Environment, expandVariables } from '../migrations/formats/gooseEnvsub.ts';
import type { GooseStatement } from '../migrations/formats/gooseLines.ts';
import { skipGoSpace } from '../migrations/formats/goStrings.ts';
import { tokenAt } from '../sql/lexer.ts';
import type { Span } from '../sql/span.ts';
import { split } from '../sql/splitter.ts';
import { codePointOffset } from '../sql/textOffsets.ts';
import { placeOfName } from './errorPlace.ts';
import type { ErrorPlace } from './plan.ts';

/**
 * The place of a server's error. `position` is its own: from 1, in code points of the text that was sent. Where it gives
 * none, the first name of the statement that `names` holds is the place (what exists already, what is violated), else
 * the statement's first word. The statement is as the document writes it: values that ENVSUB puts in may be secret.
 */
export function goosePlace(
  document: string,
  statement: GooseStatement,
  position: number | undefined,
  names: readonly string[],
  environment: Environment,
): ErrorPlace {
  const start =
    position === undefined
      ? statement.span.start + placeOfName(document.slice(statement.span.start, statement.span.end), names)
      : toDocument(document, statement, codePointOffset(statement.text, position - 1), environment);
  const piece = split(document, statement.span.start, statement.span.end).find(
    ({ terminatedEnd }) => start < terminatedEnd,
  );
  return {
    span: { start, end: endOfToken(document, start) },
    statement: piece
      ? document.slice(piece.start, piece.end)
      : document.slice(statement.span.start, statement.span.end),
  };
}

/** The first token of the text; the end of the file is a place too ("syntax error at end of input"). */
function endOfToken(document: string, start: number): number {
  if (start >= document.length || /\s/.test(document[start] ?? ''))
    return Math.min(start + 1, document.length);
  return tokenAt(document, start).end;
}

/** From an offset in the text that goose sent to one in the document: its lines are put together again as goose does. */
function toDocument(
  document: string,
  { span }: GooseStatement,
  offset: number,
  environment: Environment,
): number {
  const lines = sentLines(document, span, environment);
  // goose trims what it has put together.
  let left = offset + skipGoSpace(lines.map(({ sent }) => sent).join('\n'));
  for (const { start, written, sent, substituted } of lines) {
    if (left <= sent.length)
      return start + (substituted ? beforeExpansion(written, left, environment) : left);
    left -= sent.length + 1;
  }
  return span.end;
}

interface SentLine {
  readonly start: number;
  readonly written: string;
  readonly sent: string;
  readonly substituted: boolean;
}

/** The lines of a statement, as written and as goose puts them into the text it sends; annotations are left out. */
function sentLines(document: string, span: Span, environment: Environment): SentLine[] {
  const lines: SentLine[] = [];
  let substituted = false;
  const line = new LineReader(document, readGooseComments(document));
  while (line.advance() && line.start < span.end) {
    const { content: written, start, end } = line;
    const annotation = line.comment?.annotation;
    if (annotation) {
      if (annotation.command === 'ENVSUB ON') substituted = true;
      if (annotation.command === 'ENVSUB OFF') substituted = false;
    } else if (end >= span.start) {
      const expanded = substituted ? expandVariables(written, environment) : { text: written };
      lines.push({ start, written, sent: 'text' in expanded ? expanded.text : written, substituted });
    }
  }
  return lines;
}

/** Longer lines than a person writes are not worth the time. */
const longestLine = 5_000;

/**
 * From a column of a line whose variables have been put in to one of the line as written. A column inside a value is
 * that of its variable. The places between variables are those at which the line can be cut in two that give the same
 * text when put together.
 */
function beforeExpansion(written: string, column: number, environment: Environment): number {
  const expanded = (part: string) => {
    const result = expandVariables(part, environment);
    return 'text' in result ? result.text : undefined;
  };
  const whole = expanded(written);
  if (whole === undefined || written.length > longestLine) return Math.min(column, written.length);
  let best = 0;
  for (let cut = 0; cut <= written.length; cut++) {
    const head = expanded(written.slice(0, cut));
    const tail = expanded(written.slice(cut));
    if (head === undefined || tail === undefined || head + tail !== whole) continue;
    if (head.length > column) break;
    best = cut;
  }
  return best;
}
