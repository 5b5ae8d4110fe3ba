import {
  type Catalog,
  displayName,
  type Gone,
  type Index,
  type Relation,
  type Table,
  tableOf,
} from './catalog.ts';
import type { NameScope } from './resolve.ts';

/** Where a statement is applied: how names are found, and which file it stands in. */
export interface ApplyScope extends NameScope {
  readonly path: string;
}

export function keyOf(relation: { readonly schema: string; readonly name: string }): string {
  return `${relation.schema}\u0000${relation.name}`;
}

export function putRelation(catalog: Catalog, relation: Relation): Catalog {
  const key = keyOf(relation);
  return {
    ...catalog,
    relations: catalog.relations.set(key, relation),
    gone: catalog.gone.delete(key),
  };
}

/** The catalog with a table changed; the same when there is no such table. */
export function updateTable(catalog: Catalog, key: string, change: (table: Table) => Table): Catalog {
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  const changed = change(table);
  return changed === table ? catalog : { ...catalog, relations: catalog.relations.set(key, changed) };
}

/** Adds an index to its schema and to its table. */
export function putIndex(catalog: Catalog, index: Index): Catalog {
  const key = keyOf(index);
  const owner = catalog.relations.get(index.table);
  const withIndex = putRelation(catalog, index);
  if (owner === undefined || !('indexes' in owner) || owner.indexes.includes(key)) return withIndex;
  return putRelation(withIndex, { ...owner, indexes: [...owner.indexes, key] });
}

/** Takes a relation out, with what belongs to it: a table's indexes and sequences, an index's place in its table. */
export function removeRelation(catalog: Catalog, key: string, gone: Omit<Gone, 'kind'>): Catalog {
  const relation = catalog.relations.get(key);
  if (relation === undefined) return catalog;
  let next: Catalog = {
    ...catalog,
    relations: catalog.relations.delete(key),
    gone: catalog.gone.set(key, { ...gone, kind: relation.kind }),
  };
  if (relation.kind === 'index') return withoutIndexEntry(next, relation, key);
  if ('indexes' in relation) for (const index of relation.indexes) next = removeRelation(next, index, gone);
  if (relation.kind !== 'table' && relation.kind !== 'foreignTable') return next;
  for (const child of relation.partitionBy ? relation.children : []) next = removeRelation(next, child, gone);
  for (const parent of [relation.partitionOf?.parent, ...relation.inherits]) {
    if (parent !== undefined) next = updateTable(next, parent, (table) => without(table, key));
  }
  for (const [sequenceKey, each] of next.relations.entries()) {
    if (each.kind === 'sequence' && each.ownedBy?.table === key)
      next = removeRelation(next, sequenceKey, gone);
  }
  return next;
}

/** A table that the history speaks of without having made it. */
export function assumedTable(schema: string, name: string): Table {
  return {
    kind: 'table',
    schema,
    name,
    columns: [],
    complete: false,
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    rules: [],
    persistence: 'permanent',
    rowSecurity: false,
    inherits: [],
    children: [],
  };
}

/** The catalog with a table under this key: the one it has, or one assumed to exist. */
export function assumeTable(catalog: Catalog, key: string): Catalog {
  if (catalog.relations.has(key)) return catalog;
  const [schema = 'public', name = displayName(key)] = key.split('\u0000');
  return putRelation(catalog, assumedTable(schema, name));
}

function withoutIndexEntry(catalog: Catalog, index: Index, key: string): Catalog {
  const owner = catalog.relations.get(index.table);
  if (owner === undefined || !('indexes' in owner)) return catalog;
  const indexes = owner.indexes.filter((each) => each !== key);
  const constraints =
    'constraints' in owner ? { constraints: owner.constraints.filter((each) => each.index !== key) } : {};
  return { ...catalog, relations: catalog.relations.set(index.table, { ...owner, ...constraints, indexes }) };
}

function without(table: Table, child: string): Table {
  return { ...table, children: table.children.filter((each) => each !== child) };
}
