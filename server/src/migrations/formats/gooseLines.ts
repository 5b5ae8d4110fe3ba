import type { Span } from '../../sql/span.ts';
import type { Direction } from '../migration.ts';
import { type Environment, expandVariables } from './gooseEnvsub.ts';
import { endOfGoText, goQuote, goTrim, skipGoSpace } from './goStrings.ts';

/*
 * goose's line machine (internal/sqlparser of v3.27.3): what goose sends to the server, and when it refuses a file.
 * It knows nothing of SQL. The machine here goes on after an error, in the way a person most likely meant the file;
 * goose itself stops at the first.
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

/** A line of the file. Offsets are UTF-16 code units in the document. */
export interface GooseLine {
  /** Without its line end, `\n` or `\r\n`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Where the next line starts. */
  readonly next: number;
  /** False for a last line without a line feed. */
  readonly lineFeed: boolean;
  readonly annotation?: GooseAnnotation;
}

/** What goose makes of an annotation line: a command, or an error. Whoever reads on after one sets both. */
export interface GooseAnnotation {
  readonly command?: GooseCommand;
  /** goose's message about the line. */
  readonly error?: string;
}

/** Before Up; in the section; inside a block of it; after a block that held nothing, until the next line. */
type State = 'start' | `${Direction}${'' | 'Begin' | 'End'}`;

/** The number that goose gives the state in its messages. */
const stateNumbers: Readonly<Record<State, number>> = {
  start: 0,
  up: 1,
  upBegin: 2,
  upEnd: 3,
  down: 4,
  downBegin: 5,
  downEnd: 6,
};

/** `fault` says which of goose's checks failed. */
export interface GooseError {
  readonly fault:
    | 'annotation'
    | 'duplicateUp'
    | 'misplacedDown'
    | 'misplacedBegin'
    | 'misplacedEnd'
    | 'outsideSection'
    | 'noUp'
    | 'noEnd'
    | 'unfinished'
    | 'substitution'
    | 'tooLong';
  /** In goose's words. */
  readonly message: string;
  /** The place in the document. */
  readonly span: Span;
  /** Whether it stands inside a block or a section at that moment. */
  readonly state: State;
}

/** What goose sends as one query. */
export interface GooseStatement {
  readonly text: string;
  /** From its first character to its last, annotation lines between them included. Empty when `text` is. */
  readonly span: Span;
}

/** An annotation line that changed what the following lines are. */
export interface GooseMark {
  readonly command: 'Up' | 'Down' | 'StatementBegin' | 'StatementEnd';
  readonly line: GooseLine;
}

export interface GooseRun {
  readonly statements: readonly GooseStatement[];
  readonly useTransaction: boolean;
  readonly errors: readonly GooseError[];
  readonly marks: readonly GooseMark[];
  /** Lines that goose drops without a word: the first after a block that holds nothing. */
  readonly swallowed: readonly GooseLine[];
}

const see = ', see https://github.com/pressly/goose#sql-migrations';

/** goose's buffer for one line, its line end included. */
const maxLineBytes = 4 * 1024 * 1024;

/**
 * What goose gets from `text` when it runs `direction`. As goose does, it gives no statements when there is an error,
 * and then `useTransaction` is false. `error` equals goose's message to the letter.
 */
export function parseGoose(
  text: string,
  direction: Direction,
  env: Environment = () => undefined,
): { statements: readonly GooseStatement[]; useTransaction: boolean; error?: string } {
  const run = runGoose(readGooseLines(text), direction, env, 'stop');
  const error = run.errors[0]?.message;
  if (error !== undefined) return { statements: [], useTransaction: false, error };
  return { statements: run.statements, useTransaction: run.useTransaction };
}

/** Cuts a text into lines and reads their annotations. As in Go, nothing follows the last line end. */
export function readGooseLines(text: string): GooseLine[] {
  const lines: GooseLine[] = [];
  for (let start = 0; start < text.length; ) {
    const lineFeed = text.indexOf('\n', start);
    const next = lineFeed < 0 ? text.length : lineFeed + 1;
    let end = lineFeed < 0 ? text.length : lineFeed;
    if (end > start && text.charCodeAt(end - 1) === 0x0d) end--;
    const line = text.slice(start, end);
    lines.push({ text: line, start, end, next, lineFeed: lineFeed >= 0, annotation: readAnnotation(line) });
    start = next;
  }
  return lines;
}

