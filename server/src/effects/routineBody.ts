import type { Node } from '@pgsql/types';
import type { Routine } from '../catalog/catalog.ts';
import { parseStatement } from '../sql/parser.ts';
import { readPlpgsql } from '../sql/plpgsql.ts';
import { split } from '../sql/splitter.ts';

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

/** Whether statements end the transaction they run in: inside a caller's that fails with 2D000. */
export function endsTransaction(statements: readonly Node[]): boolean {
  return statements.some(
    (node) =>
      'TransactionStmt' in node &&
      (node.TransactionStmt.kind === 'TRANS_STMT_COMMIT' ||
        node.TransactionStmt.kind === 'TRANS_STMT_ROLLBACK'),
  );
}
