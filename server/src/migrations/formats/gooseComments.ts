import { endOfGoText, goQuote, goTrim, isGoSpace, skipGoSpace } from './goStrings.ts';

/*
 * The lines of a goose file, and what goose takes for its annotations among them. Offsets are UTF-16 code units in the
 * document.
 */

export type GooseCommand =
  | 'Up'
  | 'Down'
  | 'StatementBegin'
  | 'StatementEnd'
  | 'NO TRANSACTION'
  | 'ENVSUB ON'
  | 'ENVSUB OFF';

export const gooseCommands: readonly GooseCommand[] = [
  'Up',
  'Down',
  'StatementBegin',
  'StatementEnd',
  'NO TRANSACTION',
  'ENVSUB ON',
  'ENVSUB OFF',
];

/** A line that speaks of goose. */
export interface GooseLine {
  /** Without its line end, `\n` or `\r\n`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Where the next line starts. */
  readonly next: number;
  /** Absent where it is a comment to goose like any other. */
  readonly annotation?: GooseAnnotation;
}

/** What goose makes of an annotation line: a command, or an error. Whoever reads on after one sets both. */
export interface GooseAnnotation {
  readonly command?: GooseCommand;
  /** goose's message about the line. */
  readonly error?: string;
}

/** The comment lines that speak of goose, in whatever letters, with what goose makes of them. */
export function readGooseComments(text: string): GooseLine[] {
  const comments: GooseLine[] = [];
  const line = new LineReader(text);
  while (line.advanceToDashes()) {
    const { content, start, end, next } = line;
    if (!line.isComment || !/goose/i.test(content)) continue;
    comments.push({ text: content, start, end, next, annotation: readAnnotation(content) });
  }
  return comments;
}

/** Whether a line is a comment to goose. */
export function isCommentLine(line: string): boolean {
  return line.startsWith('--', skipGoSpace(line));
}

/** Whether a statement ends with this line: its last word before a word that starts with `--` ends with a semicolon. */
export function endsWithSemicolon(line: string): boolean {
  let end = line.indexOf('--');
  while (end > 0 && !isGoSpace(line.charCodeAt(end - 1))) end = line.indexOf('--', end + 1);
  return goTrim(end < 0 ? line : line.slice(0, end)).endsWith(';');
}

/**
 * Goes through a text line by line; before the first `advance` it is at none. As in Go, nothing follows the last line
 * end.
 */
export class LineReader {
  start = 0;
  /** Before its line end, `\n` or `\r\n`. */
  end = 0;
  /** Where the next line starts. */
  next = 0;
  /** The line, where it is one of the comments. */
  comment: GooseLine | undefined;
  readonly text: string;
  private readonly comments: readonly GooseLine[];
  private commentsPassed = 0;
  /** The first two dashes that do not stand before the line; the text's length where there are none. */
  private dashes = -1;

  /** `comments` are those of the text that whoever reads the lines wants to know of. */
  constructor(text: string, comments: readonly GooseLine[] = []) {
    this.text = text;
    this.comments = comments;
  }

  /** Goes to the next line; false where there is none. */
  advance(): boolean {
    const { text, next } = this;
    if (next >= text.length) return false;
    const lineFeed = text.indexOf('\n', next);
    this.start = next;
    this.next = lineFeed < 0 ? text.length : lineFeed + 1;
    this.end = lineFeed < 0 ? text.length : lineFeed;
    if (this.end > next && text.charCodeAt(this.end - 1) === 0x0d) this.end--;
    if (this.dashes < next) this.findDashes(next);
    this.comment = this.comments[this.commentsPassed];
    if (this.comment?.start === next) this.commentsPassed++;
    else this.comment = undefined;
    return true;
  }

  /** Goes to the next line with two dashes in it; false where there is none. */
  advanceToDashes(): boolean {
    this.findDashes(this.next);
    if (this.dashes === this.text.length) return false;
    this.next = this.text.lastIndexOf('\n', this.dashes) + 1;
    return this.advance();
  }

  private findDashes(from: number): void {
    const found = this.text.indexOf('--', from);
    this.dashes = found < 0 ? this.text.length : found;
  }

  get content(): string {
    return this.text.slice(this.start, this.end);
  }

  get isBlank(): boolean {
    return skipGoSpace(this.text, this.start, this.end) === this.end;
  }

  get isComment(): boolean {
    return this.dashes < this.end && skipGoSpace(this.text, this.start, this.end) === this.dashes;
  }

  get endsWithSemicolon(): boolean {
    if (this.dashes < this.end) return endsWithSemicolon(this.content);
    const end = endOfGoText(this.text, this.start, this.end);
    return end > this.start && this.text[end - 1] === ';';
  }
}

/**
 * What goose makes of a comment line. An annotation is one that has `+goose` anywhere; what it says is what is left
 * without the dashes.
 */
function readAnnotation(line: string): GooseAnnotation | undefined {
  if (!line.includes('+goose')) return undefined;
  const refused = (why: string) => ({
    error: `failed to parse annotation line ${goQuote(line)}: ${why}`,
  });
  if (line.startsWith(' ') || line.startsWith('\t')) {
    return refused(`${goQuote(line)} contains leading whitespace: invalid annotation`);
  }
  const rest = line.replaceAll('--', '').replace('+goose', '');
  if (rest.includes('+goose')) {
    return refused(`${goQuote(rest)} contains multiple '+goose' annotations: invalid annotation`);
  }
  const words = goTrim(rest);
  if (words === '') return refused('empty annotation');
  const command = gooseCommands.find((known) => equalFold(known, words));
  return command === undefined ? refused(`${goQuote(words)} not supported: invalid annotation`) : { command };
}

/** strings.EqualFold: simple case folding, in which the long s and the Kelvin sign are letters like any other. */
function equalFold(known: string, words: string): boolean {
  return words.length === known.length && new RegExp(`^${known}$`, 'iu').test(words);
}
