import type { AlterPublicationStmt, CreatePublicationStmt, Node } from '@pgsql/types';
import type { Catalog, Publication } from './catalog.ts';
import type { ApplyScope } from './edit.ts';
import { keyOfRangeVar, type NameScope, objectKeyParts } from './resolve.ts';

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

/** Names of the schemas whose tables it lists all. */
function publishedSchemas({ searchPath }: NameScope, objects: readonly Node[] | undefined): string[] {
  return (objects ?? []).flatMap((node) => {
    const { pubobjtype, name } = 'PublicationObjSpec' in node ? node.PublicationObjSpec : {};
    if (pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA') return searchPath.slice(0, 1);
    return pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA' && name !== undefined ? [name] : [];
  });
}

/** The first publication that holds the table (a key): by its name, with its schema, or with all tables. */
export function publicationOf(catalog: Catalog, table: string): Publication | undefined {
  const { schema } = objectKeyParts(table);
  return [...catalog.publications.entries()]
    .map(([, each]) => each)
    .find(
      ({ tables, schemas, allTables }) => allTables || schemas.includes(schema) || tables.includes(table),
    );
}

export function createPublication(
  catalog: Catalog,
  scope: ApplyScope,
  statement: CreatePublicationStmt,
): Catalog {
  const name = statement.pubname ?? '';
  if (catalog.publications.has(name)) return catalog;
  const made: Publication = {
    name,
    tables: publishedTables(catalog, scope, statement.pubobjects),
    schemas: publishedSchemas(scope, statement.pubobjects),
    ...(statement.for_all_tables ? { allTables: true } : {}),
    path: scope.path,
  };
  return { ...catalog, publications: catalog.publications.set(name, made) };
}

export function alterPublication(
  catalog: Catalog,
  scope: ApplyScope,
  statement: AlterPublicationStmt,
): Catalog {
  const old = catalog.publications.get(statement.pubname ?? '');
  if (old === undefined || statement.pubobjects === undefined) return catalog;
  const changed = (before: readonly string[], named: readonly string[]): readonly string[] => {
    if (statement.action === 'AP_SetObjects') return named;
    const others = before.filter((each) => !named.includes(each));
    return statement.action === 'AP_DropObjects' ? others : [...others, ...named];
  };
  const tables = changed(old.tables, publishedTables(catalog, scope, statement.pubobjects));
  const schemas = changed(old.schemas, publishedSchemas(scope, statement.pubobjects));
  return { ...catalog, publications: catalog.publications.set(old.name, { ...old, tables, schemas }) };
}
