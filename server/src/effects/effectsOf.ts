import type { Node } from '@pgsql/types';
import { alterTable } from './alterTable.ts';
import { createTable } from './createTable.ts';
import { dropObjects } from './drops.ts';
import { type Effect, EffectBuilder, type EffectContext } from './effect.ts';
import { createIndex, reindex } from './indexes.ts';

type Kind = Node extends infer Each ? (Each extends Each ? keyof Each : never) : never;
type Body<K extends Kind> = Extract<Node, Record<K, unknown>>[K];
type Row<K extends Kind> = (statement: Body<K>, to: EffectBuilder, context: EffectContext) => void;

/** What each kind of statement does; kinds that are not here take no lock that lasts on an existing relation. */
const STATEMENTS: { readonly [K in Kind]?: Row<K> } = {
  AlterTableStmt: alterTable,
  CreateStmt: createTable,
  DropStmt: dropObjects,
  IndexStmt: createIndex,
  ReindexStmt: reindex,
};

/**
 * What a statement does to the relations that exist before it: locks, rewrites, scans, index builds, and whether it
 * may run in a transaction. Never throws; of what the history does not show, the ordinary case is assumed.
 */
export function effectsOf(node: Node, context: EffectContext): Effect {
  const to = new EffectBuilder();
  for (const [kind, body] of Object.entries(node)) {
    const row = STATEMENTS[kind as Kind] as
      | ((body: unknown, to: EffectBuilder, context: EffectContext) => void)
      | undefined;
    row?.(body, to, context);
  }
  return to.build();
}
