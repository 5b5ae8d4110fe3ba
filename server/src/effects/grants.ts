import type { GrantStmt } from '@pgsql/types';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';

/** GRANT and REVOKE on named relations: since 18 they are locked while they are looked up (commands/aclchk.c). */
export function grant(statement: GrantStmt, to: EffectBuilder, context: EffectContext): void {
  if (context.postgresVersion < 18 || statement.targtype !== 'ACL_TARGET_OBJECT') return;
  if (statement.objtype !== 'OBJECT_TABLE' && statement.objtype !== 'OBJECT_SEQUENCE') return;
  for (const node of statement.objects ?? []) {
    if ('RangeVar' in node)
      to.lock(keyOfRangeVar(context.catalog, context.scope, node.RangeVar), 'ACCESS SHARE');
  }
}
