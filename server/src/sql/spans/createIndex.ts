import type { Span } from '../span.ts';
import type { ParsedStatement } from '../statement.ts';
import { readHead, type StatementHead } from './statementHead.ts';
import { type NameSpan, segments, TokenCursor } from './tokenCursor.ts';

/** The parts of a CREATE INDEX. UTF-16 offsets in the statement's text. */
export interface CreateIndexSpans {
  readonly head: StatementHead;
  readonly table: NameSpan;
  /** One for each of the tree's `indexParams`. */
  readonly elements: readonly Span[];
  /** One for each of the tree's `indexIncludingParams`. */
  readonly including: readonly Span[];
  /** From WHERE to the end. */
  readonly where?: Span;
}

/** The parts of a CREATE INDEX; undefined of any other statement. */
export function createIndexSpans(parsed: ParsedStatement): CreateIndexSpans | undefined {
  if (parsed.node === undefined || !('IndexStmt' in parsed.node)) return undefined;
  const cursor = new TokenCursor(parsed.tokens);
  const head = readHead(cursor);
  cursor.take('on');
  cursor.take('only');
  const table = cursor.name();
  if (head === undefined || table === undefined) return undefined;
  cursor.skipTo('(');
  const elements = listed(parsed, cursor);
  const including = cursor.take('include') ? listed(parsed, cursor) : [];
  const found = cursor.skipTo('where');
  const where = found ? { start: cursor.token?.start ?? 0, end: parsed.tokens.at(-1)?.end ?? 0 } : undefined;
  return { head, table, elements, including, ...(where && { where }) };
}

function listed(parsed: ParsedStatement, cursor: TokenCursor): Span[] {
  const list = cursor.parentheses();
  if (list === undefined) return [];
  return segments(parsed.tokens, list.first, list.end).map(({ start, end }) => ({ start, end }));
}
