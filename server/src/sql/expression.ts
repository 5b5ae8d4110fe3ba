import { parseStatement } from './parser.ts';

/** Why a text is no SQL expression, in Postgres's words; undefined where it is one. */
export function expressionProblem(text: string): string | undefined {
  if (text.trim() === '') return 'there is nothing';
  const { error, node } = parseStatement(`SELECT (${text})`);
  if (error !== undefined) return error.message;
  const targets = node !== undefined && 'SelectStmt' in node ? node.SelectStmt.targetList : undefined;
  return targets?.length === 1 ? undefined : 'it is more than an expression';
}
