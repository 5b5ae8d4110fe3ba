import type { CallStmt, Node } from '@pgsql/types';
import type { Routine } from '../catalog/catalog.ts';
import { qualified, routineKey, stringsOf } from '../catalog/resolve.ts';
import { parseStatement } from '../sql/parser.ts';
import { readPlpgsql } from '../sql/plpgsql.ts';
import { split } from '../sql/splitter.ts';
import type { EffectContext } from './effect.ts';

/** The statements of a body in PL/pgSQL or SQL, those under IF and in loops among them; of other languages none. */
export function statementsOf(language: string | undefined, body: string): readonly Node[] {
  if (language === 'plpgsql') return readPlpgsql(body).statements.flatMap(({ text }) => nodesOf(text));
  return language === 'sql' ? nodesOf(body) : [];
}

function nodesOf(text: string): readonly Node[] {
  return split(text).flatMap((piece) =>
    piece.kind === 'statement' ? (parseStatement(text.slice(piece.start, piece.end)).node ?? []) : [],
  );
}

/** What runs when the routine is called, as far as the history shows it. */
export function statementsOfRoutine(routine: Routine | undefined): readonly Node[] {
  return routine?.body === undefined ? [] : statementsOf(routine.language, routine.body);
}

/**
 * Whether statements end the transaction they run in, by themselves or in a procedure that they call: inside a caller's
 * transaction that fails with 2D000.
 */
export function endsTransaction(
  statements: readonly Node[],
  context: EffectContext,
  seen = new Set<string>(),
): boolean {
  return statements.some((node) => {
    if ('TransactionStmt' in node) return ENDS.has(node.TransactionStmt.kind ?? '');
    if (!('CallStmt' in node)) return false;
    const key = calledRoutine(node.CallStmt, context);
    if (seen.has(key)) return false;
    seen.add(key);
    return endsTransaction(statementsOfRoutine(context.catalog.routines.get(key)), context, seen);
  });
}

const ENDS: ReadonlySet<string> = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK']);

/** The key of the procedure that CALL runs. */
export function calledRoutine(statement: CallStmt, { catalog, scope }: EffectContext): string {
  const { schema, name } = qualified(stringsOf(statement.funccall?.funcname));
  return routineKey(catalog, scope, schema, name);
}
