import type { AlterDomainStmt } from '@pgsql/types';
import { type Catalog, objectKey } from '../catalog/catalog.ts';
import { qualified, stringsOf, typeKey } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { hasStorage } from './relations.ts';

/**
 * ALTER DOMAIN. A new constraint is tested on every row of every table with a column of the domain, or of a domain over it
 * (get_rels_with_domain, commands/typecmds.c); NOT VALID leaves that to VALIDATE CONSTRAINT.
 */
export function alterDomain(statement: AlterDomainStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog, scope } = context;
  const { schema, name } = qualified(stringsOf(statement.typeName));
  const key = typeKey(catalog, scope, schema, name);
  if (!testsRows(statement, catalog, key)) return;
  for (const table of tablesWith(catalog, key)) to.lock(table, 'SHARE').scan(table, 'check');
}

/** `subtype` is one letter (AlterDomainStmt, nodes/parsenodes.h): O SET NOT NULL, C ADD CONSTRAINT, V VALIDATE. */
function testsRows(statement: AlterDomainStmt, catalog: Catalog, key: string): boolean {
  const domain = catalog.types.get(key);
  switch (statement.subtype) {
    case 'O':
      return !(domain?.kind === 'domain' && domain.notNull);
    case 'C': {
      const node = statement.def && 'Constraint' in statement.def ? statement.def.Constraint : undefined;
      return node?.skip_validation !== true;
    }
    // Even of a constraint that is valid already.
    case 'V':
      return true;
    default:
      return false;
  }
}

/** Keys of the stored tables with a column of the type. */
function tablesWith(catalog: Catalog, type: string): readonly string[] {
  const types = new Set([type]);
  // A set goes on with what is added to it meanwhile: domains over domains.
  for (const each of types) {
    for (const [key, definition] of catalog.types.entries()) {
      if (definition.kind !== 'domain' || definition.base === undefined || definition.base.array) continue;
      if (objectKey(definition.base.schema ?? '', definition.base.name) === each) types.add(key);
    }
  }
  const out: string[] = [];
  for (const [key, relation] of catalog.relations.entries()) {
    if (relation.kind !== 'table' || !hasStorage(catalog, key)) continue;
    const uses = relation.columns.some(
      ({ type: its }) => its !== undefined && !its.array && types.has(objectKey(its.schema ?? '', its.name)),
    );
    if (uses) out.push(key);
  }
  return out;
}
