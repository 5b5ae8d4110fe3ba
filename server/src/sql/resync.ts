import { tokenAt } from './lexer.ts';
import { parseStatement } from './parser.ts';
import {
  endOfBlockComment,
  endOfLine,
  isSpace,
  skipBlank,
  startsBlockComment,
  startsLineComment,
  startsWord,
} from './scanner.ts';
import type { Span } from './span.ts';
import { nextPiece, type Piece } from './splitter.ts';
import type { ParsedStatement } from './statement.ts';
import { beginsStatement, canBeginAfter, indentationAt } from './statementStart.ts';

/** Where a broken statement ends after all. Offsets are UTF-16 code units in the text that was split. */
export interface Cut {
  readonly end: number;
  /** After its semicolon, or `end` when it has none. */
  readonly terminatedEnd: number;
}

/**
 * A statement that does not parse may have swallowed what follows it (an open quote, a missing parenthesis or
 * semicolon). Every line that could end it or begin another is a guess at its end; a guess is judged by how many
 * statements after it read well. Undefined when no guess is better than the splitter's own end.
 */
export function resync(document: string, piece: Piece, parsed: ParsedStatement): Cut | undefined {
  const text = document.slice(0, piece.start + LOOKED_AT);
  // The pieces of a template belong together: only a semicolon ends one.
  const best = bestGuess(text, piece, parsed.notAnalysed === 'templated');
  return best && { end: endOfTokens(text, piece.start, best.end), terminatedEnd: best.terminatedEnd };
}

function bestGuess(text: string, piece: Piece, onlySemicolons: boolean): Guess | undefined {
  const doubtful: Guess[] = [];
  let count = 0;
  for (const guess of findGuesses(text, piece)) {
    if (onlySemicolons && guess.terminatedEnd === guess.end) continue;
    if (guess.doubt !== 'none') doubtful.push(guess);
    // From inside a literal that is one, nobody reads well past its closing quote.
    const good =
      guess.doubt === 'none' ? statementsReadAfter(text, guess, 1) > 0 : readsThrough(text, guess, piece.end);
    if (good) return guess;
    if (++count === MOST_GUESSES) break;
  }
  let best: Guess | undefined;
  let most = piece.open === undefined ? statementsReadAfter(text, piece, STATEMENTS_LOOKED_AT) : 0;
  for (const guess of doubtful) {
    if (most === STATEMENTS_LOOKED_AT) break;
    const read = statementsReadAfter(text, guess, STATEMENTS_LOOKED_AT);
    if (read <= most) continue;
    most = read;
    best = guess;
  }
  return best;
}

/** How much text is looked at, in UTF-16 code units: a quote that is never closed may have swallowed megabytes. */
const LOOKED_AT = 300_000;

/** More guesses than this are not tried; nor is one judged by more than so many statements after it. */
const MOST_GUESSES = 100;
const STATEMENTS_LOOKED_AT = 6;
const MOST_READ_THROUGH = 500;
/** Nor are more than so many looked for. */
const MOST_LINES = 2000;

/** How many statements after `cut` read well before the first that does not; at most `enough`, which the text's end counts as. */
function statementsReadAfter(text: string, cut: Cut, enough: number): number {
  let count = 0;
  for (const piece of statementsFrom(text, cut.terminatedEnd)) {
    if (count === enough || !readsWell(text, piece)) return count;
    count++;
  }
  return enough;
}

/** Whether all statements after `cut` read well up to one that reaches `end`. */
function readsThrough(text: string, cut: Cut, end: number): boolean {
  let count = 0;
  for (const piece of statementsFrom(text, cut.terminatedEnd)) {
    if (count++ === MOST_READ_THROUGH || !readsWell(text, piece)) return false;
    if (piece.terminatedEnd >= end) return true;
  }
  return count > 0;
}

function* statementsFrom(text: string, start: number): Generator<Piece> {
  for (
    let piece = nextPiece(text, start);
    piece !== undefined;
    piece = nextPiece(text, piece.terminatedEnd)
  ) {
    if (piece.kind === 'statement') yield piece;
  }
}

function readsWell(text: string, piece: Piece): boolean {
  if (piece.open === 'quote' || piece.open === 'comment') return false;
  const statement = text.slice(piece.start, piece.end);
  // To the parser END is COMMIT; after a broken statement it is the end of a block.
  if (/^end\b/i.test(statement)) return false;
  const parsed = parseStatement(statement);
  return parsed.error === undefined && parsed.notAnalysed === undefined;
}

interface Guess extends Cut {
  readonly doubt: Doubt;
}

/**
 * What speaks against a guess. `quoted`: it lies inside what the splitter took for a closed quote or comment; unless
 * the damage is a stray quote, the splitter is right. `body`: it lies inside what looks like a function's body.
 */
type Doubt = 'none' | 'quoted' | 'body';

