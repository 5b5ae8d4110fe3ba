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
 * The edit of the document after which the stretch `span` of a string's text says `text`. Undefined where the stretch
 * stands in more than one literal, or none, or where its kind of literal cannot say it.
 */
export function stringEdit(
  { text: document, strings }: PythonModule,
  mapped: MappedText,
  span: Span,
  text: string,
): { readonly span: Span; readonly text: string } | undefined {
  const place = placeOf(mapped, span);
  const literal = place && strings.find((each) => each.start < place.start && place.end < each.end);
  const marks = literal && literalMarks(document, literal);
  if (place === undefined || literal === undefined || marks === undefined) return undefined;
  const { content, raw, format } = marks;
  if (place.start < content.start || content.end < place.end) return undefined;
  const delimiter = document.slice(content.end, literal.end);
  const doubled = format ? text.replace(/[{}]/g, '$&$&') : text;
  if (!raw) return { span: place, text: escaped(doubled, delimiter) };
  const says = !doubled.includes(delimiter.charAt(0)) && (delimiter.length === 3 || !/[\r\n]/.test(doubled));
  return says ? { span: place, text: doubled } : undefined;
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
