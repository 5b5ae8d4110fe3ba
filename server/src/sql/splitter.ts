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
  isSpace,
  startsBlockComment,
  startsLineComment,
  startsWord,
} from './scanner.ts';

/**
 * A piece of a script as psql cuts it. Offsets are UTF-16 code units in the text that was split. Between pieces stand
 * white space, comments and empty statements.
 */
export interface Piece {
  readonly kind: 'statement' | 'psqlCommand' | 'copyData';
  readonly start: number;
  /** After the last token; a statement's semicolon is not in it. */
  readonly end: number;
  /** After the terminating semicolon, or `end` when there is none. */
  readonly terminatedEnd: number;
  /** What the text ended inside of. */
  readonly open?: 'quote' | 'comment' | 'parenthesis';
}

const BYTE_ORDER_MARK = 0xfeff;

/** All pieces of `text` between `start` and `end`. Takes about 10 ms per MB. */
export function split(text: string, start = 0, end = text.length): Piece[] {
  const pieces: Piece[] = [];
  const bounded = end === text.length ? text : text.slice(0, end);
  const copyData = new CopyData(bounded);
  for (let at = start; ; ) {
    const piece = nextPiece(bounded, at);
    if (piece === undefined) return pieces;
    pieces.push(piece);
    at = piece.terminatedEnd;
    const data = copyData.after(piece);
    if (data !== undefined) {
      pieces.push(data);
      at = data.end;
    }
  }
}

/**
 * The first piece at or after `from`, by the rules of psql's lexer: `;` ends a statement outside quotes, comments,
 * parentheses and BEGIN ATOMIC bodies; a backslash outside quotes is a psql command up to the line's end and ends the
 * open statement (`\gexec`), except `\;`, which is a semicolon. COPY data is not told apart here.
 */
export function nextPiece(text: string, from: number): Piece | undefined {
  const n = text.length;
  let start = -1;
  let end = from;
  let parentheses = 0;
  let atomic = 0;
  let begin = false;
  let at = from;
  while (at < n) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || (code === BYTE_ORDER_MARK && at === 0)) {
      at++;
      continue;
    }
    if (code === 45 /* - */ && startsLineComment(text, at)) {
      at = endOfLine(text, at);
      continue;
    }
    if (code === 47 /* / */ && startsBlockComment(text, at)) {
      const close = endOfBlockComment(text, at);
      if (close < 0)
        return {
          kind: 'statement',
          start: start < 0 ? at : start,
          end: n,
          terminatedEnd: n,
          open: 'comment',
        };
      at = close;
      continue;
    }
    if (code === 59 /* ; */ && parentheses === 0 && atomic === 0) {
      at++;
      if (start >= 0) return { kind: 'statement', start, end, terminatedEnd: at };
      continue;
    }
    if (code === 92 /* \ */) {
      if (start >= 0)
        return { kind: 'statement', start, end, terminatedEnd: text[at + 1] === ';' ? at + 2 : end };
      if (text[at + 1] !== ';') return psqlCommand(text, at);
      at += 2;
      continue;
    }
    if (start < 0) start = at;
    if (startsWord(code)) {
      end = endOfWord(text, at);
      if (end - at <= 6 && end - at >= 3) {
        const word = wordOfBody(text, at, end);
        if (atomic === 0) {
          if (word === 'atomic' && begin) atomic = 1;
        } else if (word === 'case') atomic++;
        else if (word === 'end') atomic--;
        begin = word === 'begin';
      } else begin = false;
      at = end;
      continue;
    }
    if (code === 40 /* ( */) parentheses++;
    else if (code === 41 /* ) */ && parentheses > 0) parentheses--;
    end = endOfElement(text, at, code);
    if (end < 0) return { kind: 'statement', start, end: n, terminatedEnd: n, open: 'quote' };
    at = end;
  }
  if (start < 0) return undefined;
  return {
    kind: 'statement',
    start,
    end,
    terminatedEnd: end,
    ...(parentheses > 0 && { open: 'parenthesis' }),
  };
}

/** The words that open and close a BEGIN ATOMIC body, in lower case; '' for all others. */
function wordOfBody(text: string, start: number, end: number): string {
  const first = text.charCodeAt(start) | 32;
  if (first !== 97 && first !== 98 && first !== 99 && first !== 101) return '';
  return text.slice(start, end).toLowerCase();
}

/** The end of a quoted element, or of the one character at `at`; -1 when a quote is never closed. */
function endOfElement(text: string, at: number, code: number): number {
  if (code === 39 /* ' */) return endOfString(text, at, escapesOf(text, at));
  if (code === 34 /* " */) return endOfQuotedName(text, at);
  if (code === 36 /* $ */) {
    const markEnd = endOfDollarMark(text, at);
    return markEnd < 0 ? at + 1 : endOfDollarQuoted(text, at, markEnd);
  }
  // A number's digits and what sticks to it: `1$$` opens no quote, `1e5` holds no word.
  if (code >= 48 && code <= 57) {
    let end = at + 1;
    while (end < text.length && continuesWord(text.charCodeAt(end)) && text[end] !== '$') end++;
    return end;
  }
  return at + 1;
}

function psqlCommand(text: string, start: number): Piece {
  const line = text.slice(start, endOfLine(text, start));
  const end = start + line.trimEnd().length;
  return { kind: 'psqlCommand', start, end, terminatedEnd: end };
}

const COPY_FROM_STDIN = /^copy\b[\s\S]*\bfrom\s+stdin\b/i;

/** Finds the data that follows `COPY … FROM STDIN;` in `text`: lines up to a closing `\.`, when that line exists. */
export class CopyData {
  readonly #text: string;
  /** Where it is known that no closing line stands any more: looking for it again and again would take for ever. */
  #noneAfter: number;

  constructor(text: string) {
    this.#text = text;
    this.#noneAfter = text.length;
  }

  after(piece: Piece): Piece | undefined {
    const start = this.#start(piece);
    if (start === undefined || start >= this.#noneAfter) return undefined;
    const closing = /^\\\.[ \t]*$/gm;
    closing.lastIndex = start;
    const found = closing.exec(this.#text);
    if (found === null) {
      this.#noneAfter = start;
      return undefined;
    }
    const end = found.index + found[0].length;
    return { kind: 'copyData', start, end, terminatedEnd: end };
  }

  #start(piece: Piece): number | undefined {
    const text = this.#text;
    if (piece.kind !== 'statement' || (text.charCodeAt(piece.start) | 32) !== 99 /* c */) return undefined;
    if (piece.terminatedEnd === piece.end || piece.end - piece.start > LONGEST_COPY) return undefined;
    if (!COPY_FROM_STDIN.test(text.slice(piece.start, piece.end))) return undefined;
    const line = endOfLine(text, piece.terminatedEnd);
    const rest = text.slice(piece.terminatedEnd, line).trim();
    if (rest !== '' && !rest.startsWith('--')) return undefined;
    return text[line] === '\r' && text[line + 1] === '\n' ? line + 2 : line + 1;
  }
}

const LONGEST_COPY = 10_000;
