import type { ColumnDef } from '@pgsql/types';
import type { Token } from '../lexer.ts';
import type { Span } from '../span.ts';
import { type Segment, TokenCursor } from './tokenCursor.ts';

/** The parts of a column's definition. UTF-16 offsets in the statement's text. */
export interface ColumnSpans {
  readonly name: Span;
  /** Absent where none is written (`WITH OPTIONS`). */
  readonly type?: Span;
  /** One for each of the tree's `constraints`, from its first word (CONSTRAINT, where it is named) to its last. */
  readonly constraints: readonly Span[];
}

/** The parts of `column`, which the tokens of `segment` define. */
export function columnSpans(tokens: readonly Token[], segment: Segment, column: ColumnDef): ColumnSpans {
  const cursor = new TokenCursor(tokens, segment.first, segment.last);
  cursor.seek(column.location ?? 0);
  const name = cursor.name()?.last ?? { start: segment.start, end: segment.start };
  const starts = (column.constraints ?? []).map((node) =>
    'Constraint' in node ? (node.Constraint.location ?? 0) : 0,
  );
  const collation = column.collClause?.location;
  const boundaries = collation === undefined ? starts : [...starts, collation];
  const constraints = starts.map((start) => spanUpToNext(tokens, segment, start, boundaries));
  const type = typeSpan(tokens, segment, column, boundaries);
  return { name, constraints, ...(type && { type }) };
}

/** The type a column is given, here or by ALTER COLUMN … TYPE. */
export function typeSpan(
  tokens: readonly Token[],
  segment: Segment,
  column: ColumnDef,
  boundaries: readonly number[] = [],
): Span | undefined {
  const start = column.typeName?.location;
  if (start === undefined) return undefined;
  const cursor = new TokenCursor(tokens, segment.first, segment.last);
  cursor.seek(start);
  const from = cursor.index;
  cursor.skipTo('storage', 'compression', 'options', 'collate', 'using');
  const next = cursor.token?.start ?? segment.end;
  return spanUpToNext(tokens, { ...segment, first: from }, start, [...boundaries, next]);
}

/** From `start` to the last token before the next boundary, or before the segment's end. */
function spanUpToNext(
  tokens: readonly Token[],
  segment: Segment,
  start: number,
  boundaries: readonly number[],
): Span {
  const next = Math.min(segment.end, ...boundaries.filter((boundary) => boundary > start));
  let end = start;
  for (let index = segment.first; index < segment.last; index++) {
    const token = tokens[index];
    if (token === undefined || token.start >= next) break;
    end = token.end;
  }
  return { start, end };
}
