import type { Span } from '../sql/span.ts';
import type { MappedText } from './mappedText.ts';
import { literalMarks } from './stringLiteral.ts';
import type { PythonModule } from './syntax.ts';

/** A string literal that says `text`: in `quote` where that needs no escape, of several lines between three of them. */
export function stringLiteral(text: string, quote: '"' | "'"): string {
  const other = quote === '"' ? "'" : '"';
  if (text.includes('\n')) return between(text, quote.repeat(3));
  return between(text, text.includes(quote) && !text.includes(other) ? other : quote);
}

function between(text: string, delimiter: string): string {
  return `${delimiter}${escaped(text, delimiter)}${delimiter}`;
}

/** `text` as it stands in a literal without `r`. */
function escaped(text: string, delimiter: string): string {
  const quote = delimiter.charAt(0);
  const safe = text.replaceAll('\\', '\\\\').replaceAll('\0', '\\x00').replaceAll('\r', '\\r');
  if (delimiter.length === 1) return safe.replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`);
  const withoutEnd = safe.replaceAll(delimiter, `\\${quote}`.repeat(3));
  return withoutEnd.endsWith(quote) ? `${withoutEnd.slice(0, -1)}\\${quote}` : withoutEnd;
}

/**
 * The edits of the document after which the stretch `span` of a string's text says `text`: a literal of one line that
 * gets a line end has three quotes from then on. Undefined where the stretch stands in more than one literal, or none,
 * or where its kind of literal cannot say it.
 */
export function stringEdits(
  { text: document, strings }: PythonModule,
  mapped: MappedText,
  span: Span,
  text: string,
): readonly { readonly span: Span; readonly text: string }[] | undefined {
  const place = placeOf(mapped, span);
  const literal = place && strings.find((each) => each.start < place.start && place.end < each.end);
  const marks = literal && literalMarks(document, literal);
  if (place === undefined || literal === undefined || marks === undefined) return undefined;
  const { content, raw, format } = marks;
  if (place.start < content.start || content.end < place.end) return undefined;
  const quotes = document.slice(content.end, literal.end);
  const opens = quotes.length === 1 && text.includes('\n');
  const delimiter = opens ? quotes.repeat(3) : quotes;
  const doubled = format ? text.replace(/[{}]/g, '$&$&') : text;
  if (raw && (doubled.includes(quotes.charAt(0)) || doubled.includes('\r'))) return undefined;
  const edit = { span: place, text: raw ? doubled : escaped(doubled, delimiter) };
  if (!opens) return [edit];
  return [
    { span: { start: content.start - 1, end: content.start }, text: delimiter },
    edit,
    { span: { start: content.end, end: literal.end }, text: delimiter },
  ];
}

/** Where a stretch of the text stands in the document, from its first character to its last; at one place if it is empty. */
function placeOf({ pieces }: MappedText, { start, end }: Span): Span | undefined {
  if (start === end) {
    const piece = pieces.find((each) => each.exact && each.start <= start && start <= each.end);
    if (piece === undefined) return undefined;
    const at = piece.origin.start + start - piece.start;
    return { start: at, end: at };
  }
  const first = pieces.find((each) => each.start <= start && start < each.end);
  const last = pieces.find((each) => each.start < end && end <= each.end);
  if (first === undefined || last === undefined) return undefined;
  if (!first.exact && first.start !== start) return undefined;
  if (!last.exact && last.end !== end) return undefined;
  const from = first.exact ? first.origin.start + start - first.start : first.origin.start;
  const to = last.exact ? last.origin.start + end - last.start : last.origin.end;
  return from <= to ? { start: from, end: to } : undefined;
}
