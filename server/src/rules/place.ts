import type { Mention } from '../catalog/mentions.ts';
import type { Span } from '../sql/span.ts';
import type { ParsedStatement } from '../sql/statement.ts';

/** The first token at or after `near` that is this name or keyword; the statement's first token when there is none. */
export function tokenSpan(statement: ParsedStatement, value: string, near = 0): Span {
  const tokens = statement.tokens;
  const found = tokens.find((token) => token.start >= near && token.value === value) ?? tokens[0];
  return found === undefined
    ? { start: 0, end: statement.text.length }
    : { start: found.start, end: found.end };
}

/** Where the object of a mention is named. */
export function mentionSpan(statement: ParsedStatement, mention: Mention): Span {
  return tokenSpan(statement, mention.name, mention.near);
}

/** The statement's leading keywords: from its first token to the last of `words` in order, others between them allowed. */
export function keywordsSpan(statement: ParsedStatement, ...words: readonly string[]): Span {
  let end = statement.tokens[0]?.end ?? 0;
  let next = 0;
  for (const token of statement.tokens) {
    if (next === words.length) break;
    if (token.value !== words[next]) continue;
    end = token.end;
    next++;
  }
  return { start: statement.tokens[0]?.start ?? 0, end };
}
