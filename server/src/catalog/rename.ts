import type { AlterObjectSchemaStmt, AlterOwnerStmt, RenameStmt } from '@pgsql/types';
import { setOwner } from './alterTable.ts';
import { type Catalog, indexOf, type Relation, type Table, tableOf, tableTree } from './catalog.ts';
import { objectNames } from './drop.ts';
import { type ApplyScope, assumeTable, keyOf, updateTable } from './edit.ts';
import { keyOfRangeVar, qualified, routineKey, typeKey } from './resolve.ts';

/** Applies ALTER … RENAME of any kind. */
export function rename(catalog: Catalog, scope: ApplyScope, statement: RenameStmt): Catalog {
  const to = statement.newname ?? '';
  const key = keyOfRangeVar(catalog, scope, statement.relation);
  switch (statement.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
      return moveRelation(assumed(catalog, key, statement), scope, key, (relation) => ({
        ...relation,
        name: to,
      }));
    case 'OBJECT_COLUMN':
      return renameColumn(catalog, key, statement.subname ?? '', to);
    case 'OBJECT_TABCONSTRAINT':
      return renameConstraint(catalog, scope, key, statement.subname ?? '', to);
    case 'OBJECT_TRIGGER':
      return updateTable(catalog, key, (table) => ({
        ...table,
        triggers: table.triggers.map((each) =>
          each.name === statement.subname ? { ...each, name: to } : each,
        ),
      }));
    case 'OBJECT_POLICY':
      return updateTable(catalog, key, (table) => ({
        ...table,
        policies: table.policies.map((each) =>
          each.name === statement.subname ? { ...each, name: to } : each,
        ),
      }));
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return renameType(catalog, scope, statement, to);
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return renameRoutine(catalog, scope, statement, to);
    case 'OBJECT_SCHEMA':
      return renameSchema(catalog, statement.subname ?? '', to, scope.path);
    default:
      return catalog;
  }
}

/** A table that the history speaks of for the first time by renaming it was there all the same. */
function assumed(catalog: Catalog, key: string, statement: RenameStmt): Catalog {
  return statement.renameType === 'OBJECT_TABLE' && statement.missing_ok !== true
    ? assumeTable(catalog, key)
    : catalog;
}

/** Applies ALTER … SET SCHEMA; a table takes its indexes and owned sequences along. */
export function setSchema(catalog: Catalog, scope: ApplyScope, statement: AlterObjectSchemaStmt): Catalog {
  const schema = statement.newschema ?? 'public';
  if (statement.relation !== undefined) {
    const key = keyOfRangeVar(catalog, scope, statement.relation);
    const relation = catalog.relations.get(key);
    if (relation === undefined) return catalog;
    let next = catalog;
    for (const index of 'indexes' in relation ? relation.indexes : []) {
      next = moveRelation(next, scope, index, (each) => ({ ...each, schema }));
    }
    for (const [sequenceKey, each] of [...next.relations.entries()]) {
      if (each.kind === 'sequence' && each.ownedBy?.table === key) {
        next = moveRelation(next, scope, sequenceKey, (sequence) => ({ ...sequence, schema }));
      }
    }
    return moveRelation(next, scope, key, (each) => ({ ...each, schema }));
  }
  const { schema: from, name } = qualified(statement.object ? objectNames(statement.object) : []);
  const key = typeKey(catalog, scope, from, name);
  const type = catalog.types.get(key);
  if (type === undefined) return catalog;
  const moved = { ...type, schema };
  return { ...catalog, types: catalog.types.delete(key).set(keyOf(moved), moved) };
}

/** Applies ALTER … OWNER TO, for what is a relation; ALTER TABLE has a command for it. */
export function changeOwner(catalog: Catalog, scope: ApplyScope, statement: AlterOwnerStmt): Catalog {
  if (statement.relation === undefined) return catalog;
  return setOwner(catalog, keyOfRangeVar(catalog, scope, statement.relation), statement.newowner);
}

/** Gives a relation another name or schema and puts that right wherever it is spoken of. */
function moveRelation(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  change: (relation: Relation) => Relation,
): Catalog {
  const relation = catalog.relations.get(key);
  if (relation === undefined) return catalog;
  const moved = change(relation);
  const to = keyOf(moved);
  if (to === key) return catalog;
  const swap = (each: string): string => (each === key ? to : each);
  let relations = catalog.relations.delete(key).set(to, moved);
  for (const [other, each] of [...relations.entries()]) {
    const changed = withSwappedKey(each, key, swap);
    if (changed !== each) relations = relations.set(other, changed);
  }
  const gone = catalog.gone
    .delete(to)
    .set(key, { kind: relation.kind, how: 'renamed', to: moved.name, path: scope.path });
  return { ...catalog, relations, gone };
}

function withSwappedKey(relation: Relation, key: string, swap: (key: string) => string): Relation {
  switch (relation.kind) {
    case 'index':
      return relation.table === key || relation.attachedTo === key
        ? {
            ...relation,
            table: swap(relation.table),
            ...(relation.attachedTo === undefined ? {} : { attachedTo: swap(relation.attachedTo) }),
          }
        : relation;
    case 'sequence':
      return relation.ownedBy?.table === key
        ? { ...relation, ownedBy: { ...relation.ownedBy, table: swap(key) } }
        : relation;
    case 'view':
    case 'materializedView':
      return relation.dependsOn.includes(key) || relation.indexes.includes(key)
        ? {
            ...relation,
            dependsOn: relation.dependsOn.map(swap),
            indexes: relation.indexes.map(swap),
            usesColumns: relation.usesColumns.map((each) =>
              each.startsWith(`${key}.`) ? `${swap(key)}${each.slice(key.length)}` : each,
            ),
          }
        : relation;
    case 'compositeType':
      return relation;
    default:
      return mentionsKey(relation, key) ? tableWithSwappedKey(relation, swap) : relation;
  }
}

