import { tokenAt } from './lexer.ts';
import { parseStatement } from './parser.ts';
import {
  endOfBlockComment,
  endOfLine,
  endOfWord,
  isSpace,
  skipBlank,
  startsBlockComment,
  startsLineComment,
  startsWord,
} from './scanner.ts';
import type { Span } from './span.ts';
import { nextPiece, type Piece } from './splitter.ts';
import type { ParsedStatement } from './statement.ts';

/** Where a broken statement ends after all. Offsets are UTF-16 code units in the text that was split. */
export interface Cut {
  readonly end: number;
  /** After its semicolon, or `end` when it has none. */
  readonly terminatedEnd: number;
}

/**
 * A statement that does not parse may have swallowed what follows it (an open quote, a missing parenthesis or
 * semicolon). Every line that could end it or begin another is a guess at its end; a guess is judged by how many
 * statements after it read well. Undefined when the splitter's own end is as good as any.
 */
export function resync(text: string, piece: Piece, parsed: ParsedStatement): Cut | undefined {
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
    if (piece.end >= end) return true;
  }
  return false;
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
  const indentation = indentationAt(text, piece.start);
  let blank = false;
  let line = piece.start;
  for (let count = 0; line < scan && count < MOST_LINES; count++) {
    const end = Math.min(endOfLine(text, line), scan);
    const cuts: Cut[] = [];
    if (line > piece.start && beginsStatement(text, piece.start, line, indentation, blank)) {
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

/** What statements begin with, but for what begins a PL/pgSQL statement and hardly ever one in a migration. */
const STARTERS = new Set(
  `alter analyze begin call checkpoint cluster comment commit copy create deallocate delete discard do drop explain grant
   import insert listen load lock merge notify prepare reassign refresh reindex release reset revoke rollback savepoint
   security select set show start table truncate unlisten update vacuum values with`.split(/\s+/),
);

/** Whether what follows `at` looks like a statement, or like a psql command; the text's end will do too. */
function canBeginAfter(text: string, at: number): boolean {
  const next = skipBlank(text, at);
  if (next === text.length || text[next] === '\\' || text[next] === '(') return true;
  return (
    startsWord(text.charCodeAt(next)) && STARTERS.has(text.slice(next, endOfWord(text, next)).toLowerCase())
  );
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

/** How many characters stand before `at` in its line; -1 when they are not all white space. */
function indentationAt(text: string, at: number): number {
  let start = at;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  return start === 0 || text[start - 1] === '\n' || text[start - 1] === '\r' ? at - start : -1;
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

/** Dollar-quoted bodies, known by the word before them, whatever quotes are open there. */
function likelyBodies(text: string, piece: Piece): Body[] {
  const bodies: Body[] = [];
  const mark = /\b(?:as|do|do\s+language\s+\w+)\s*(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)/gi;
  mark.lastIndex = piece.start;
  for (let found = mark.exec(text); found !== null && found.index < piece.end; found = mark.exec(text)) {
    const body = found.index + found[0].length;
    const close = text.indexOf(found[1] ?? '', body);
    bodies.push({ start: body, end: close < 0 ? text.length : close, closed: close >= 0 });
    if (close < 0) break;
    mark.lastIndex = close + 1;
  }
  return bodies;
}

const OBJECT =
  `(?:table|index|type|function|procedure|routine|aggregate|view|materialized|sequence|schema|extension|trigger|
 event|policy|rule|domain|role|user|group|database|default\\s+privileges|foreign|server|publication|subscription|operator|
 language|collation|conversion|statistics|text|tablespace|system|large|owned|cast|access|column|constraint)\\b`.replace(
    /\s/g,
    '',
  );

/** Lines that begin a statement wherever they stand outside a body. */
const DEFINITION = new RegExp(
  String.raw`(?:create\s|(?:drop|alter)\s+(?!column|constraint)${OBJECT}|comment\s+on\s+${OBJECT}|grant\s|revoke\s|truncate\s|` +
    String.raw`reindex\s|vacuum\b|refresh\s+materialized|lock\s+table|cluster\b|do\s*[$']|security\s+label|import\s+foreign|` +
    String.raw`copy\s|call\s|analyze\b|begin\s*;|commit\b|rollback\b|start\s+transaction)`,
  'iy',
);

/** Lines that begin a statement, or carry one on: what stands before decides. */
const QUERY = /(insert\s+into|delete\s+from|update|merge\s+into|select|with|values|set)\b/iy;

/** After one of these a data-changing statement belongs to the statement before it. */
const TAKES_CHANGE = new Set(
  'as do also instead for on or of before after explain analyze verbose ('.split(' '),
);
/** … and after one of these a query does. */
const TAKES_QUERY = new Set([
  ...TAKES_CHANGE,
  ...'union all except intersect distinct in exists any some array from returning into , ='.split(' '),
]);

/** Statements that hold no query of their own, so that one at a line's start is the next statement. */
const HOLDS_NO_QUERY = new Set(
  'alter drop comment grant revoke truncate delete update set begin commit select'.split(' '),
);
/** … and those that hold no SET. */
const HOLDS_NO_SET = new Set('drop comment grant revoke truncate delete select set begin commit'.split(' '));

function beginsStatement(
  text: string,
  start: number,
  line: number,
  indentation: number,
  afterBlank: boolean,
): boolean {
  let at = line;
  while (text[at] === ' ' || text[at] === '\t') at++;
  if (at - line > 3 && at - line !== indentation) return false;
  DEFINITION.lastIndex = at;
  if (DEFINITION.test(text)) return true;
  QUERY.lastIndex = at;
  const word = QUERY.exec(text)?.[1]?.toLowerCase();
  if (word === undefined) return false;
  const before = text.slice(Math.max(start, line - 200), line).replace(/--.*\s*$/, '');
  const last = /(\w+|\S)\s*$/.exec(before)?.[1]?.toLowerCase() ?? '';
  const first = text.slice(start, endOfWord(text, start)).toLowerCase();
  const changes = /^(insert|delete|update|merge)/.test(word);
  if ((changes ? TAKES_CHANGE : TAKES_QUERY).has(last)) return false;
  // The last part of WITH x AS (…), or INSERT INTO t (…) SELECT; where the first word is misspelt, who knows.
  if (last === ')' && !HOLDS_NO_QUERY.has(first) && first !== 'create' && !(changes && first === 'insert'))
    return false;
  if (afterBlank) return true;
  if (word === 'set') return HOLDS_NO_SET.has(first);
  return changes || HOLDS_NO_QUERY.has(first);
}
