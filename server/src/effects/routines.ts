import type { CallStmt, CreateFunctionStmt } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { optionsOf } from '../catalog/routine.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { lockQuery } from './queries.ts';
import { calledRoutine, endsTransaction, statementsOf, statementsOfRoutine } from './routineBody.ts';

/**
 * CREATE FUNCTION in SQL analyses its body, and opens the tables there (fmgr_sql_validator, catalog/pg_proc.c). PL/pgSQL
 * looks at the statements of a body only when it runs.
 */
export function createRoutine(
  statement: CreateFunctionStmt,
  to: EffectBuilder,
  context: EffectContext,
): void {
  lockQuery(statement.sql_body, to, context, 'rewrite');
  const options = optionsOf(statement.options);
  if (options.get('language') !== 'sql') return;
  for (const { node } of statementsOf('sql', options.get('as') ?? ''))
    lockQuery(node, to, context, 'rewrite');
}

/** CALL runs the procedure's statements; one that commits lets go of their locks on the way, but not inside a transaction. */
export function call(statement: CallStmt, to: EffectBuilder, context: EffectContext): void {
  const key = calledRoutine(statement, context);
  const statements = statementsOfRoutine(context.catalog.routines.get(key));
  const ends = endsTransaction(statements, context);
  if (ends !== 'never') {
    to.refuseInTransaction(`CALL ${displayName(key)}`, { code: '2D000', certain: ends === 'surely' });
    if (ends === 'surely') return;
  }
  for (const { node } of statements) {
    if ('CallStmt' in node) call(node.CallStmt, to, context);
    else lockQuery(node, to, context, 'run');
  }
}
