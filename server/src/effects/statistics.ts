import type { CreateStatsStmt } from '@pgsql/types';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';

/** CREATE STATISTICS (commands/statscmds.c). */
export function createStatistics(
  statement: CreateStatsStmt,
  to: EffectBuilder,
  context: EffectContext,
): void {
  for (const node of statement.relations ?? []) {
    if ('RangeVar' in node) {
      to.lock(keyOfRangeVar(context.catalog, context.scope, node.RangeVar), 'SHARE UPDATE EXCLUSIVE');
    }
  }
}
