import type { CreateFunctionStmt, Node, SelectStmt } from '@pgsql/types';
import { parseStatement } from '../sql/parser.ts';
import { walk } from './expression.ts';

/**
 * The expression that the planner puts in place of a call of the function, so that what counts is its volatility, not
 * the function's (inline_function, optimizer/util/clauses.c): the one value that a function in SQL selects from nothing.
 * Undefined where the call stays a call.
 */
export function inlinedBody(statement: CreateFunctionStmt, body: string | undefined): Node | undefined {
  const options = (statement.options ?? []).flatMap((each) => ('DefElem' in each ? [each.DefElem] : []));
  const kept = options.some(({ defname = '' }) => KEEPS_CALL.has(defname));
  if (kept || statement.is_procedure === true || statement.returnType?.setof === true) return undefined;
  const query = statement.sql_body ?? (body === undefined ? undefined : parseStatement(body).node);
  if (query === undefined) return undefined;
  const value = 'ReturnStmt' in query ? query.ReturnStmt.returnval : onlyValue(query);
  return value === undefined || hasSubquery(value) ? undefined : value;
}

/** SECURITY DEFINER and SET need a call; a STRICT function's is only given up where its body is strict too. */
const KEEPS_CALL: ReadonlySet<string> = new Set(['security', 'set', 'strict']);

function onlyValue(query: Node): Node | undefined {
  if (!('SelectStmt' in query) || !selectsFromNothing(query.SelectStmt)) return undefined;
  const [target, ...others] = query.SelectStmt.targetList ?? [];
  return target !== undefined && 'ResTarget' in target && others.length === 0
    ? target.ResTarget.val
    : undefined;
}

function selectsFromNothing({ targetList: _, op, limitOption, ...clauses }: SelectStmt): boolean {
  return op === 'SETOP_NONE' && limitOption === 'LIMIT_OPTION_DEFAULT' && Object.keys(clauses).length === 0;
}

function hasSubquery(value: Node): boolean {
  let found = false;
  walk(value, (kind) => {
    found ||= kind === 'SubLink';
  });
  return found;
}
