import type { Span } from '../../sql/span.ts';
import type { Direction } from '../migration.ts';
import {
  endsWithSemicolon,
  type GooseAnnotation,
  type GooseLine,
  LineReader,
  readGooseComments,
} from './gooseComments.ts';
import { type Environment, expandVariables } from './gooseEnvsub.ts';
import { endOfGoText, goQuote, goTrim, skipGoSpace } from './goStrings.ts';

/*
 * goose's line machine (internal/sqlparser of v3.27.3): what goose sends to the server, and when it refuses a file.
 * It knows nothing of SQL. The machine here goes on after an error, in the way a person most likely meant the file;
 * goose itself stops at the first.
 */

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

const sectionOf: Readonly<Record<State, Direction | undefined>> = {
  start: undefined,
  up: 'up',
  upBegin: 'up',
  upEnd: 'up',
  down: 'down',
  downBegin: 'down',
  downEnd: 'down',
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
  readonly swallowed: readonly Span[];
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
  const run = runGoose(text, readGooseComments(text), direction, env);
  const error = run.errors[0]?.message;
  if (error !== undefined) return { statements: [], useTransaction: false, error };
  return { statements: run.statements, useTransaction: run.useTransaction };
}

/**
 * What goose makes of the text in one direction, `comments` being those that speak of goose, up to the first error, as
 * goose does.
 */
export function runGoose(
  text: string,
  comments: readonly GooseLine[],
  direction: Direction,
  env: Environment,
): GooseRun {
  const machine = new LineMachine(text, direction, env);
  const line = new LineReader(text, comments);
  while (machine.errors.length === 0 && line.advance()) machine.read(line);
  if (machine.errors.length === 0) machine.finish();
  return machine;
}

/** The same in both directions, to the end of the text whatever is wrong. */
export function runGooseOn(
  text: string,
  comments: readonly GooseLine[],
  env: Environment,
): Record<Direction, GooseRun> {
  const up = new LineMachine(text, 'up', env);
  const down = new LineMachine(text, 'down', env);
  const line = new LineReader(text, comments);
  while (line.advance()) {
    up.read(line);
    down.read(line);
  }
  up.finish();
  down.finish();
  return { up, down };
}

class LineMachine implements GooseRun {
  readonly statements: GooseStatement[] = [];
  readonly errors: GooseError[] = [];
  readonly marks: GooseMark[] = [];
  readonly swallowed: Span[] = [];
  useTransaction = true;
  private state: State = 'start';
  private substitutes = false;
  /** After SQL that stands before Up: an error already, so the Up that follows is none. */
  private impliedUp = false;
  private readonly buffer: LineBuffer;
  private block: GooseLine | undefined;
  private readonly text: string;
  private readonly direction: Direction;
  private readonly env: Environment;

  constructor(text: string, direction: Direction, env: Environment) {
    this.text = text;
    this.buffer = new LineBuffer(text);
    this.direction = direction;
    this.env = env;
  }

  read(line: LineReader): void {
    if (isTooLong(line)) {
      this.fail('tooLong', line, 'failed to scan migration: bufio.Scanner: token too long');
    }
    if (this.state === 'start' && line.isBlank) return;
    const annotated = line.comment;
    if (annotated?.annotation && !this.annotation(annotated, annotated.annotation)) return;
    this.sql(line);
  }

