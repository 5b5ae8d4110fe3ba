import type { Node } from '@pgsql/types';
import {
  type Catalog,
  displayName,
  type Expression,
  type Gone,
  type Index,
  objectKey,
  type Relation,
  type Table,
  tableOf,
  type Uses,
} from './catalog.ts';
import { walk } from './expression.ts';
import { type NameScope, stringsOf } from './resolve.ts';

/** Where a statement is applied: how names are found, and which file it stands in. */
export interface ApplyScope extends NameScope {
  readonly path: string;
  /** Constraints without a name may have got one from the tool. */
  readonly namesOpen?: boolean;
}

export function keyOf(relation: { readonly schema: string; readonly name: string }): string {
  return `${relation.schema}\u0000${relation.name}`;
}

/**
 * The catalog with another relation under a key, or without one. The one place where relations are written: it keeps
 * `dependents`.
 */
export function withRelation(catalog: Catalog, key: string, relation: Relation | undefined): Catalog {
  const old = catalog.relations.get(key);
  if (old === relation) return catalog;
  return {
    ...catalog,
    relations: relation === undefined ? catalog.relations.delete(key) : catalog.relations.set(key, relation),
    dependents: relinked(catalog.dependents, key, linksOf(old), linksOf(relation)),
  };
}

/** The relations that speak of the one under `key`. */
export function dependentsOf(catalog: Catalog, key: string): readonly (readonly [string, Relation])[] {
  return (catalog.dependents.get(key) ?? []).flatMap((each) => {
    const relation = catalog.relations.get(each);
    return relation === undefined ? [] : [[each, relation] as const];
  });
}

/** The relations with a column default that takes its values from a sequence of this name, in whatever schema. */
export function withSequenceInDefault(
  catalog: Catalog,
  name: string,
): readonly (readonly [string, Relation])[] {
  return dependentsOf(catalog, sequenceNameKey(name));
}

/** Stands among the keys of `dependents` for a name that is resolved only when it is used. No schema is called so. */
function sequenceNameKey(name: string): string {
  return `\u0000${name}`;
}

const sequencesKnown = new WeakMap<Expression, readonly string[]>();

/** The names of the sequences that an expression takes values from, without their schemas. */
function sequencesIn(expression: Expression): readonly string[] {
  let names = sequencesKnown.get(expression);
  if (names === undefined) {
    const found = new Set<string>();
    walk(expression.node, (kind, call) => {
      if (kind !== 'FuncCall' || stringsOf(call.funcname as Node[] | undefined).at(-1) !== 'nextval') return;
      walk(call.args, (inner, constant) => {
        const text = (constant.sval as { sval?: string } | undefined)?.sval;
        if (inner === 'A_Const' && text !== undefined)
          found.add(text.replaceAll('"', '').split('.').at(-1) ?? '');
      });
    });
    names = [...found];
    sequencesKnown.set(expression, names);
  }
  return names;
}

const linksKnown = new WeakMap<Relation, readonly string[]>();

/** The keys that a relation speaks of and that do not list it themselves, as a table lists its indexes. */
function linksOf(relation: Relation | undefined): readonly string[] {
  if (relation === undefined) return [];
  let links = linksKnown.get(relation);
  if (links === undefined) {
    links = [...new Set(linksIn(relation))];
    linksKnown.set(relation, links);
  }
  return links;
}

function linksIn(relation: Relation): readonly string[] {
  switch (relation.kind) {
    case 'table':
    case 'foreignTable':
      return [
        ...relation.columns.flatMap(({ type }) =>
          type?.schema === undefined ? [] : objectKey(type.schema, type.name),
        ),
        ...relation.columns.flatMap((column) =>
          column.default === undefined ? [] : sequencesIn(column.default).map(sequenceNameKey),
        ),
        ...relation.constraints.flatMap(({ references }) => references?.table ?? []),
        ...relation.inherits,
        ...(relation.ofType === undefined ? [] : [relation.ofType]),
        ...[...relation.policies, ...relation.rules].flatMap(keysUsed),
      ];
    case 'view':
    case 'materializedView':
      return [...keysUsed(relation), ...relation.rules.flatMap(keysUsed)];
    case 'sequence':
      return relation.ownedBy === undefined ? [] : [relation.ownedBy.table];
    case 'index':
      return relation.attachedTo === undefined ? [] : [relation.attachedTo];
    default:
      return [];
  }
}

function keysUsed({ dependsOn, usesTypes }: Uses): readonly string[] {
  return [...dependsOn, ...usesTypes];
}

/** Every relation whose value holds the key of this one: those that speak of it, and those that it lists itself. */
export function neighboursOf(catalog: Catalog, key: string): ReadonlySet<string> {
  const relation = catalog.relations.get(key);
  const keys = new Set([...(catalog.dependents.get(key) ?? []), ...linksOf(relation), key]);
  if (relation === undefined) return keys;
  if (relation.kind === 'index') keys.add(relation.table);
  if ('indexes' in relation) for (const index of relation.indexes) keys.add(index);
  if ('children' in relation) for (const child of relation.children) keys.add(child);
  if ('partitionOf' in relation && relation.partitionOf) keys.add(relation.partitionOf.parent);
  return keys;
}

function relinked(
  dependents: Catalog['dependents'],
  key: string,
  before: readonly string[],
  after: readonly string[],
): Catalog['dependents'] {
  let next = dependents;
  for (const to of before) {
    if (after.includes(to)) continue;
    const left = next.get(to)?.filter((each) => each !== key) ?? [];
    next = left.length === 0 ? next.delete(to) : next.set(to, left);
  }
  for (const to of after) {
    const known = next.get(to) ?? [];
    if (!known.includes(key)) next = next.set(to, [...known, key]);
  }
  return next;
}

export function putRelation(catalog: Catalog, relation: Relation): Catalog {
  const key = keyOf(relation);
  const next = withRelation(catalog, key, relation);
  return next.gone.has(key) ? { ...next, gone: next.gone.delete(key) } : next;
}

/** The catalog with a table changed; the same when there is no such table. */
export function updateTable(catalog: Catalog, key: string, change: (table: Table) => Table): Catalog {
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  const changed = change(table);
  return withRelation(catalog, key, changed);
}

/** Adds an index to its schema and to its table. */
export function putIndex(catalog: Catalog, index: Index): Catalog {
  const key = keyOf(index);
  const owner = catalog.relations.get(index.table);
  const withIndex = putRelation(catalog, index);
  if (owner === undefined || !('indexes' in owner) || owner.indexes.includes(key)) return withIndex;
  return putRelation(withIndex, { ...owner, indexes: [...owner.indexes, key] });
}

/** Takes one relation out, and its place in its table or parents. */
export function withoutRelation(catalog: Catalog, key: string, gone: Omit<Gone, 'kind'>): Catalog {
  const relation = catalog.relations.get(key);
  if (relation === undefined) return catalog;
  const next = {
    ...withRelation(catalog, key, undefined),
    gone: catalog.gone.set(key, { ...gone, kind: relation.kind }),
  };
  if (relation.kind === 'index') return withoutIndexEntry(next, relation, key);
  if (relation.kind !== 'table' && relation.kind !== 'foreignTable') return next;
  const parents = [relation.partitionOf?.parent, ...relation.inherits].filter((each) => each !== undefined);
  return parents.reduce((rest, parent) => updateTable(rest, parent, (table) => without(table, key)), next);
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
  return withRelation(catalog, index.table, { ...owner, ...constraints, indexes });
}

function without(table: Table, child: string): Table {
  return { ...table, children: table.children.filter((each) => each !== child) };
}
