import type { AlterPublicationStmt, CreatePublicationStmt } from '@pgsql/types';
import { tableTree } from '../catalog/catalog.ts';
import { publishedTables } from '../catalog/publication.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { isPartitioned } from './relations.ts';

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
