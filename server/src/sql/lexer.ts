import {
  continuesWord,
  endOfBlockComment,
  endOfDollarMark,
  endOfDollarQuoted,
  endOfLine,
  endOfQuotedName,
  endOfString,
  endOfWord,
  escapesOf,
  isDigit,
  isSpace,
  startsBlockComment,
  startsLineComment,
  startsWord,
} from './scanner.ts';
import type { Span } from './span.ts';

/** What a token is. Keywords are words: Postgres decides by place which is which. */
export type TokenKind =
  | 'word'
  | 'quotedName'
  | 'string'
  | 'number'
  | 'operator'
  | 'punctuation'
  | 'parameter';

/** A lexical token. Offsets are UTF-16 code units in the text that was read. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** For words: in lower case. For quoted names: without quotes, "" undone. Else as written. */
  readonly value: string;
}

/**
 * The tokens of `text` by the rules of Postgres's lexer, white space and comments left out. Never throws: what is
 * never closed reaches to the end, and a character that SQL has no use for is punctuation.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) at++;
    else if (startsLineComment(text, at)) at = endOfLine(text, at);
    else if (startsBlockComment(text, at)) at = orEnd(text, endOfBlockComment(text, at));
    else {
      const token = tokenAt(text, at);
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens;
}

/** The comments of `text` that stand between tokens: what a quoted body says is not looked into. */
export function commentsIn(text: string): Span[] {
  const comments: Span[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    if (isSpace(text.charCodeAt(at))) at++;
    else if (startsLineComment(text, at)) at = endOfLine(text, at);
    else if (startsBlockComment(text, at)) at = orEnd(text, endOfBlockComment(text, at));
    else {
      at = tokenAt(text, at).end;
      continue;
    }
    if (/[-/]/.test(text[start] ?? '')) comments.push({ start, end: at });
  }
  return comments;
}

function orEnd(text: string, end: number): number {
  return end < 0 ? text.length : end;
}

/** The token that starts at `start`, where neither white space nor a comment stands. */
export function tokenAt(text: string, start: number): Token {
  const code = text.charCodeAt(start);
  if (startsWord(code)) return wordAt(text, start);
  if (code === 39 /* ' */) return stringAt(text, start, start);
  if (code === 34 /* " */) return quotedNameAt(text, start, start);
  if (code === 36 /* $ */) return dollarAt(text, start);
  if (isDigit(code) || (code === 46 /* . */ && isDigit(text.charCodeAt(start + 1))))
    return numberAt(text, start);
  const pair = text.slice(start, start + 2);
  if (pair === '::' || pair === ':=' || pair === '..') return asWritten('operator', text, start, start + 2);
  if (OPERATOR_CHARACTERS.includes(text[start] ?? '')) {
    return asWritten('operator', text, start, endOfOperator(text, start));
  }
  return asWritten('punctuation', text, start, start + 1);
}

function asWritten(kind: TokenKind, text: string, start: number, end: number): Token {
  return { kind, start, end, value: text.slice(start, end) };
}

/** A word, or the string or name whose prefix it is: E'', B'', X'', N'', U&'', U&"". */
function wordAt(text: string, start: number): Token {
  const end = endOfWord(text, start);
  if (end === start + 1) {
    const letter = text.charCodeAt(start) | 32;
    const next = text.charCodeAt(end);
    if (next === 39 /* ' */ && (letter === 101 || letter === 98 || letter === 120 || letter === 110)) {
      return stringAt(text, start, end);
    }
    if (next === 38 /* & */ && letter === 117 /* u */) {
      if (text[end + 1] === "'") return stringAt(text, start, end + 1);
      if (text[end + 1] === '"') return quotedNameAt(text, start, end + 1);
    }
  }
  return { kind: 'word', start, end, value: text.slice(start, end).toLowerCase() };
}

function stringAt(text: string, start: number, quote: number): Token {
  return asWritten('string', text, start, orEnd(text, endOfString(text, quote, escapesOf(text, quote))));
}

function quotedNameAt(text: string, start: number, quote: number): Token {
  const close = endOfQuotedName(text, quote);
  const end = orEnd(text, close);
  const value = text.slice(quote + 1, close < 0 ? end : end - 1).replaceAll('""', '"');
  return { kind: 'quotedName', start, end, value };
}

function dollarAt(text: string, start: number): Token {
  const markEnd = endOfDollarMark(text, start);
  if (markEnd >= 0)
    return asWritten('string', text, start, orEnd(text, endOfDollarQuoted(text, start, markEnd)));
  let end = start + 1;
  while (isDigit(text.charCodeAt(end))) end++;
  return asWritten(end > start + 1 ? 'parameter' : 'punctuation', text, start, end);
}

const NUMBER =
  /0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?(?:\.(?!\.)\d*)?(?:[eE][+-]?\d[\d_]*)?/y;

function numberAt(text: string, start: number): Token {
  NUMBER.lastIndex = start;
  const length = NUMBER.exec(text)?.[0].length ?? 1;
  let end = start + Math.max(length, 1);
  // Postgres reports "trailing junk after numeric literal": it stays with the number.
  while (continuesWord(text.charCodeAt(end)) && text[end] !== '$') end++;
  return asWritten('number', text, start, end);
}

const OPERATOR_CHARACTERS = '~!@#^&|`?+-*/%<>=';
/** An operator that ends in + or - must hold one of these (PostgreSQL manual, 4.1.3). */
const ALLOW_TRAILING_SIGN = /[~!@#^&|`?%]/;

function endOfOperator(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && OPERATOR_CHARACTERS.includes(text[end] ?? '')) {
    if (startsLineComment(text, end) || startsBlockComment(text, end)) break;
    end++;
  }
  while (
    end > start + 1 &&
    /[+-]/.test(text[end - 1] ?? '') &&
    !ALLOW_TRAILING_SIGN.test(text.slice(start, end))
  )
    end--;
  return end;
}
