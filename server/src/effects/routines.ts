import type { CallStmt, CreateFunctionStmt } from '@pgsql/types';
import { qualified, routineKey, stringsOf } from '../catalog/resolve.ts';
import { optionsOf } from '../catalog/routine.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { lockQuery } from './queries.ts';
import { endsTransaction, statementsOf, statementsOfRoutine } from './routineBody.ts';

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
  for (const node of statementsOf('sql', options.get('as') ?? '')) lockQuery(node, to, context, 'rewrite');
}

/** CALL runs the procedure's statements; one that commits lets go of their locks on the way, but not inside a transaction. */
export function call(statement: CallStmt, to: EffectBuilder, context: EffectContext): void {
  const { schema, name } = qualified(stringsOf(statement.funccall?.funcname));
  const routine = context.catalog.routines.get(routineKey(context.catalog, context.scope, schema, name));
  const statements = statementsOfRoutine(routine);
  if (endsTransaction(statements)) to.refuseInTransaction(`CALL ${name}`, { code: '2D000' });
  else for (const node of statements) lockQuery(node, to, context, 'run');
}
