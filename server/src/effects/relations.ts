import {
  type Catalog,
  type Constraint,
  type Index,
  indexOf,
  tableOf,
  tableTree,
} from '../catalog/catalog.ts';
import { dependentsOf } from '../catalog/edit.ts';

/** Whether a relation holds rows itself: a partitioned table, a view and a foreign table do not. */
export function hasStorage(catalog: Catalog, key: string): boolean {
  const relation = catalog.relations.get(key);
  // What the history does not show is taken for an ordinary table.
  if (relation === undefined) return true;
  if (relation.kind === 'table') return relation.partitionBy === undefined;
  return relation.kind === 'materializedView';
}

export function isPartitioned(catalog: Catalog, key: string): boolean {
  return tableOf(catalog, key)?.partitionBy !== undefined;
}

/** The relation and, when it is partitioned, all partitions below it; tables that merely inherit are left out. */
export function partitionTree(catalog: Catalog, key: string): readonly string[] {
  return isPartitioned(catalog, key) ? tableTree(catalog, key) : [key];
}

/** The partitioned tables that the table is a partition of, nearest first. */
export function partitionedAbove(catalog: Catalog, key: string): readonly string[] {
  const parent = tableOf(catalog, key)?.partitionOf?.parent;
  return parent === undefined ? [] : [parent, ...partitionedAbove(catalog, parent)];
}

/** Those of the relations that hold rows. */
export function withStorage(catalog: Catalog, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => hasStorage(catalog, key));
}

export function indexesOf(catalog: Catalog, key: string): readonly string[] {
  const relation = catalog.relations.get(key);
  return relation !== undefined && 'indexes' in relation ? relation.indexes : [];
}

/** The index and the parts attached to it, level by level. */
export function indexTree(catalog: Catalog, key: string): readonly string[] {
  const index = indexOf(catalog, key);
  if (index?.partitioned !== true) return [key];
  const below = tableTree(catalog, index.table).slice(1);
  const parts = below.flatMap((table) =>
    indexesOf(catalog, table).filter((each) => indexOf(catalog, each)?.attachedTo === key),
  );
  return [key, ...parts.flatMap((part) => indexTree(catalog, part))];
}

export interface ForeignKey {
  /** Key of the referencing table. */
  readonly from: string;
  readonly constraint: Constraint;
}

/** The foreign keys of other tables that reference the table, or with `columns` just those columns of it. */
export function foreignKeysTo(
  catalog: Catalog,
  key: string,
  columns?: readonly string[],
): readonly ForeignKey[] {
  const found: ForeignKey[] = [];
  for (const [from, relation] of dependentsOf(catalog, key)) {
    if (from === key || (relation.kind !== 'table' && relation.kind !== 'foreignTable')) continue;
    for (const constraint of relation.constraints) {
      if (constraint.references?.table !== key) continue;
      const named = constraint.references.columns;
      if (columns === undefined || columns.some((column) => named.includes(column)))
        found.push({ from, constraint });
    }
  }
  return found;
}

/** The foreign keys of other tables that reference the table, or one that it is a partition of. */
export function foreignKeysToTree(catalog: Catalog, key: string): readonly ForeignKey[] {
  return [key, ...partitionedAbove(catalog, key)].flatMap((each) => foreignKeysTo(catalog, each));
}

/** The foreign keys of the table itself. */
export function foreignKeysOf(catalog: Catalog, key: string): readonly Constraint[] {
  return tableOf(catalog, key)?.constraints.filter((each) => each.kind === 'foreignKey') ?? [];
}

/** The sequences that go with the table's columns, or with one of them. */
export function ownedSequences(catalog: Catalog, table: string, column?: string): readonly string[] {
  const found: string[] = [];
  for (const [key, relation] of dependentsOf(catalog, table)) {
    if (relation.kind !== 'sequence' || relation.ownedBy?.table !== table) continue;
    if (column === undefined || relation.ownedBy.column === column) found.push(key);
  }
  return found;
}

/** Indexes of the table that the condition holds for. */
export function indexesWhere(
  catalog: Catalog,
  table: string,
  which: (index: Index) => boolean,
): readonly string[] {
  return indexesOf(catalog, table).filter((key) => {
    const index = indexOf(catalog, key);
    return index !== undefined && which(index);
  });
}

/** The tables OF a composite type, which follow what ALTER TYPE does to it (CASCADE). */
export function typedTables(catalog: Catalog, key: string): readonly string[] {
  if (catalog.relations.get(key)?.kind !== 'compositeType') return [];
  return dependentsOf(catalog, key).flatMap(([table, each]) =>
    each.kind === 'table' && each.ofType === key ? [table] : [],
  );
}

/** Key of the default partition of a partitioned table. */
export function defaultPartition(
  { catalog }: { readonly catalog: Catalog },
  parent: string,
): string | undefined {
  return tableOf(catalog, parent)?.children.find(
    (each) => tableOf(catalog, each)?.partitionOf?.bound === 'default',
  );
}
