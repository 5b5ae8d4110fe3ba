import { objectKey } from '../catalog/catalog.ts';
import { expressionProblem } from '../sql/expression.ts';
import { tokenize } from '../sql/lexer.ts';
import { CannotRun } from './cannotRun.ts';

/** What `--set` says, by column: `shop."Line Items"."Unit"='pcs'`. Throws CannotRun on what cannot be read. */
export function answers(
  given: readonly string[],
): (asked: { readonly table: string; readonly column: string }) => string | undefined {
  const known = new Map<string, string>();
  for (const each of given) {
    const { names, expression } = readAnswer(each);
    const [column = '', table = '', schema = 'public'] = [...names].reverse();
    known.set(`${objectKey(schema, table)}\u0000${column}`, expression);
  }
  return ({ table, column }) => known.get(`${table}\u0000${column}`);
}

function readAnswer(given: string): { readonly names: readonly string[]; readonly expression: string } {
  const tokens = tokenize(given);
  const names: string[] = [];
  let at = 0;
  while (tokens[at]?.kind === 'word' || tokens[at]?.kind === 'quotedName') {
    names.push(tokens[at]?.value ?? '');
    if (tokens[at + 1]?.value !== '.') break;
    at += 2;
  }
  const separator = tokens[at + 1];
  // `=-1` is one operator to the lexer.
  if (names.length < 2 || names.length > 3 || separator === undefined || given[separator.start] !== '=') {
    throw new CannotRun(`--set ${given}: it is written table.column=EXPRESSION, names as in SQL`);
  }
  const expression = given.slice(separator.start + 1).trim();
  const problem = expressionProblem(expression);
  if (problem !== undefined) {
    throw new CannotRun(`--set ${given}: what follows the = is no SQL expression (${problem})`);
  }
  return { names, expression };
}
