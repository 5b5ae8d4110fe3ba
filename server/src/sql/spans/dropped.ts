import type { Span } from '../span.ts';
import type { ParsedStatement } from '../statement.ts';
import { readHead } from './statementHead.ts';
import { type NameSpan, segments, TokenCursor } from './tokenCursor.ts';

/** One object of a DROP. UTF-16 offsets in the statement's text. */
export interface DroppedObjectSpans {
  /** All that says which object: its name, a function's arguments. */
  readonly span: Span;
  /** Absent for casts and transforms, which have none. */
  readonly name?: NameSpan;
}

/** The objects of a DROP, one for each of the tree's `objects`; of any other statement none. */
export function droppedObjects(parsed: ParsedStatement): DroppedObjectSpans[] {
  if (parsed.node === undefined || !('DropStmt' in parsed.node)) return [];
  const { tokens } = parsed;
  const cursor = new TokenCursor(tokens);
  const head = readHead(cursor);
  const start = head?.exists?.end ?? head?.existsAt ?? 0;
  const list = new TokenCursor(tokens);
  list.seek(start);
  const objects = parsed.node.DropStmt.objects ?? [];
  const parts = segments(tokens, list.index, endOfList(parsed, list.index));
  const whole = { start: 0, end: parsed.text.length, first: 0, last: tokens.length };
  return objects.map((_, index) => {
    const part = (parts.length === objects.length && parts[index]) || whole;
    const name = new TokenCursor(tokens, part.first, part.last).name();
    return { span: { start: part.start, end: part.end }, ...(name && { name }) };
  });
}

/** Where the list ends: before ON (of a trigger, policy or rule), USING (of an operator class), CASCADE or RESTRICT. */
function endOfList(parsed: ParsedStatement, start: number): number {
  const last = parsed.tokens.length - 1;
  const cursor = new TokenCursor(parsed.tokens, last);
  const behaviour = cursor.sees('cascade') || cursor.sees('restrict');
  const end = behaviour && last > start ? last : last + 1;
  const list = new TokenCursor(parsed.tokens, start, end);
  return list.skipTo('on', 'using') ? list.index : end;
}
