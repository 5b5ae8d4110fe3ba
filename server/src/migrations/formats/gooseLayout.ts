import type { EarlierText } from '../../sql/earlierText.ts';
import { readStatements } from '../../sql/reader.ts';
import type { SqlReading } from '../../sql/reading.ts';
import type { Span } from '../../sql/span.ts';
import type { Statement } from '../../sql/statement.ts';
import type { Direction, Query } from '../migration.ts';
import { type GooseLine, readGooseComments } from './gooseComments.ts';
import { withIgnoredCommands, withIntentions } from './gooseIntention.ts';
import { type GooseError, type GooseRun, runGoose } from './gooseLines.ts';

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
  const up = runGoose(text, comments, 'up', anyEnvironment, 'goOn');
  const down = runGoose(text, comments, 'down', anyEnvironment, 'goOn');
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

/**
 * The queries of one direction: what goose sends at once, with the statements in it. Strings that are pieces of one
 * statement count as one query. Both lists are in order of their place.
 */
export function queriesOf(run: GooseRun, statements: readonly Statement[]): Query[] {
  const pieces = run.statements.filter(({ span }) => span.end > span.start).map(({ span }) => ({ span }));
  const parts: { span: Span; statement?: Statement }[] = [
    ...pieces,
    ...statements.map((statement) => ({ span: statement.span, statement })),
  ];
  parts.sort((a, b) => a.span.start - b.span.start);
  const queries: { span: Span; statements: Statement[] }[] = [];
  for (const { span, statement } of parts) {
    let query = queries.at(-1);
    if (query === undefined || query.span.end <= span.start) {
      query = { span, statements: [] };
      queries.push(query);
    } else {
      query.span = { start: query.span.start, end: Math.max(query.span.end, span.end) };
    }
    if (statement !== undefined) query.statements.push(statement);
  }
  return queries.filter((query) => query.statements.length > 0);
}

/** How many strings goose sends for the statement: more than one when it cuts it. `run` is that of its direction. */
export function piecesOf(run: GooseRun, statement: Statement): number {
  const { start, end } = statement.span;
  let low = 0;
  let high = run.statements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run.statements[middle]?.span.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  let count = 0;
  for (let i = low; (run.statements[i]?.span.start ?? end) < end; i++)
    if (run.statements[i]?.text !== '') count++;
  return count;
}
