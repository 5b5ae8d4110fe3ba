import type { AlterSeqStmt, CreateSeqStmt, Node } from '@pgsql/types';
import { keyForNewRelation, keyOfRangeVar, qualified, relationKey, stringsOf } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';

/** ALTER SEQUENCE keeps nextval out while it changes the sequence (AlterSequence, commands/sequence.c; 10 and later). */
export function alterSequence(statement: AlterSeqStmt, to: EffectBuilder, context: EffectContext): void {
  const key = keyOfRangeVar(context.catalog, context.scope, statement.sequence);
  if (statement.missing_ok && !context.catalog.relations.has(key)) return;
  to.lock(key, 'SHARE ROW EXCLUSIVE');
  lookAtOwner(statement.options, to, context);
}

export function createSequence(statement: CreateSeqStmt, to: EffectBuilder, context: EffectContext): void {
  const exists = context.catalog.relations.has(keyForNewRelation(context.scope, statement.sequence));
  if (!exists) lookAtOwner(statement.options, to, context);
}

/** OWNED BY table.column looks the column up (process_owned_by). */
function lookAtOwner(options: readonly Node[] | undefined, to: EffectBuilder, context: EffectContext): void {
  const option = options?.find((each) => 'DefElem' in each && each.DefElem.defname === 'owned_by');
  const list = option && 'DefElem' in option ? option.DefElem.arg : undefined;
  const names = list && 'List' in list ? stringsOf(list.List.items) : [];
  if (names.length < 2) return;
  const { schema, name } = qualified(names.slice(0, -1));
  to.lock(relationKey(context.catalog, context.scope, schema, name), 'ACCESS SHARE');
}
