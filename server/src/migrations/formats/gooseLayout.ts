import type { EarlierText } from '../../sql/earlierText.ts';
import { firstFrom } from '../../sql/lists.ts';
import { readStatements } from '../../sql/reader.ts';
import type { SqlReading } from '../../sql/reading.ts';
import type { Span } from '../../sql/span.ts';
import type { Statement } from '../../sql/statement.ts';
import type { Direction, Query } from '../migration.ts';
import { type GooseLine, readGooseComments } from './gooseComments.ts';
import { withIgnoredCommands, withIntentions } from './gooseIntention.ts';
import { type GooseError, type GooseRun, type GooseStatement, runGooseOn } from './gooseLines.ts';

/** Stands for any environment: which variables are set when goose runs cannot be known. */
const anyEnvironment = (name: string): string => name;

/** A goose file as far as it can be read: also where goose would refuse it. */
export interface GooseLines {
  /** The comments that speak of goose, with what was meant by them. */
  readonly comments: readonly GooseLine[];
  /** What goose sends in either direction. */
  readonly runs: Readonly<Record<Direction, GooseRun>>;
  /** The errors of both, each once, in order of their place. */
  readonly errors: readonly GooseError[];
}

/** A stretch of SQL between annotations that say what it is. */
export interface Region {
  readonly direction: Direction;
  readonly span: Span;
  /** The line of its StatementBegin and of its StatementEnd, if it is a block. */
  readonly block?: { readonly begin: GooseLine; readonly end?: GooseLine };
}

/** A region with its SQL. */
export interface ReadRegion extends Region, SqlReading {}

/** Reads annotations and what goose would send; no SQL. */
export function readGooseFile(text: string): GooseLines {
  const comments = withIntentions(readGooseComments(text));
  const plain = run(text, comments);
  const corrected = withIgnoredCommands(comments);
  if (corrected === undefined) return plain;
  const other = run(text, corrected);
  const added = corrected.filter((line, i) => line !== comments[i]).length;
  return other.errors.length <= plain.errors.length + added ? other : plain;
}

function run(text: string, comments: readonly GooseLine[]): GooseLines {
  const { up, down } = runGooseOn(text, comments, anyEnvironment);
  const known = new Set(up.errors.map(errorKey));
  const errors = [...up.errors, ...down.errors.filter((error) => !known.has(errorKey(error)))];
  return { comments, runs: { up, down }, errors: errors.sort((a, b) => a.span.start - b.span.start) };
}

function errorKey(error: GooseError): string {
  return `${error.span.start} ${error.fault}`;
}

/** The regions of a file of `length` code units, in order. */
export function regionsOf(file: GooseLines, length: number): Region[] {
  const regions: Region[] = [];
  let direction: Direction = 'up';
  let start = 0;
  let begin: GooseLine | undefined;
  const close = (end: number, line?: GooseLine) => {
    if (end > start) {
      regions.push({ direction, span: { start, end }, block: begin && { begin, end: line } });
    }
  };
  for (const { command, line } of file.runs.up.marks) {
    if (command !== 'Up') close(line.start, command === 'StatementEnd' ? line : undefined);
    if (command === 'Down') direction = 'down';
    begin = command === 'StatementBegin' ? line : undefined;
    start = line.next;
  }
  close(length);
  return regions;
}

/** The section of each direction: after its annotation's line up to the other section or the end. */
export function sectionsOf(file: GooseLines, length: number): { up: Span; down?: Span } {
  const marks = file.runs.up.marks;
  const down = marks.find(({ command }) => command === 'Down')?.line;
  const end = down?.start ?? length;
  const start = Math.min(marks.find(({ command }) => command === 'Up')?.line.next ?? 0, end);
  return { up: { start, end }, down: down && { start: down.next, end: length } };
}

/** Reads the SQL of a region; `earlier` is what is known from before. */
export function readRegion(text: string, region: Region, earlier?: EarlierText): ReadRegion {
  return { ...region, ...readStatements(text, region.span, earlier) };
}

/** The statements of all regions. */
export function statementsIn(regions: readonly ReadRegion[]): Statement[] {
  const all: Statement[] = [];
  for (const { statements } of regions) for (const statement of statements) all.push(statement);
  return all;
}

/**
 * The queries of one direction: what goose sends at once, with the statements in it. Strings that are pieces of one
 * statement count as one query. Both lists are in order of their place.
 */
export function queriesOf({ statements: sent }: GooseRun, statements: readonly Statement[]): Query[] {
  const queries: { span: Span; readonly statements: Statement[] }[] = [];
  let next = 0;
  for (const statement of statements) {
    let { span } = statement;
    next = firstBehind(sent, span.start, next);
    for (let i = next; (sent[i]?.span.start ?? span.end) < span.end; i++) {
      span = together(sent[i]?.span ?? span, span);
    }
    const last = queries.at(-1);
    if (last === undefined || last.span.end <= span.start) {
      queries.push({ span, statements: [statement] });
    } else {
      last.span = together(last.span, span);
      last.statements.push(statement);
    }
  }
  return queries;
}

/**
 * Those of the statements that goose cuts: it sends them as more than one string. `run` is that of their direction; both
 * lists are in order of their place.
 */
export function cutStatements({ statements: sent }: GooseRun, statements: readonly Statement[]): Statement[] {
  const [first] = statements;
  let next = first === undefined ? 0 : firstFrom(sent, ({ span }) => span.end > first.span.start);
  return statements.filter(({ span }) => {
    next = firstBehind(sent, span.start, next);
    let pieces = 0;
    for (let i = next; (sent[i]?.span.start ?? span.end) < span.end; i++) if (sent[i]?.text !== '') pieces++;
    return pieces > 1;
  });
}

/** The number of the first that ends behind `offset`, from the number `from` on. */
function firstBehind(sent: readonly GooseStatement[], offset: number, from: number): number {
  let i = from;
  for (let each = sent[i]; each !== undefined && each.span.end <= offset; each = sent[i]) i++;
  return i;
}

/** The smallest span that holds both. */
function together(a: Span, b: Span): Span {
  if (a.start <= b.start && b.end <= a.end) return a;
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