  /** The checks at the end of the file. */
  finish(): void {
    const end = this.text.length;
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
    if (this.impliedUp && sectionOf[this.state] === 'up') {
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
    const section = sectionOf[this.state] ?? 'up';
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

  private sql(line: LineReader): void {
    const { buffer } = this;
    if (buffer.isEmpty && (line.start === line.end || line.isComment)) return;
    const afterBlock = this.state === 'upEnd' || this.state === 'downEnd';
    const substituted = this.substitutes && !afterBlock ? this.substitute(line.content, line) : undefined;
    if (this.state === 'start') {
      const sql = goQuote(substituted ?? line.content);
      this.fail('outsideSection', line, `failed to parse migration: unexpected state 0 on line ${sql}${see}`);
      this.state = 'up';
      this.impliedUp = true;
    }
    if (sectionOf[this.state] !== this.direction) {
      buffer.clear();
    } else if (afterBlock) {
      if (buffer.isEmpty) this.swallowed.push({ start: line.start, end: line.end });
      this.emit();
      this.state = this.direction;
    } else {
      buffer.append(line, substituted);
      if (this.state !== this.direction) return;
      if (substituted === undefined ? line.endsWithSemicolon : endsWithSemicolon(substituted)) this.emit();
    }
  }

  private substitute(line: string, span: Span): string {
    const expanded = expandVariables(line, this.env);
    if ('text' in expanded) return expanded.text;
    this.fail('substitution', span, `variable substitution failed: ${expanded.error}:\n${line}`);
    return line;
  }

  private checkFinished(): void {
    const rest = this.buffer.trimmed();
    if (rest === '') return;
    const where = `state ${stateNumbers[this.state]}, direction: ${this.direction}`;
    const message = `failed to parse migration: ${where}: unexpected unfinished SQL query: ${goQuote(rest)}: missing semicolon?`;
    this.fail('unfinished', this.buffer.span ?? { start: 0, end: 0 }, message);
    this.emit();
  }

  private emit(): void {
    const last = this.statements.at(-1)?.span.end ?? 0;
    const span = this.buffer.span ?? { start: last, end: last };
    this.statements.push({ text: this.buffer.trimmed(), span });
    this.buffer.clear();
  }

  /** After an error: what goose would never send, given all the same. */
  private emitRest(): void {
    if (this.buffer.trimmed() !== '') this.emit();
  }

  private fail(fault: GooseError['fault'], span: Span, message: string): void {
    this.errors.push({ fault, message, span: { start: span.start, end: span.end }, state: this.state });
  }
}

function isTooLong({ text, start, end, next }: LineReader): boolean {
  if (next - start < maxLineBytes / 3) return false;
  const lineFeed = text[next - 1] === '\n' ? 1 : 0;
  return Buffer.byteLength(text.slice(start, end)) + (next - end - lineFeed) >= maxLineBytes;
}

/** The lines that goose has put together. */
class LineBuffer {
  isEmpty = true;
  private readonly text: string;
  /** Of the text between its lines, what is not white space. */
  private first = -1;
  private last = -1;
  /** Where its lines begin and end in the text, as long as they are these and no others. */
  private start = 0;
  private end = 0;
  /** The lines where they are not as they are in the text. */
  private others: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Adds a line; `instead` is what stands in its place. */
  append(line: LineReader, instead: string | undefined): void {
    if (this.isEmpty) this.start = line.start;
    else if (this.end !== line.start) this.others ??= this.between(this.start, this.end);
    if (instead !== undefined) this.others ??= this.isEmpty ? '' : this.between(this.start, this.end);
    if (this.others !== undefined) this.others += `${instead ?? line.content}\n`;
    this.isEmpty = false;
    this.end = line.next;
    const end = endOfGoText(this.text, line.start, line.end);
    if (end === line.start) return;
    if (this.first < 0) this.first = skipGoSpace(this.text, line.start, line.end);
    this.last = end;
  }

  /** Where the lines stand in the text, without the white space around them; undefined where they are nothing else. */
  get span(): Span | undefined {
    return this.first < 0 ? undefined : { start: this.first, end: this.last };
  }

  trimmed(): string {
    if (this.others !== undefined) return goTrim(this.others);
    return this.first < 0 ? '' : this.between(this.first, this.last);
  }

  /** Lines of the text as goose puts them together. */
  private between(start: number, end: number): string {
    const lines = this.text.slice(start, end);
    return lines.includes('\r') ? lines.replaceAll('\r\n', '\n') : lines;
  }

  clear(): void {
    this.isEmpty = true;
    this.first = -1;
    this.others = undefined;
  }
}
