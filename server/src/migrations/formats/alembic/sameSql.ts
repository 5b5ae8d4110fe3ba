import { tokenize } from '../../../sql/lexer.ts';

/** A statement's text as what it says: equal for texts that differ in blanks, comments and the case of words only. */
export function saidBy(sql: string): string {
  return tokenize(sql)
    .map(({ kind, value }) => (kind === 'quotedName' ? `"${value}"` : value))
    .join('\u0000')
    .replaceAll('timestamp\u0000with\u0000time\u0000zone', 'timestamptz');
}

/** Whether two lists of statements say the same. */
export function sayTheSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((sql, i) => saidBy(sql) === saidBy(b[i] ?? ''));
}
