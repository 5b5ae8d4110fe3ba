import type { Span } from '../sql/span.ts';

/**
 * Text that was put together from a document: what a string literal says, or SQL made from the arguments of a call.
 * Its pieces say where each stretch is written. All offsets are UTF-16 code units.
 */
export interface MappedText {
  readonly text: string;
  /** In order of their place in `text`; what lies between them was written by nobody. */
  readonly pieces: readonly MappedPiece[];
}

/** A stretch of `text`, and where it comes from. */
export interface MappedPiece {
  readonly start: number;
  readonly end: number;
  /** In the document. */
  readonly origin: Span;
  /** True where text and document hold the same characters; else the stretch as a whole stands for `origin`. */
  readonly exact: boolean;
}

/** Text of which no character stands in the document. */
export function unmapped(text: string): MappedText {
  return { text, pieces: [] };
}

/** Text that as a whole stands for `origin`. */
export function mappedTo(text: string, origin: Span): MappedText {
  return { text, pieces: text === '' ? [] : [{ start: 0, end: text.length, origin, exact: false }] };
}

/** Text that stands in the document as it is, from `at` on. */
export function verbatim(text: string, at: number): MappedText {
  if (text === '') return unmapped('');
  const origin = { start: at, end: at + text.length };
  return { text, pieces: [{ start: 0, end: text.length, origin, exact: true }] };
}

/** One text after the other. */
export function concat(all: readonly MappedText[]): MappedText {
  const parts = all.filter((part) => part.text !== '');
  // Texts are put together in many small steps, most of which add nothing.
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  let text = '';
  const pieces: MappedPiece[] = [];
  for (const part of parts) {
    const by = text.length;
    for (const piece of part.pieces) {
      const start = piece.start + by;
      const end = piece.end + by;
      const last = pieces.at(-1);
      const continues =
        last?.exact === true && piece.exact && last.end === start && last.origin.end === piece.origin.start;
      if (continues && last !== undefined) {
        const origin = { start: last.origin.start, end: piece.origin.end };
        pieces[pieces.length - 1] = { start: last.start, end, origin, exact: true };
      } else pieces.push(by === 0 ? piece : { start, end, origin: piece.origin, exact: piece.exact });
    }
    text += part.text;
  }
  return { text, pieces };
}

/** The texts with `separator` between them. */
export function joined(parts: readonly MappedText[], separator: string): MappedText {
  return concat(parts.flatMap((part, i) => (i === 0 ? [part] : [unmapped(separator), part])));
}

/** The part of a text from `start` to `end`. */
export function slice({ text, pieces }: MappedText, start: number, end = text.length): MappedText {
  const cut: MappedPiece[] = [];
  for (const piece of pieces) {
    const from = Math.max(piece.start, start);
    const to = Math.min(piece.end, end);
    if (from >= to) continue;
    const origin = piece.exact ? originOf(piece, from, to) : piece.origin;
    cut.push({ start: from - start, end: to - start, origin, exact: piece.exact });
  }
  return { text: text.slice(start, end), pieces: cut };
}

/** The text with what stands outside of `place` ascribed to `place` as a whole: a constant where it is used. */
export function placedAt(mapped: MappedText, place: Span): MappedText {
  const isInside = ({ origin }: MappedPiece) => place.start <= origin.start && origin.end <= place.end;
  if (mapped.pieces.length > 0 && mapped.pieces.every(isInside)) return mapped;
  return mappedTo(mapped.text, place);
}

/** Where the stretch `span` of the text stands in the document; undefined where none of it does. */
export function spanInDocument({ text, pieces }: MappedText, span: Span): Span | undefined {
  // A place between two characters: the one behind it, at the end the last.
  const start = Math.min(span.start, Math.max(0, text.length - 1));
  const end = Math.max(span.end, start + 1);
  let found: Span | undefined;
  for (const piece of pieces) {
    const from = Math.max(piece.start, start);
    const to = Math.min(piece.end, end);
    if (from >= to) continue;
    const origin = piece.exact ? originOf(piece, from, to) : piece.origin;
    found =
      found === undefined
        ? origin
        : { start: Math.min(found.start, origin.start), end: Math.max(found.end, origin.end) };
  }
  return found;
}

/** What of the text stands at an offset of the document; undefined where nothing does. */
export function offsetOf({ pieces }: MappedText, offset: number): number | undefined {
  const piece = pieces.find(({ origin }) => origin.start <= offset && offset <= origin.end);
  if (piece === undefined) return undefined;
  return piece.exact ? piece.start + offset - piece.origin.start : piece.start;
}

function originOf({ start, origin }: MappedPiece, from: number, to: number): Span {
  return { start: origin.start + from - start, end: origin.start + to - start };
}