function mentionsKey(table: Table, key: string): boolean {
  return (
    table.indexes.includes(key) ||
    table.children.includes(key) ||
    table.inherits.includes(key) ||
    table.partitionOf?.parent === key ||
    table.constraints.some((each) => each.index === key || each.references?.table === key)
  );
}

function tableWithSwappedKey(table: Table, swap: (key: string) => string): Table {
  return {
    ...table,
    indexes: table.indexes.map(swap),
    children: table.children.map(swap),
    inherits: table.inherits.map(swap),
    ...(table.partitionOf
      ? { partitionOf: { ...table.partitionOf, parent: swap(table.partitionOf.parent) } }
      : {}),
    constraints: table.constraints.map((each) => ({
      ...each,
      ...(each.index === undefined ? {} : { index: swap(each.index) }),
      ...(each.references ? { references: { ...each.references, table: swap(each.references.table) } } : {}),
    })),
  };
}

function renameColumn(catalog: Catalog, key: string, from: string, to: string): Catalog {
  const swap = (name: string): string => (name === from ? to : name);
  let next = catalog;
  for (const each of tableTree(catalog, key)) {
    next = updateTable(next, each, (table) => ({
      ...table,
      columns: table.columns.some((column) => column.name === from)
        ? table.columns.map((column) => (column.name === from ? { ...column, name: to } : column))
        : table.complete
          ? table.columns
          : [...table.columns, { name: to, notNull: undefined }],
      constraints: table.constraints.map((constraint) => ({
        ...constraint,
        columns: constraint.columns.map(swap),
      })),
    }));
    for (const indexKey of tableOf(next, each)?.indexes ?? [])
      next = renameIndexColumn(next, indexKey, from, to);
  }
  return next;
}

function renameIndexColumn(catalog: Catalog, key: string, from: string, to: string): Catalog {
  const index = indexOf(catalog, key);
  if (index === undefined) return catalog;
  const changed = {
    ...index,
    elements: index.elements.map((each) => (each.column === from ? { ...each, column: to } : each)),
    include: index.include.map((each) => (each === from ? to : each)),
  };
  return { ...catalog, relations: catalog.relations.set(key, changed) };
}

/** A key's index is renamed with it (renameatt and RenameConstraint, commands/tablecmds.c). */
function renameConstraint(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  from: string,
  to: string,
): Catalog {
  const constraint = tableOf(catalog, key)?.constraints.find((each) => each.name === from);
  const renamed = updateTable(catalog, key, (table) => ({
    ...table,
    constraints: table.constraints.map((each) => (each.name === from ? { ...each, name: to } : each)),
  }));
  const index = indexOf(renamed, constraint?.index);
  if (constraint?.index === undefined || index === undefined) return renamed;
  return moveRelation(
    renamed,
    scope,
    constraint.index,
    (each) => ({ ...each, name: to, constraint: to }) as Relation,
  );
}

function renameType(catalog: Catalog, scope: ApplyScope, statement: RenameStmt, to: string): Catalog {
  const { schema, name } = qualified(statement.object ? objectNames(statement.object) : []);
  const key = typeKey(catalog, scope, schema, name);
  const type = catalog.types.get(key);
  if (type === undefined) return catalog;
  const moved = { ...type, name: to };
  let relations = catalog.relations;
  for (const [tableKey, relation] of [...relations.entries()]) {
    if (relation.kind !== 'table') continue;
    const uses = (column: Table['columns'][number]): boolean =>
      column.type?.name === name && column.type.schema === type.schema;
    if (!relation.columns.some(uses)) continue;
    const columns = relation.columns.map((column) =>
      column.type && uses(column) ? { ...column, type: { ...column.type, name: to } } : column,
    );
    relations = relations.set(tableKey, { ...relation, columns });
  }
  return {
    ...catalog,
    relations,
    types: catalog.types.delete(key).set(keyOf(moved), moved),
    gone: catalog.gone.set(key, { kind: 'type', how: 'renamed', to, path: scope.path }),
  };
}

function renameRoutine(catalog: Catalog, scope: ApplyScope, statement: RenameStmt, to: string): Catalog {
  const { schema, name } = qualified(statement.object ? objectNames(statement.object) : []);
  const key = routineKey(catalog, scope, schema, name);
  const routine = catalog.routines.get(key);
  if (routine === undefined) return catalog;
  const moved = { ...routine, name: to };
  return {
    ...catalog,
    routines: catalog.routines.delete(key).set(keyOf(moved), moved),
    gone: catalog.gone.set(key, { kind: 'routine', how: 'renamed', to, path: scope.path }),
  };
}

function renameSchema(catalog: Catalog, from: string, to: string, path: string): Catalog {
  let next: Catalog = { ...catalog, schemas: catalog.schemas.delete(from).set(to, { name: to, path }) };
  for (const [key, relation] of [...next.relations.entries()]) {
    if (relation.schema === from) {
      next = moveRelation(next, { searchPath: [], path }, key, (each) => ({ ...each, schema: to }));
    }
  }
  return next;
}
