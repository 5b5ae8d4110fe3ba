import type { CommentStmt, SecLabelStmt } from '@pgsql/types';
import { objectNames } from '../catalog/drop.ts';
import { qualified, relationKey } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';

/** What COMMENT names: a relation, or something that bears its relation's name before its own. */
const COMMENTED: Readonly<Record<string, 'relation' | 'column' | 'part'>> = {
  OBJECT_TABLE: 'relation',
  OBJECT_FOREIGN_TABLE: 'relation',
  OBJECT_VIEW: 'relation',
  OBJECT_MATVIEW: 'relation',
  OBJECT_INDEX: 'relation',
  OBJECT_SEQUENCE: 'relation',
  OBJECT_COLUMN: 'column',
  OBJECT_TABCONSTRAINT: 'part',
  OBJECT_TRIGGER: 'part',
  OBJECT_POLICY: 'part',
  OBJECT_RULE: 'part',
};

/** COMMENT keeps others from changing the object meanwhile, nobody from using it (CommentObject, commands/comment.c). */
export function comment(
  statement: CommentStmt | SecLabelStmt,
  to: EffectBuilder,
  context: EffectContext,
): void {
  const what = COMMENTED[statement.objtype ?? ''];
  if (what === undefined || statement.object === undefined) return;
  const names = objectNames(statement.object);
  const { schema, name } = qualified(what === 'relation' ? names : names.slice(0, -1));
  // The table of a constraint, trigger, policy or rule is only looked up (get_object_address_relobject).
  const mode = what === 'part' ? 'ACCESS SHARE' : 'SHARE UPDATE EXCLUSIVE';
  to.lock(relationKey(context.catalog, context.scope, schema, name), mode);
}