/** The places where the statement could end, in order: a line that ends in `;`, a line that begins like a statement. */
function* findGuesses(text: string, piece: Piece): Generator<Guess> {
  const bodies = likelyBodies(text, piece);
  const quotes = new QuoteScan(text, piece);
  const scan = lastLine(text, piece, bodies);
  let blank = false;
  let line = piece.start;
  for (let count = 0; line < scan && count < MOST_LINES; count++) {
    const end = Math.min(endOfLine(text, line), scan);
    const cuts: Cut[] = [];
    if (line > piece.start && beginsStatement(text, piece.start, line, blank)) {
      cuts.push({ end: line, terminatedEnd: line });
    }
    const semicolon = closingSemicolon(text, line, end);
    if (semicolon > piece.start && semicolon !== piece.terminatedEnd - 1) {
      cuts.push({ end: semicolon, terminatedEnd: semicolon + 1 });
    }
    for (const cut of cuts) {
      const doubt = doubtOf(text, cut, quotes, bodies);
      if (doubt !== undefined && canBeginAfter(text, cut.terminatedEnd)) yield { ...cut, doubt };
    }
    blank = /^\s*(--.*)?$/.test(text.slice(line, end));
    line = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
  }
}

/**
 * How far guesses are looked for: to the piece's end, or to the end of the line that closes a body which begins in it.
 * A stray `$$` turns a body inside out, and the splitter ends the statement in its midst.
 */
function lastLine(text: string, piece: Piece, bodies: readonly Body[]): number {
  const body = bodies.findLast((candidate) => candidate.start < piece.end);
  if (body === undefined || !body.closed || body.end < piece.end) return piece.end;
  const semicolon = text.indexOf(';', body.end);
  return semicolon < 0 ? text.length : endOfLine(text, semicolon);
}

/** Undefined for what is no guess at all. */
function doubtOf(text: string, cut: Cut, quotes: QuoteScan, bodies: readonly Body[]): Doubt | undefined {
  const quoted = quotes.contains(cut.end);
  const body = bodies.find((span) => cut.end > span.start && cut.end < span.end);
  if (body === undefined) return quoted ? 'quoted' : 'none';
  // Bodies are written indented. What starts at the margin inside one may be the next statement after all.
  const next = skipBlank(text, cut.terminatedEnd);
  if (indentationAt(text, next) !== 0 || !startsWord(text.charCodeAt(next))) return undefined;
  if (!body.closed) return quoted ? 'quoted' : 'none';
  return 'body';
}

/** The semicolon that the line ends in, or -1. One in a `--` comment is none. */
function closingSemicolon(text: string, line: number, end: number): number {
  const found = /;[ \t]*(--.*|\/\*.*\*\/[ \t]*)?$/.exec(text.slice(line, end));
  if (found === null) return -1;
  return text.slice(line, line + found.index).includes('--') ? -1 : line + found.index;
}

/** Where the last token before `end` ends, comments left out. */
function endOfTokens(text: string, start: number, end: number): number {
  const head = nextPiece(text.slice(0, end), start);
  if (head !== undefined && head.open !== 'quote' && head.open !== 'comment') return head.end;
  return start + text.slice(start, end).trimEnd().length;
}

/** Tells, place after place, what lies inside a closed string, quoted name or comment as the splitter sees them. */
class QuoteScan {
  readonly #text: string;
  readonly #piece: Piece;
  #at: number;
  #quote: Span;

  constructor(text: string, piece: Piece) {
    this.#text = text;
    this.#piece = piece;
    // Where a quote is never closed, inside and outside may have changed places: then none counts.
    this.#at = piece.open === 'quote' || piece.open === 'comment' ? piece.end : piece.start;
    this.#quote = { start: this.#at, end: this.#at };
  }

  /** Whether `offset` is inside one. It may not go back behind the one asked for before. */
  contains(offset: number): boolean {
    while (this.#at <= offset && this.#at < this.#piece.end) this.#advance();
    return offset > this.#quote.start && offset < this.#quote.end;
  }

  #advance(): void {
    const start = skipSpace(this.#text, this.#at);
    const comment = startsBlockComment(this.#text, start);
    const token = comment || start >= this.#piece.end ? undefined : tokenAt(this.#text, start);
    const end = comment ? endOfBlockComment(this.#text, start) : (token?.end ?? this.#piece.end);
    this.#at = end < 0 ? this.#piece.end : end;
    const quotes = comment || token?.kind === 'string' || token?.kind === 'quotedName';
    if (quotes) this.#quote = { start, end: this.#at };
  }
}

/** Past white space and line comments. */
function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    if (isSpace(text.charCodeAt(at))) at++;
    else if (startsLineComment(text, at)) at = endOfLine(text, at);
    else break;
  }
  return at;
}

interface Body extends Span {
  readonly closed: boolean;
}

/** Dollar-quoted and BEGIN ATOMIC bodies, known by the words before them, whatever quotes are open there. */
function likelyBodies(text: string, piece: Piece): Body[] {
  const bodies: Body[] = [];
  const mark =
    /\b(?:as|do|do\s+language\s+\w+)\s*(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|\bbegin\s+atomic\b/gi;
  mark.lastIndex = piece.start;
  for (let found = mark.exec(text); found !== null && found.index < piece.end; found = mark.exec(text)) {
    const body = found.index + found[0].length;
    const close = found[1] === undefined ? endOfAtomic(text, body) : text.indexOf(found[1], body);
    bodies.push({ start: body, end: close < 0 ? text.length : close, closed: close >= 0 });
    if (close < 0) break;
    mark.lastIndex = close + 1;
  }
  return bodies;
}

/** Where the END stands that closes BEGIN ATOMIC: at the beginning of a line, or -1. */
function endOfAtomic(text: string, start: number): number {
  const end = /^[ \t]*end\b/gim;
  end.lastIndex = start;
  return end.exec(text)?.index ?? -1;
}