/** The lines through the machine. `onError` 'stop' is what goose does. */
export function runGoose(
  lines: readonly GooseLine[],
  direction: Direction,
  env: Environment,
  onError: 'stop' | 'goOn',
): GooseRun {
  const machine = new LineMachine(direction, env);
  const stopped = () => onError === 'stop' && machine.errors.length > 0;
  for (const line of lines) {
    machine.read(line);
    if (stopped()) return machine;
  }
  machine.finish(lines.at(-1)?.next ?? 0);
  return machine;
}

/** Whether a line is a comment to goose. */
export function isCommentLine(line: string): boolean {
  return line.startsWith('--', skipGoSpace(line));
}

/** Whether a statement ends with this line: its last word before a word that starts with `--` ends with a semicolon. */
export function endsWithSemicolon(line: string): boolean {
  let end = line.length;
  for (let at = line.indexOf('--'); at >= 0; at = line.indexOf('--', at + 1)) {
    if (at > 0 && endOfGoText(line.slice(0, at)) === at) continue;
    end = at;
    break;
  }
  return line.slice(0, end).endsWith(';') || goTrim(line.slice(0, end)).endsWith(';');
}

/** An annotation is a comment line that has `+goose` anywhere; what it says is what is left without the dashes. */
function readAnnotation(line: string): GooseAnnotation | undefined {
  if (!line.includes('+goose') || !isCommentLine(line)) return undefined;
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

class LineMachine implements GooseRun {
  readonly statements: GooseStatement[] = [];
  readonly errors: GooseError[] = [];
  readonly marks: GooseMark[] = [];
  readonly swallowed: GooseLine[] = [];
  useTransaction = true;
  private state: State = 'start';
  private substitutes = false;
  /** After SQL that stands before Up: an error already, so the Up that follows is none. */
  private impliedUp = false;
  private buffer = '';
  private bufferSpan: Span | undefined;
  private block: GooseLine | undefined;
  private readonly direction: Direction;
  private readonly env: Environment;

  constructor(direction: Direction, env: Environment) {
    this.direction = direction;
    this.env = env;
  }

  read(line: GooseLine): void {
    if (isTooLong(line)) {
      this.fail('tooLong', line, 'failed to scan migration: bufio.Scanner: token too long');
    }
    if (this.state === 'start' && skipGoSpace(line.text) === line.text.length) return;
    if (line.annotation !== undefined && !this.annotation(line, line.annotation)) return;
    this.sql(line);
  }

  /** The checks at the end of the file. */
  finish(end: number): void {
    if (this.state === 'start') {
      const message = `failed to parse migration: must start with '-- +goose Up' annotation${see}`;
      this.fail('noUp', { start: end, end }, message);
    } else if (this.block !== undefined && (this.state === 'upBegin' || this.state === 'downBegin')) {
      this.fail(
        'noEnd',
        this.block,
        "failed to parse migration: missing '-- +goose StatementEnd' annotation",
      );
      this.emitRest();
    } else {
      this.checkFinished();
    }
  }

  /** Says whether the line also counts as one of the text: StatementEnd's does, and so ends the block. */
  private annotation(line: GooseLine, annotation: GooseAnnotation): boolean {
    if (annotation.error !== undefined) this.fail('annotation', line, annotation.error);
    switch (annotation.command) {
      case 'Up':
        this.up(line);
        return false;
      case 'Down':
        this.down(line);
        return false;
      case 'StatementBegin':
        this.statementBegin(line);
        return false;
      case 'StatementEnd':
        return this.statementEnd(line);
      case 'NO TRANSACTION':
        this.useTransaction = false;
        return false;
      case 'ENVSUB ON':
      case 'ENVSUB OFF':
        this.substitutes = annotation.command === 'ENVSUB ON';
        return false;
      case undefined:
        return false;
    }
  }

  private up(line: GooseLine): void {
    if (this.impliedUp && this.state.startsWith('up')) {
      this.impliedUp = false;
      return;
    }
    if (this.state !== 'start') {
      const message = `duplicate '-- +goose Up' annotations; stateMachine=${stateNumbers[this.state]}${see}`;
      this.fail('duplicateUp', line, message);
      return;
    }
    this.state = 'up';
    this.marks.push({ command: 'Up', line });
  }

  private down(line: GooseLine): void {
    if (this.state === 'up' || this.state === 'upEnd') {
      this.checkFinished();
    } else {
      const where = `stateMachine=${stateNumbers[this.state]}${see}`;
      this.fail('misplacedDown', line, `must start with '-- +goose Up' annotation, ${where}`);
      if (this.state === 'down' || this.state === 'downEnd') return;
      this.emitRest();
    }
    this.state = 'down';
    this.marks.push({ command: 'Down', line });
  }

  private statementBegin(line: GooseLine): void {
    const section = this.state.startsWith('down') ? 'down' : 'up';
    if (this.state === 'start' || this.state === 'upBegin' || this.state === 'downBegin') {
      const places = "must be defined after '-- +goose Up' or '-- +goose Down' annotation";
      const where = `stateMachine=${stateNumbers[this.state]}${see}`;
      this.fail('misplacedBegin', line, `'-- +goose StatementBegin' ${places}, ${where}`);
      this.impliedUp = this.state === 'start';
      this.emitRest();
    }
    this.state = `${section}Begin`;
    this.block = line;
    this.marks.push({ command: 'StatementBegin', line });
  }

  private statementEnd(line: GooseLine): boolean {
    if (this.state !== 'upBegin' && this.state !== 'downBegin') {
      const place = "must be defined after '-- +goose StatementBegin'";
      this.fail('misplacedEnd', line, `'-- +goose StatementEnd' ${place}${see}`);
      return false;
    }
    this.state = this.state === 'upBegin' ? 'upEnd' : 'downEnd';
    this.marks.push({ command: 'StatementEnd', line });
    return true;
  }

  private sql(line: GooseLine): void {
    if (this.buffer === '' && (line.text === '' || isCommentLine(line.text))) return;
    const afterBlock = this.state === 'upEnd' || this.state === 'downEnd';
    const text = afterBlock ? line.text : this.append(line);
    if (this.state === 'start') {
      const message = `failed to parse migration: unexpected state 0 on line ${goQuote(text)}${see}`;
      this.fail('outsideSection', line, message);
      this.state = 'up';
      this.impliedUp = true;
    }
    if (!this.state.startsWith(this.direction)) {
      this.clear();
    } else if (afterBlock) {
      if (this.buffer === '') this.swallowed.push(line);
      this.emit();
      this.state = this.direction;
    } else if (this.state === this.direction && endsWithSemicolon(text)) {
      this.emit();
    }
  }

  /** Adds a line to the buffer, with its variables put in, and gives it as added. */
  private append(line: GooseLine): string {
    const text = this.substitutes ? this.substitute(line) : line.text;
    this.buffer += `${text}\n`;
    const first = line.start + skipGoSpace(line.text);
    if (first < line.end) {
      const end = line.start + endOfGoText(line.text);
      this.bufferSpan = { start: this.bufferSpan?.start ?? first, end };
    }
    return text;
  }

  private substitute(line: GooseLine): string {
    const expanded = expandVariables(line.text, this.env);
    if ('text' in expanded) return expanded.text;
    this.fail('substitution', line, `variable substitution failed: ${expanded.error}:\n${line.text}`);
    return line.text;
  }

  private checkFinished(): void {
    const rest = goTrim(this.buffer);
    if (rest === '') return;
    const where = `state ${stateNumbers[this.state]}, direction: ${this.direction}`;
    const message = `failed to parse migration: ${where}: unexpected unfinished SQL query: ${goQuote(rest)}: missing semicolon?`;
    this.fail('unfinished', this.bufferSpan ?? { start: 0, end: 0 }, message);
    this.emit();
  }

  private emit(): void {
    const last = this.statements.at(-1)?.span.end ?? 0;
    this.statements.push({ text: goTrim(this.buffer), span: this.bufferSpan ?? { start: last, end: last } });
    this.clear();
  }

  /** After an error: what goose would never send, given all the same. */
  private emitRest(): void {
    if (goTrim(this.buffer) !== '') this.emit();
  }

  private clear(): void {
    this.buffer = '';
    this.bufferSpan = undefined;
  }

  private fail(fault: GooseError['fault'], span: Span, message: string): void {
    this.errors.push({ fault, message, span: { start: span.start, end: span.end }, state: this.state });
  }
}

function isTooLong(line: GooseLine): boolean {
  if (line.next - line.start < maxLineBytes / 3) return false;
  const carriageReturn = line.next - line.end === (line.lineFeed ? 2 : 1) ? 1 : 0;
  return Buffer.byteLength(line.text) + carriageReturn >= maxLineBytes;
}
