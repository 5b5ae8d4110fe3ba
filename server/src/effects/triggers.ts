import type { AlterPolicyStmt, CreatePolicyStmt, CreateTrigStmt, RuleStmt } from '@pgsql/types';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { lockExpressions, lockQuery } from './queries.ts';
import { partitionTree } from './relations.ts';

/**
 * CREATE TRIGGER blocks writes, since they would have to fire it (CreateTrigger, commands/trigger.c). A row trigger of a
 * partitioned table is made in each partition.
 */
export function createTrigger(statement: CreateTrigStmt, to: EffectBuilder, context: EffectContext): void {
  const key = keyOfRangeVar(context.catalog, context.scope, statement.relation);
  to.lockAll(statement.row ? partitionTree(context.catalog, key) : [key], 'SHARE ROW EXCLUSIVE');
  if (statement.constrrel === undefined) return;
  to.lock(keyOfRangeVar(context.catalog, context.scope, statement.constrrel), 'ACCESS SHARE');
}

/** A rule becomes part of every query on the relation (DefineQueryRewrite, rewrite/rewriteDefine.c). */
export function createRule(statement: RuleStmt, to: EffectBuilder, context: EffectContext): void {
  to.lock(keyOfRangeVar(context.catalog, context.scope, statement.relation), 'ACCESS EXCLUSIVE');
  lockExpressions([statement.whereClause], to, context);
  for (const action of statement.actions ?? []) lockQuery(action, to, context, 'analyze');
}

/** So does a policy (CreatePolicy and AlterPolicy, commands/policy.c). */
export function changePolicy(
  statement: CreatePolicyStmt | AlterPolicyStmt,
  to: EffectBuilder,
  context: EffectContext,
): void {
  to.lock(keyOfRangeVar(context.catalog, context.scope, statement.table), 'ACCESS EXCLUSIVE');
  lockExpressions([statement.qual, statement.with_check], to, context);
}
