import type { AlterPublicationStmt, CreatePublicationStmt, Node } from '@pgsql/types';
import type { Catalog } from './catalog.ts';
import type { ApplyScope } from './edit.ts';
import { keyOfRangeVar, type NameScope } from './resolve.ts';

/** Keys of the tables that a publication's object list names. */
export function publishedTables(
  catalog: Catalog,
  scope: NameScope,
  objects: readonly Node[] | undefined,
): string[] {
  return (objects ?? []).flatMap((node) => {
    const table = 'PublicationObjSpec' in node ? node.PublicationObjSpec.pubtable : undefined;
    return table?.relation === undefined ? [] : [keyOfRangeVar(catalog, scope, table.relation)];
  });
}

export function createPublication(
  catalog: Catalog,
  scope: ApplyScope,
  statement: CreatePublicationStmt,
): Catalog {
  const name = statement.pubname ?? '';
  if (catalog.publications.has(name)) return catalog;
  const tables = publishedTables(catalog, scope, statement.pubobjects);
  return { ...catalog, publications: catalog.publications.set(name, { name, tables, path: scope.path }) };
}

export function alterPublication(
  catalog: Catalog,
  scope: ApplyScope,
  statement: AlterPublicationStmt,
): Catalog {
  const old = catalog.publications.get(statement.pubname ?? '');
  if (old === undefined || statement.pubobjects === undefined) return catalog;
  const named = publishedTables(catalog, scope, statement.pubobjects);
  const others = old.tables.filter((each) => !named.includes(each));
  const tables =
    statement.action === 'AP_AddObjects'
      ? [...others, ...named]
      : statement.action === 'AP_DropObjects'
        ? others
        : named;
  return { ...catalog, publications: catalog.publications.set(old.name, { ...old, tables }) };
}
