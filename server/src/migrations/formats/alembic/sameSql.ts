import { tokenize } from '../../../sql/lexer.ts';
import type { ParsedStatement } from '../../../sql/statement.ts';

/** A statement's text as what it says: equal for texts that differ in blanks, comments and the case of words only. */
export function saidBy(sql: string): string {
  return tokenize(sql)
    .map(({ kind, value }) => (kind === 'quotedName' ? `"${value}"` : value))
    .join('\u0000')
    .replaceAll('timestamp\u0000with\u0000time\u0000zone', 'timestamptz');
}

const known = new WeakMap<ParsedStatement, string>();

/** The same of a statement that was parsed: worked out once. */
export function saidByParsed(parsed: ParsedStatement): string {
  let said = known.get(parsed);
  if (said === undefined) {
    said = saidBy(parsed.text);
    known.set(parsed, said);
  }
  return said;
}

/** How far one list of statements is from another: the tokens of both between what both begin with and what both end with. */
export function distance(a: readonly string[], b: readonly string[]): number {
  const [from, to] = [a, b].map((statements) => statements.flatMap((sql) => [...tokensOf(sql), END]));
  if (from === undefined || to === undefined) return 0;
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start++;
  let end = 0;
  while (end < shorter - start && from.at(-1 - end) === to.at(-1 - end)) end++;
  return from.length + to.length - 2 * (start + end);
}

/** No token is empty. */
const END = '';

/** What a statement is about, as far as no switch changes it: its command, and what it names first. */
export function subjectOf(said: string): string {
  return said
    .split('\u0000')
    .filter((token) => !SWITCHES.has(token))
    .slice(0, 3)
    .join(' ');
}

const SWITCHES: ReadonlySet<string> = new Set(['unique', 'concurrently', 'if', 'not', 'exists', 'only']);

function tokensOf(sql: string): readonly string[] {
  return saidBy(sql).split('\u0000');
}
