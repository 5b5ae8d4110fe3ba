import type { Span } from '../span.ts';
import type { ParsedStatement } from '../statement.ts';
import { readHead } from './statementHead.ts';
import { type NameSpan, TokenCursor } from './tokenCursor.ts';

/** The names in ALTER … RENAME …. UTF-16 offsets in the statement's text. */
export interface RenameSpans {
  /** The object that ALTER names: the table, also of a column that is renamed. */
  readonly object: NameSpan;
  /** The column, constraint or attribute that is renamed; of all else the object itself. */
  readonly oldName: Span;
  readonly newName: Span;
}

/** The names in a RENAME; undefined of any other statement. */
export function renameSpans(parsed: ParsedStatement): RenameSpans | undefined {
  if (parsed.node === undefined || !('RenameStmt' in parsed.node)) return undefined;
  const cursor = new TokenCursor(parsed.tokens);
  const object = readHead(cursor)?.name ?? undefined;
  if (object === undefined || !cursor.skipTo('rename')) return undefined;
  cursor.next();
  const oldName = cursor.take('to') ? undefined : partName(cursor);
  const newName = cursor.name();
  return newName && { object, oldName: oldName ?? object.last, newName: newName.last };
}

/** `[COLUMN | CONSTRAINT | ATTRIBUTE] name TO`. A column may be called "attribute": then TO follows at once. */
function partName(cursor: TokenCursor): Span | undefined {
  const first = cursor.name();
  const name = cursor.sees('to') ? first : cursor.name();
  cursor.take('to');
  return name?.last;
}
