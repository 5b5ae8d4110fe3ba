import type { CreateStmt, Node } from '@pgsql/types';
import type { Span } from '../span.ts';
import type { ParsedStatement } from '../statement.ts';
import { type ColumnSpans, columnSpans } from './columnSpans.ts';
import { readHead } from './statementHead.ts';
import { type Segment, segments, TokenCursor } from './tokenCursor.ts';

/** A column, constraint or LIKE clause of a CREATE TABLE. UTF-16 offsets in the statement's text. */
export interface TableElementSpans {
  readonly element: Node;
  readonly span: Span;
  /** The column's name, or the constraint's where it has one. */
  readonly name?: Span;
  /** The parts of a column. */
  readonly column?: ColumnSpans;
}

/** The elements of a CREATE [FOREIGN] TABLE, one for each of the tree's `tableElts`; of any other statement none. */
export function tableElements(parsed: ParsedStatement): TableElementSpans[] {
  const statement = createStatement(parsed.node);
  const elements = statement?.tableElts ?? [];
  if (elements.length === 0) return [];
  const { tokens } = parsed;
  const cursor = new TokenCursor(tokens);
  readHead(cursor);
  cursor.skipTo('(');
  const list = cursor.parentheses();
  const parts = list === undefined ? [] : segments(tokens, list.first, list.end);
  const whole: Segment = { start: 0, end: parsed.text.length, first: 0, last: tokens.length };
  const aligned = parts.length === elements.length;
  return elements.map((element, index) => elementSpans(parsed, element, (aligned && parts[index]) || whole));
}

function createStatement(node: Node | undefined): CreateStmt | undefined {
  if (node === undefined) return undefined;
  if ('CreateStmt' in node) return node.CreateStmt;
  return 'CreateForeignTableStmt' in node ? node.CreateForeignTableStmt.base : undefined;
}

function elementSpans(parsed: ParsedStatement, element: Node, segment: Segment): TableElementSpans {
  const span = { start: segment.start, end: segment.end };
  if ('ColumnDef' in element) {
    const column = columnSpans(parsed.tokens, segment, element.ColumnDef);
    return { element, span, name: column.name, column };
  }
  const cursor = new TokenCursor(parsed.tokens, segment.first, segment.last);
  const name = cursor.take('constraint') ? cursor.name() : undefined;
  return { element, span, ...(name && { name: name.last }) };
}
