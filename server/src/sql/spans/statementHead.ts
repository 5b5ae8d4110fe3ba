import type { Span } from '../span.ts';
import type { ParsedStatement } from '../statement.ts';
import { type NameSpan, TokenCursor } from './tokenCursor.ts';

/** The places at the head of a CREATE, ALTER, DROP, REFRESH or REINDEX. UTF-16 offsets in the statement's text. */
export interface StatementHead {
  /** After the verb: where OR REPLACE goes. */
  readonly verbEnd: number;
  /** After the object's kind (`INDEX`, `MATERIALIZED VIEW`): where CONCURRENTLY goes. */
  readonly kindEnd: number;
  /** After the kind and CONCURRENTLY: where IF [NOT] EXISTS goes. */
  readonly existsAt: number;
  /** IF [NOT] EXISTS, where it is said. */
  readonly exists?: Span;
  /** The object, or the first of several. Absent where the statement gives it no name. */
  readonly name?: NameSpan;
}

const VERBS = ['create', 'alter', 'drop', 'refresh', 'reindex'];

/** What may stand between CREATE and the kind of what is created. */
const MODIFIERS = [
  'or replace',
  'global',
  'local',
  'temporary',
  'temp',
  'unlogged',
  'unique',
  'recursive',
  'constraint',
  'trusted',
  'procedural',
  'default',
];

/** The kinds of objects; a kind that begins like another stands before it. */
const KINDS = [
  'access method',
  'aggregate',
  'cast',
  'collation',
  'conversion',
  'database',
  'domain',
  'event trigger',
  'extension',
  'foreign data wrapper',
  'foreign table',
  'function',
  'group',
  'index',
  'language',
  'large object',
  'materialized view',
  'operator class',
  'operator family',
  'operator',
  'policy',
  'procedure',
  'publication',
  'role',
  'routine',
  'rule',
  'schema',
  'sequence',
  'server',
  'statistics',
  'subscription',
  'table',
  'tablespace',
  'text search configuration',
  'text search dictionary',
  'text search parser',
  'text search template',
  'transform',
  'trigger',
  'type',
  'user mapping',
  'user',
  'view',
];

/** Reads the head of a statement; undefined when it is of no such kind. */
export function statementHead(parsed: ParsedStatement): StatementHead | undefined {
  return readHead(new TokenCursor(parsed.tokens));
}

/** Reads a head and leaves the cursor behind it. */
export function readHead(cursor: TokenCursor): StatementHead | undefined {
  if (cursor.takeAny(VERBS) === undefined) return undefined;
  const verbEnd = cursor.offset;
  cursor.parentheses(); // REINDEX (VERBOSE) INDEX
  let kind = cursor.takeAny(KINDS);
  while (kind === undefined && cursor.takeAny(MODIFIERS) !== undefined) kind = cursor.takeAny(KINDS);
  if (kind === undefined) return undefined;
  const kindEnd = cursor.offset;
  cursor.take('concurrently');
  const existsAt = cursor.offset;
  const exists = takeExists(cursor);
  cursor.take('only');
  const name = cursor.sees('on') || cursor.sees('for') ? undefined : cursor.name();
  return { verbEnd, kindEnd, existsAt, ...(exists && { exists }), ...(name && { name }) };
}

/** Takes IF EXISTS or IF NOT EXISTS. */
export function takeExists(cursor: TokenCursor): Span | undefined {
  const start = cursor.token?.start ?? 0;
  return cursor.takeAny(['if exists', 'if not exists']) === undefined
    ? undefined
    : { start, end: cursor.offset };
}

/**
 * Where the statement's leading `words` end, or undefined when it does not begin with them. A word that ends in `?` may
 * be missing: `['CREATE', 'UNIQUE?', 'INDEX']`.
 */
export function keywordEnd(parsed: ParsedStatement, words: readonly string[]): number | undefined {
  const cursor = new TokenCursor(parsed.tokens);
  const all = words.every((word) => {
    const optional = word.endsWith('?');
    return cursor.take((optional ? word.slice(0, -1) : word).toLowerCase()) || optional;
  });
  return all ? cursor.offset : undefined;
}

/** The first place outside parentheses where these words stand one after the other, at or after `from`. */
export function findKeywords(parsed: ParsedStatement, words: readonly string[], from = 0): Span | undefined {
  const cursor = new TokenCursor(parsed.tokens);
  cursor.seek(from);
  const [first = '', ...rest] = words.map((word) => word.toLowerCase());
  while (cursor.skipTo(first)) {
    const start = cursor.token?.start ?? 0;
    if (cursor.take(first, ...rest)) return { start, end: cursor.offset };
    cursor.next();
  }
  return undefined;
}
