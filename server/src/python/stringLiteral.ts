import type { Span } from '../sql/span.ts';
import { concat, type MappedText, mappedTo, verbatim } from './mappedText.ts';

/** A literal's marks: the letters before it, and its quotes. */
export interface LiteralMarks {
  readonly raw: boolean;
  readonly bytes: boolean;
  readonly format: boolean;
  /** What stands between the quotes, in the document. */
  readonly content: Span;
}

/** Reads the marks of the literal that is `span` of the document; undefined where its quotes do not close. */
export function literalMarks(document: string, span: Span): LiteralMarks | undefined {
  const text = document.slice(span.start, span.end);
  const [, prefix = '', quote = ''] = /^([A-Za-z]{0,2})("""|'''|"|')/.exec(text) ?? [];
  const start = prefix.length + quote.length;
  if (quote === '' || text.length < start + quote.length || !text.endsWith(quote)) return undefined;
  const letters = prefix.toLowerCase();
  return {
    raw: letters.includes('r'),
    bytes: letters.includes('b'),
    format: letters.includes('f') || letters.includes('t'),
    content: { start: span.start + start, end: span.end - quote.length },
  };
}

/** Escapes (Python reference, 2.4.1.1), line ends, and in f-strings doubled braces: what does not stand for itself. */
const SPECIAL =
  /\\(?:\r\n|[\n\r\\'"abfnrtv]|[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}]*\})|\r\n?|\{\{|\}\}/g;

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** What a stretch of a literal says. `span` is in the document, between quotes and outside of replacement fields. */
export function decode(document: string, span: Span, { raw, format }: LiteralMarks): MappedText {
  const text = document.slice(span.start, span.end);
  if (!/[\\\r{}]/.test(text)) return verbatim(text, span.start);
  const parts: MappedText[] = [];
  let at = span.start;
  for (const { 0: found, index } of text.matchAll(SPECIAL)) {
    const says = spoken(found, raw, format);
    if (says === undefined) continue;
    const start = span.start + index;
    const end = start + found.length;
    parts.push(verbatim(document.slice(at, start), at), mappedTo(says, { start, end }));
    at = end;
  }
  parts.push(verbatim(document.slice(at, span.end), at));
  return concat(parts);
}

/** What an escape says; undefined where it stands for itself. */
function spoken(found: string, raw: boolean, format: boolean): string | undefined {
  if (found.startsWith('\r')) return '\n';
  if (found === '{{' || found === '}}') return format ? found.charAt(0) : undefined;
  if (raw) return undefined;
  const letter = found.charAt(1);
  if (letter === '\n' || letter === '\r') return '';
  if (/[0-7]/.test(letter)) return String.fromCharCode(Number.parseInt(found.slice(1), 8));
  // Names of characters are not known here.
  if (letter === 'N') return '\ufffd';
  if (/[xuU]/.test(letter) && found.length > 2) {
    const code = Number.parseInt(found.slice(2), 16);
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }
  return SIMPLE[letter] ?? letter;
}
