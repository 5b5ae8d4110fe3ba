import type {
  AlterPublicationStmt,
  CommentStmt,
  CreatePublicationStmt,
  CreateStatsStmt,
  GrantStmt,
} from '@pgsql/types';
import { tableTree } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { publishedTables } from '../catalog/publication.ts';
import { keyOfRangeVar, qualified, relationKey } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { isPartitioned } from './relations.ts';

/** What COMMENT names: a relation, or something that bears its relation's name before its own. */
const COMMENTED: Readonly<Record<string, 'relation' | 'part'>> = {
  OBJECT_TABLE: 'relation',
  OBJECT_FOREIGN_TABLE: 'relation',
  OBJECT_VIEW: 'relation',
  OBJECT_MATVIEW: 'relation',
  OBJECT_INDEX: 'relation',
  OBJECT_SEQUENCE: 'relation',
  OBJECT_COLUMN: 'part',
  OBJECT_TABCONSTRAINT: 'part',
  OBJECT_TRIGGER: 'part',
  OBJECT_POLICY: 'part',
  OBJECT_RULE: 'part',
};

/** COMMENT keeps others from changing the object meanwhile, nobody from using it (CommentObject, commands/comment.c). */
export function comment(statement: CommentStmt, to: EffectBuilder, context: EffectContext): void {
  const what = COMMENTED[statement.objtype ?? ''];
  if (what === undefined || statement.object === undefined) return;
  const names = objectNames(statement.object);
  const { schema, name } = qualified(what === 'part' ? names.slice(0, -1) : names);
  to.lock(relationKey(context.catalog, context.scope, schema, name), 'SHARE UPDATE EXCLUSIVE');
}

/** GRANT and REVOKE on named relations: since 18 they are locked while they are looked up (commands/aclchk.c). */
export function grant(statement: GrantStmt, to: EffectBuilder, context: EffectContext): void {
  if (context.postgresVersion < 18 || statement.targtype !== 'ACL_TARGET_OBJECT') return;
  if (statement.objtype !== 'OBJECT_TABLE' && statement.objtype !== 'OBJECT_SEQUENCE') return;
  for (const node of statement.objects ?? []) {
    if ('RangeVar' in node)
      to.lock(keyOfRangeVar(context.catalog, context.scope, node.RangeVar), 'ACCESS SHARE');
  }
}

/** A publication's tables may not change their replica identity meanwhile (OpenTableList, commands/publicationcmds.c). */
export function changePublication(
  statement: CreatePublicationStmt | AlterPublicationStmt,
  to: EffectBuilder,
  context: EffectContext,
): void {
  const { catalog, scope } = context;
  for (const node of statement.pubobjects ?? []) {
    const relation = 'PublicationObjSpec' in node ? node.PublicationObjSpec.pubtable?.relation : undefined;
    if (relation === undefined) continue;
    const key = keyOfRangeVar(catalog, scope, relation);
    // Partitions are published through their table.
    const all = relation.inh === true && !isPartitioned(catalog, key);
    to.lockAll(all ? tableTree(catalog, key) : [key], 'SHARE UPDATE EXCLUSIVE');
  }
  if (!('action' in statement) || statement.action !== 'AP_SetObjects') return;
  const kept = publishedTables(catalog, scope, statement.pubobjects);
  const old = catalog.publications.get(statement.pubname ?? '')?.tables ?? [];
  to.lockAll(
    old.filter((each) => !kept.includes(each)),
    'SHARE UPDATE EXCLUSIVE',
  );
}

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
