/**
 * Where Postgres's lexical elements end: the facts of its scan.l (and psql's psqlscan.l), with
 * standard_conforming_strings on. Offsets are UTF-16 code units. A function that reads something with a closing mark
 * returns -1 when the mark is missing.
 */

const TAB = 9;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const QUOTE = 39;
const STAR = 42;
const DASH = 45;
const SLASH = 47;
const BACKSLASH = 92;
const UNDERSCORE = 95;

export function isSpace(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= CARRIAGE_RETURN);
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters, the underscore and everything outside ASCII: Postgres takes a no-break space for a letter too. */
export function startsWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === UNDERSCORE || code >= 128;
}

export function continuesWord(code: number): boolean {
  return startsWord(code) || isDigit(code) || code === DOLLAR;
}

export function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && continuesWord(text.charCodeAt(at))) at++;
  return at;
}

/** The end of a `--` comment: at its line's end, which is not part of it. */
export function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === CARRIAGE_RETURN) return at;
  }
  return text.length;
}

export function startsLineComment(text: string, at: number): boolean {
  return text.charCodeAt(at) === DASH && text.charCodeAt(at + 1) === DASH;
}

export function startsBlockComment(text: string, at: number): boolean {
  return text.charCodeAt(at) === SLASH && text.charCodeAt(at + 1) === STAR;
}

/** The end of a block comment, which may hold others; -1 when it is never closed. */
export function endOfBlockComment(text: string, start: number): number {
  let depth = 1;
  for (let at = start + 2; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === STAR && text.charCodeAt(at + 1) === SLASH) {
      at++;
      if (--depth === 0) return at + 1;
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      at++;
      depth++;
    }
  }
  return -1;
}

/** The first place at or after `start` that is neither white space nor a closed comment. */
export function skipBlank(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    if (isSpace(text.charCodeAt(at))) at++;
    else if (startsLineComment(text, at)) at = endOfLine(text, at);
    else if (startsBlockComment(text, at)) {
      const end = endOfBlockComment(text, at);
      if (end < 0) return at;
      at = end;
    } else break;
  }
  return at;
}

/** How the characters of a string literal stand for its value. */
export type Escapes = 'doubled' | 'backslash' | 'unicode';

/** What kind of string starts with the quote at `quote`, by the letters before it. */
export function escapesOf(text: string, quote: number): Escapes {
  const before = text.charCodeAt(quote - 1) | 32;
  if (before === 101 /* e */ && !continuesWord(text.charCodeAt(quote - 2))) return 'backslash';
  const unicode =
    text.charCodeAt(quote - 1) === 38 /* & */ && (text.charCodeAt(quote - 2) | 32) === 117; /* u */
  return unicode && !continuesWord(text.charCodeAt(quote - 3)) ? 'unicode' : 'doubled';
}

/**
 * The end of a string whose opening quote is at `quote`; -1 when it is never closed. A string goes on in the next
 * quotes when only white space with a newline stands between ('a' ⏎ 'b' is 'ab'; PostgreSQL manual, 4.1.2.1).
 */
export function endOfString(text: string, quote: number, escapes: Escapes): number {
  let end = endOfQuoted(text, quote, QUOTE, escapes === 'backslash');
  while (end >= 0) {
    const next = continuationOfString(text, end);
    if (next < 0) return end;
    end = endOfQuoted(text, next, QUOTE, escapes === 'backslash');
  }
  return -1;
}

/** The quote that carries on a string closed just before `end`, or -1. */
export function continuationOfString(text: string, end: number): number {
  let newline = false;
  let at = end;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === CARRIAGE_RETURN) newline = true;
    else if (startsLineComment(text, at)) at = endOfLine(text, at) - 1;
    else if (!isSpace(code)) break;
  }
  return newline && text.charCodeAt(at) === QUOTE ? at : -1;
}

/** The end of a quoted name whose opening quote is at `quote`; -1 when it is never closed. */
export function endOfQuotedName(text: string, quote: number): number {
  return endOfQuoted(text, quote, DOUBLE_QUOTE, false);
}

function endOfQuoted(text: string, start: number, mark: number, backslashes: boolean): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === mark) {
      if (text.charCodeAt(at + 1) !== mark) return at + 1;
      at++;
    } else if (backslashes && code === BACKSLASH) at++;
  }
  return -1;
}

/** The end of the opening mark (`$$`, `$tag$`) at `start`, or -1 when the dollar there opens nothing. */
export function endOfDollarMark(text: string, start: number): number {
  let at = start + 1;
  if (startsWord(text.charCodeAt(at))) {
    while (at < text.length && (startsWord(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at++;
  }
  return text.charCodeAt(at) === DOLLAR ? at + 1 : -1;
}

/** The end of the dollar-quoted string whose opening mark is `[start, markEnd)`; -1 when it is never closed. */
export function endOfDollarQuoted(text: string, start: number, markEnd: number): number {
  const mark = text.slice(start, markEnd);
  const close = text.indexOf(mark, markEnd);
  return close < 0 ? -1 : close + mark.length;
}
