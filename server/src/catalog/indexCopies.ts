import { hasConstraint, LABELS, notNull } from './addConstraint.ts';
import { sameForeignKey } from './cascade.ts';
import { type Catalog, type Constraint, type Index, type Table, tableOf } from './catalog.ts';
import { type ApplyScope, keyOf, putIndex, putRelation, updateTable } from './edit.ts';
import { columnsPart, generatedName } from './generatedNames.ts';
import { indexElementNames } from './impliedName.ts';

/**
 * A partition gets its part of each index and key of its table, and its share of the foreign keys; what it has already is
 * taken for them (DefineRelation and CloneForeignKeyConstraints, commands/tablecmds.c).
 */
export function takeFromPartitioned(
  catalog: Catalog,
  scope: ApplyScope,
  parentKey: string,
  key: string,
): Catalog {
  const parent = tableOf(catalog, parentKey);
  if (parent === undefined) return catalog;
  const indexed = parent.indexes.reduce((next, index) => partIndex(next, scope, index, key), catalog);
  return parent.constraints
    .filter((each) => each.kind === 'foreignKey')
    .reduce((next, constraint) => partForeignKey(next, key, constraint), indexed);
}

/** The part of a partitioned index on one partition and those below it: an equal index that is there, or a new one. */
export function partIndex(catalog: Catalog, scope: ApplyScope, indexKey: string, key: string): Catalog {
  const index = catalog.relations.get(indexKey);
  const table = tableOf(catalog, key);
  if (index?.kind !== 'index' || table === undefined) return catalog;
  const match = matchingIndex(catalog, table, index);
  if (match !== undefined) {
    const taken = putRelation(catalog, { ...match, attachedTo: indexKey });
    return updateTable(taken, key, (old) => ({
      ...old,
      constraints: old.constraints.map((each) =>
        each.index === keyOf(match) ? { ...each, inherited: true } : each,
      ),
    }));
  }
  const constraint = tableOf(catalog, index.table)?.constraints.find((each) => each.index === indexKey);
  const copy: Index = { ...copyOf(catalog, scope, table, index, constraint), attachedTo: indexKey };
  const next = putCopy(catalog, scope, copy, constraint, true);
  return (table.partitionBy === undefined ? [] : table.children).reduce(
    (rest, child) => partIndex(rest, scope, keyOf(copy), child),
    next,
  );
}

/** The share of a partitioned table's foreign key in one partition and those below it. */
export function partForeignKey(catalog: Catalog, key: string, constraint: Constraint): Catalog {
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  const own = table.constraints.find(
    (each) => each.kind === 'foreignKey' && sameForeignKey(each, constraint),
  );
  const share = own === undefined ? [{ ...constraint, inherited: true }] : [];
  const next = updateTable(catalog, key, (old) => ({
    ...old,
    constraints: [
      ...old.constraints.map((each) => (each === own ? { ...each, inherited: true } : each)),
      ...share,
    ],
  }));
  return (table.partitionBy === undefined ? [] : table.children).reduce(
    (rest, child) => partForeignKey(rest, child, constraint),
    next,
  );
}

/** A copy of an index for another table, named as an index without a name would be. */
function copyOf(
  catalog: Catalog,
  scope: ApplyScope,
  table: Table,
  index: Index,
  constraint: Constraint | undefined,
): Index {
  const label = constraint ? LABELS[constraint.kind] : 'idx';
  const columns =
    constraint?.kind === 'primaryKey'
      ? undefined
      : columnsPart([...indexElementNames(index.elements), ...index.include]);
  const taken = (name: string): boolean => hasConstraint(table, name);
  const name = generatedName(catalog, table.schema, table.name, columns, label, taken);
  const { constraint: _, attachedTo: __, ...rest } = index;
  return {
    ...rest,
    schema: table.schema,
    name,
    path: scope.path,
    table: keyOf(table),
    valid: true,
    partitioned: table.partitionBy !== undefined,
    ...(constraint ? { constraint: name } : {}),
  };
}

/** Puts a copied index in place, with the constraint that it backs. */
function putCopy(
  catalog: Catalog,
  scope: ApplyScope,
  copy: Index,
  constraint: Constraint | undefined,
  inherited: boolean,
): Catalog {
  const next = putIndex(catalog, copy);
  if (constraint === undefined) return next;
  const { name } = copy;
  const own = { ...constraint, name, nameIsGenerated: true, index: keyOf(copy), inherited, path: scope.path };
  return updateTable(next, copy.table, (old) => ({
    ...old,
    constraints: [...old.constraints, own],
    columns: own.kind === 'primaryKey' ? notNull(old.columns, own.columns) : old.columns,
  }));
}

/** An index of the table that serves as the part of a partitioned one: the same elements, uniqueness and predicate. */
export function matchingIndex(
  catalog: Catalog,
  table: Table,
  index: Pick<Index, 'method' | 'elements' | 'unique' | 'predicate'>,
): Index | undefined {
  for (const key of table.indexes) {
    const own = catalog.relations.get(key);
    if (own?.kind !== 'index' || own.attachedTo !== undefined || own.unique !== index.unique) continue;
    if (own.method !== index.method || own.predicate?.fingerprint !== index.predicate?.fingerprint) continue;
    if (own.elements.length !== index.elements.length) continue;
    const same = own.elements.every((each, i) => {
      const other = index.elements[i];
      return each.column === other?.column && each.expression?.fingerprint === other?.expression?.fingerprint;
    });
    if (same) return own;
  }
  return undefined;
}

export function copyIndex(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  indexKey: string,
  from?: Table,
): Catalog {
  const index = catalog.relations.get(indexKey);
  const table = tableOf(catalog, key);
  if (index?.kind !== 'index' || table === undefined) return catalog;
  const backed = from?.constraints.find((each) => each.index === indexKey);
  return putCopy(catalog, scope, copyOf(catalog, scope, table, index, backed), backed, false);
}
