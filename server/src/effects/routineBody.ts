import type { CallStmt, Node } from '@pgsql/types';
import type { Routine } from '../catalog/catalog.ts';
import { qualified, routineKey, stringsOf } from '../catalog/resolve.ts';
import { parseStatement } from '../sql/parser.ts';
import { readPlpgsql } from '../sql/plpgsql.ts';
import { split } from '../sql/splitter.ts';
import type { EffectContext } from './effect.ts';

/** A statement in the body of a routine. */
export interface BodyStatement {
  readonly node: Node;
  /** Whether a run may pass it by: it stands under IF or CASE, or in a handler. */
  readonly avoidable: boolean;
}

/** The statements of a body in PL/pgSQL or SQL, those under IF and in loops among them; of other languages none. */
export function statementsOf(language: string | undefined, body: string): readonly BodyStatement[] {
  if (language === 'plpgsql') {
    return readPlpgsql(body).statements.flatMap(({ text, avoidable }) => parsed(text, avoidable));
  }
  return language === 'sql' ? parsed(body, false) : [];
}

function parsed(text: string, avoidable: boolean): readonly BodyStatement[] {
  return split(text).flatMap((piece) => {
    if (piece.kind !== 'statement') return [];
    const { node } = parseStatement(text.slice(piece.start, piece.end));
    return node === undefined ? [] : [{ node, avoidable }];
  });
}

/** What runs when the routine is called, as far as the history shows it. */
export function statementsOfRoutine(routine: Routine | undefined): readonly BodyStatement[] {
  return routine?.body === undefined ? [] : statementsOf(routine.language, routine.body);
}

/**
 * Whether statements end the transaction they run in, by themselves or in a procedure that they call: inside a caller's
 * transaction that fails with 2D000. `perhaps`: only where a condition holds.
 */
export function endsTransaction(
  statements: readonly BodyStatement[],
  context: EffectContext,
  seen: ReadonlySet<string> = new Set(),
): 'surely' | 'perhaps' | 'never' {
  let found: 'perhaps' | 'never' = 'never';
  for (const { node, avoidable } of statements) {
    const ends = endsByItself(node) ? 'surely' : endsInCall(node, context, seen);
    if (ends === 'surely' && !avoidable) return ends;
    if (ends !== 'never') found = 'perhaps';
  }
  return found;
}

function endsByItself(node: Node): boolean {
  return 'TransactionStmt' in node && ENDS.has(node.TransactionStmt.kind ?? '');
}

const ENDS: ReadonlySet<string> = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK']);

function endsInCall(node: Node, context: EffectContext, seen: ReadonlySet<string>) {
  if (!('CallStmt' in node)) return 'never';
  const key = calledRoutine(node.CallStmt, context);
  if (seen.has(key)) return 'never';
  const body = statementsOfRoutine(context.catalog.routines.get(key));
  return endsTransaction(body, context, new Set([...seen, key]));
}

/** The key of the procedure that CALL runs. */
export function calledRoutine(statement: CallStmt, { catalog, scope }: EffectContext): string {
  const { schema, name } = qualified(stringsOf(statement.funccall?.funcname));
  return routineKey(catalog, scope, schema, name);
}
