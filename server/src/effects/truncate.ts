import type { LockStmt, TruncateStmt } from '@pgsql/types';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { LOCK_MODES, type LockMode } from './lockMode.ts';
import { namedTables } from './queries.ts';
import {
  foreignKeysToTree,
  indexesOf,
  ownedSequences,
  partitionedAbove,
  partitionTree,
} from './relations.ts';

/** TRUNCATE empties the tables and what is below them; CASCADE goes on to all that reference them (ExecuteTruncate). */
export function truncate(statement: TruncateStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  const tables = new Set(namedTables(catalog, context, statement.relations));
  if (statement.behavior === 'DROP_CASCADE') {
    // A set goes on with what is added to it meanwhile.
    for (const table of tables) {
      for (const { from } of foreignKeysToTree(catalog, table))
        for (const each of partitionTree(catalog, from)) tables.add(each);
    }
  }
  for (const table of tables) {
    to.lock(table, 'ACCESS EXCLUSIVE').lockAll(indexesOf(catalog, table), 'ACCESS EXCLUSIVE');
    if (statement.restart_seqs) to.lockAll(ownedSequences(catalog, table), 'ACCESS EXCLUSIVE');
    // Until 13 a partition's own bound was worked out here, and with it its parents were opened.
    if (context.postgresVersion < 14) to.lockAll(partitionedAbove(catalog, table), 'ACCESS SHARE');
  }
}

/** LOCK TABLE goes on to the tables below, and through a view to its tables (LockViewRecurse, commands/lockcmds.c). */
export function lockTables(statement: LockStmt, to: EffectBuilder, context: EffectContext): void {
  // LockStmt's mode counts from 1, AccessShareLock (storage/lockdefs.h).
  const mode = LOCK_MODES[(statement.mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE';
  to.refuseOutsideTransaction('LOCK TABLE');
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue;
    const key = keyOfRangeVar(context.catalog, context.scope, node.RangeVar);
    to.lockAll(namedTables(context.catalog, context, [node]), mode);
    lockThroughView(key, mode, to, context);
  }
}

function lockThroughView(key: string, mode: LockMode, to: EffectBuilder, context: EffectContext): void {
  const { catalog } = context;
  const view = catalog.relations.get(key);
  if (view?.kind !== 'view') return;
  for (const each of view.dependsOn) {
    const kind = catalog.relations.get(each)?.kind;
    if (kind === 'view') {
      to.lock(each, mode);
      lockThroughView(each, mode, to, context);
    } else if (kind !== 'materializedView') to.lockAll(partitionTree(catalog, each), mode);
  }
}
