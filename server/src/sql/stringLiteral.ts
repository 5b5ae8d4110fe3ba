import type { Token } from './lexer.ts';
import { continuationOfString, endOfDollarMark, endOfString, escapesOf } from './scanner.ts';

/** What a string literal says, and where each piece of it is written. */
export interface StringValue {
  readonly value: string;
  /** Offset in `value` to offset in the text that holds the literal, in UTF-16 code units. */
  toOuter(offset: number): number;
}

/**
 * The value of the string token in `text`. Undefined for bit strings, for U&'' (whose escape character a UESCAPE
 * behind it may change), for escapes that are not valid, and when the literal is never closed.
 */
export function readString(text: string, token: Token): StringValue | undefined {
  const first = text.charCodeAt(token.start);
  if (first === 36 /* $ */) return dollarQuoted(text, token);
  const letter = first | 32;
  if (letter === 98 /* b */ || letter === 120 /* x */) return undefined;
  const quote = text.indexOf("'", token.start);
  const escapes = escapesOf(text, quote);
  if (quote < 0 || escapes === 'unicode') return undefined;
  if (endOfString(text.slice(0, token.end), quote, escapes) < 0) return undefined;
  return quoted(text, quote, token.end, escapes === 'backslash');
}

function dollarQuoted(text: string, token: Token): StringValue | undefined {
  const start = endOfDollarMark(text, token.start);
  const end = token.end - (start - token.start);
  if (start < 0 || end < start || text.slice(token.start, start) !== text.slice(end, token.end))
    return undefined;
  return { value: text.slice(start, end), toOuter: (offset) => start + offset };
}

/** Reads runs of characters that stand for themselves, and notes where each begins in value and text. */
function quoted(text: string, quote: number, end: number, backslashes: boolean): StringValue | undefined {
  const runs: { readonly value: number; readonly outer: number }[] = [{ value: 0, outer: quote + 1 }];
  let value = '';
  for (let at = quote + 1; at < end; ) {
    const special = backslashes ? /['\\]/g : /'/g;
    special.lastIndex = at;
    const found = special.exec(text)?.index ?? end;
    value += text.slice(at, found);
    let piece: { readonly says: string; readonly end: number } | undefined;
    if (text[found] === '\\') piece = readEscape(text, found);
    else if (text[found + 1] === "'") piece = { says: "'", end: found + 2 };
    else {
      const next = continuationOfString(text, found + 1);
      if (next < 0 || found + 1 >= end) break;
      piece = { says: '', end: next + 1 };
    }
    if (piece === undefined) return undefined;
    value += piece.says;
    at = piece.end;
    // The doubled quote is one character, written in two: what follows it begins a run of its own.
    runs.push({ value: value.length, outer: at });
  }
  return { value, toOuter: (offset) => outerOffset(runs, offset) };
}

function outerOffset(
  runs: readonly { readonly value: number; readonly outer: number }[],
  offset: number,
): number {
  const run = runs.findLast((candidate) => candidate.value <= offset) ?? runs[0];
  return run === undefined ? offset : run.outer + offset - run.value;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const CODE_ESCAPE = /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3}))/iy;

/** An escape of E'' (PostgreSQL manual, table 4.1). Undefined for bytes outside ASCII: they may be part of a character. */
function readEscape(text: string, at: number): { readonly says: string; readonly end: number } | undefined {
  CODE_ESCAPE.lastIndex = at;
  const found = CODE_ESCAPE.exec(text);
  if (found === null) {
    const letter = text[at + 1] ?? '';
    return { says: SIMPLE_ESCAPES[letter] ?? letter, end: at + 2 };
  }
  const hex = found[1] ?? found[2] ?? found[3];
  const code = hex === undefined ? Number.parseInt(found[4] ?? '', 8) : Number.parseInt(hex, 16);
  const isByte = found[1] !== undefined || found[4] !== undefined;
  if (code === 0 || code > 0x10ffff || (isByte && code > 0x7f)) return undefined;
  return { says: String.fromCodePoint(code), end: at + found[0].length };
}
