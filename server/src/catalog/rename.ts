import type { AlterObjectSchemaStmt, AlterOwnerStmt, Node, RenameStmt } from '@pgsql/types';
import { setOwner } from './alterTable.ts';
import {
  type Catalog,
  constraintOf,
  indexOf,
  objectKey,
  type Relation,
  type Routine,
  type Statistics,
  type TypeDefinition,
  type TypeName,
  tableOf,
  tableTree,
} from './catalog.ts';
import { objectNames } from './drop.ts';
import {
  type ApplyScope,
  assumeTable,
  dependentsOf,
  keyOf,
  neighboursOf,
  updateTable,
  withRelation,
} from './edit.ts';
import type { PersistentMap } from './persistentMap.ts';
import { renameAttribute, renameColumn } from './renameColumn.ts';
import { keyOfRangeVar, qualified, routineKey, typeKey } from './resolve.ts';

/** Applies ALTER … RENAME of any kind. */
export function rename(catalog: Catalog, scope: ApplyScope, statement: RenameStmt): Catalog {
  const to = statement.newname ?? '';
  const key = keyOfRangeVar(catalog, scope, statement.relation);
  switch (statement.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
      return moveRelation(assumed(catalog, key, statement), scope, key, (relation) => ({
        ...relation,
        name: to,
      }));
    case 'OBJECT_INDEX':
      return renameIndex(catalog, scope, key, to);
    case 'OBJECT_COLUMN':
      return renameColumn(catalog, key, statement.subname ?? '', to);
    case 'OBJECT_ATTRIBUTE':
      return renameAttribute(catalog, key, statement.subname ?? '', to);
    case 'OBJECT_TABCONSTRAINT':
      return renameConstraint(catalog, scope, key, statement.subname ?? '', to);
    case 'OBJECT_TRIGGER':
      return renameTrigger(catalog, key, statement.subname ?? '', to);
    case 'OBJECT_RULE':
      return renameRule(catalog, key, statement.subname ?? '', to);
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
    case 'OBJECT_STATISTIC_EXT': {
      const found = statisticsNamed(catalog, scope, statement.object);
      return found === undefined ? catalog : moveStatistics(catalog, found[0], { ...found[1], name: to });
    }
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
    for (const [sequenceKey, each] of dependentsOf(next, key)) {
      if (each.kind !== 'sequence' || each.ownedBy?.table !== key) continue;
      next = moveRelation(next, scope, sequenceKey, (sequence) => ({ ...sequence, schema }));
    }
    return moveRelation(next, scope, key, (each) => ({ ...each, schema }));
  }
  if (statement.objectType === 'OBJECT_STATISTIC_EXT') {
    const found = statisticsNamed(catalog, scope, statement.object);
    return found === undefined ? catalog : moveStatistics(catalog, found[0], { ...found[1], schema });
  }
  const { schema: from, name } = qualified(statement.object ? objectNames(statement.object) : []);
  if (ROUTINES.has(statement.objectType ?? '')) {
    const routine = catalog.routines.get(routineKey(catalog, scope, from, name));
    return routine === undefined
      ? catalog
      : moveRoutine(catalog, scope, keyOf(routine), { ...routine, schema });
  }
  const key = typeKey(catalog, scope, from, name);
  const type = catalog.types.get(key);
  if (type === undefined) return catalog;
  return moveType(catalog, scope, key, { ...type, schema });
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
  let next = withRelation(withRelation(catalog, key, undefined), to, withKey(moved, key, to));
  for (const other of neighboursOf(catalog, key)) {
    const each = next.relations.get(other);
    if (each !== undefined) next = withRelation(next, other, withKey(each, key, to));
  }
  return {
    ...next,
    gone: next.gone
      .delete(to)
      .set(key, { kind: relation.kind, how: 'renamed', to: moved.name, path: scope.path }),
    publications: mapped(next.publications, (each) =>
      each.tables.includes(key) ? withKey(each, key, to) : each,
    ),
    statistics: mapped(next.statistics, (each) => (each.table === key ? { ...each, table: to } : each)),
  };
}

function mapped<V>(map: PersistentMap<V>, change: (value: V) => V): PersistentMap<V> {
  let next = map;
  for (const [key, value] of map.entries()) next = next.set(key, change(value));
  return next;
}

/**
 * A value with one key in the place of another, wherever it stands, also before the dot of a column. Keys hold a NUL, so
 * that no other string can be taken for one.
 */
function withKey<T>(value: T, from: string, to: string): T {
  if (typeof value === 'string') {
    if (value !== from && !value.startsWith(`${from}.`)) return value;
    return `${to}${value.slice(from.length)}` as T;
  }
  if (typeof value !== 'object' || value === null || 'fingerprint' in value) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => withKey(each, from, to)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withKey(each, from, to)]),
  ) as T;
}

/** A key's index is renamed with it; a check has the same name in the tables below (RenameConstraint). */
function renameConstraint(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  from: string,
  to: string,
): Catalog {
  const constraint = constraintOf(tableOf(catalog, key), from);
  const shared = constraint?.kind === 'check' || constraint?.kind === 'notNull';
  const tree = shared && !constraint.noInherit ? tableTree(catalog, key) : [key];
  const renamed = tree.reduce((next, each) => renamedConstraint(next, each, from, to), catalog);
  if (constraint?.index === undefined || !renamed.relations.has(constraint.index)) return renamed;
  return moveRelation(
    renamed,
    scope,
    constraint.index,
    (each) => ({ ...each, name: to, constraint: to }) as Relation,
  );
}

function renamedConstraint(catalog: Catalog, key: string, from: string, to: string): Catalog {
  return updateTable(catalog, key, (table) => ({
    ...table,
    constraints: table.constraints.map((each) => (each.name === from ? { ...each, name: to } : each)),
  }));
}

/** ALTER INDEX … RENAME takes along the constraint that stands on the index (RenameRelationInternal). */
function renameIndex(catalog: Catalog, scope: ApplyScope, key: string, to: string): Catalog {
  const index = indexOf(catalog, key);
  const from = index?.constraint;
  const moved = moveRelation(catalog, scope, key, (each) => ({ ...each, name: to }));
  if (index === undefined || from === undefined) return moved;
  const renamed = renamedConstraint(moved, index.table, from, to);
  return withRelation(renamed, keyOf({ ...index, name: to }), { ...index, name: to, constraint: to });
}

function renameTrigger(catalog: Catalog, key: string, from: string, to: string): Catalog {
  const row = tableOf(catalog, key)?.triggers.some((each) => each.name === from && each.row);
  const tree = row && tableOf(catalog, key)?.partitionBy !== undefined ? tableTree(catalog, key) : [key];
  return tree.reduce((next, each) => {
    const relation = next.relations.get(each);
    return relation !== undefined && 'triggers' in relation
      ? withRelation(next, each, { ...relation, triggers: renamed(relation.triggers, from, to) })
      : next;
  }, catalog);
}

function renameRule(catalog: Catalog, key: string, from: string, to: string): Catalog {
  const relation = catalog.relations.get(key);
  return relation !== undefined && 'rules' in relation
    ? withRelation(catalog, key, { ...relation, rules: renamed(relation.rules, from, to) })
    : catalog;
}

function renamed<T extends { readonly name: string }>(
  all: readonly T[],
  from: string,
  to: string,
): readonly T[] {
  return all.map((each) => (each.name === from ? { ...each, name: to } : each));
}

const ROUTINES: ReadonlySet<string> = new Set([
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_AGGREGATE',
]);

function renameType(catalog: Catalog, scope: ApplyScope, statement: RenameStmt, to: string): Catalog {
  const { schema, name } = qualified(statement.object ? objectNames(statement.object) : []);
  const key = typeKey(catalog, scope, schema, name);
  const type = catalog.types.get(key);
  if (type === undefined) return catalog;
  return moveType(catalog, scope, key, { ...type, name: to });
}

/** Gives a type another name or schema, and puts that right in the columns and domains of it and in what casts to it. */
function moveType(catalog: Catalog, scope: ApplyScope, key: string, moved: TypeDefinition): Catalog {
  const old = catalog.types.get(key);
  const of = (type: TypeName | undefined): type is TypeName =>
    type?.name === old?.name && type?.schema === old?.schema;
  const retyped = <T extends { readonly type?: TypeName }>(each: T): T =>
    of(each.type) ? { ...each, type: { ...each.type, schema: moved.schema, name: moved.name } } : each;
  let next = catalog;
  for (const [other, relation] of catalog.relations.entries()) {
    if (relation.kind !== 'table' && relation.kind !== 'compositeType') continue;
    if (!relation.columns.some((each) => of(each.type))) continue;
    next = withRelation(next, other, { ...relation, columns: relation.columns.map(retyped) });
  }
  const types = mapped(catalog.types, (each) =>
    each.kind === 'domain' && of(each.base)
      ? { ...each, base: { ...each.base, schema: moved.schema, name: moved.name } }
      : each,
  );
  for (const [other, relation] of dependentsOf(next, key))
    next = withRelation(next, other, withKey(relation, key, keyOf(moved)));
  const composite = next.relations.get(key)?.kind === 'compositeType';
  const carried = composite
    ? moveRelation(next, scope, key, (each) => ({ ...each, schema: moved.schema, name: moved.name }))
    : next;
  return {
    ...carried,
    types: types.delete(key).set(keyOf(moved), moved),
    gone: carried.gone.set(key, { kind: 'type', how: 'renamed', to: moved.name, path: scope.path }),
  };
}

function renameRoutine(catalog: Catalog, scope: ApplyScope, statement: RenameStmt, to: string): Catalog {
  const { schema, name } = qualified(statement.object ? objectNames(statement.object) : []);
  const key = routineKey(catalog, scope, schema, name);
  const routine = catalog.routines.get(key);
  if (routine === undefined) return catalog;
  return moveRoutine(catalog, scope, key, { ...routine, name: to });
}

function renameSchema(catalog: Catalog, from: string, to: string, path: string): Catalog {
  let next: Catalog = { ...catalog, schemas: catalog.schemas.delete(from).set(to, { name: to, path }) };
  for (const [key, relation] of [...next.relations.entries()]) {
    if (relation.schema === from) {
      next = moveRelation(next, { searchPath: [], path }, key, (each) => ({ ...each, schema: to }));
    }
  }
  const scope = { searchPath: [], path };
  const inside = <Value extends { readonly schema: string }>(map: PersistentMap<Value>) =>
    [...map.entries()].filter(([, each]) => each.schema === from);
  for (const [key, type] of inside(next.types)) next = moveType(next, scope, key, { ...type, schema: to });
  for (const [key, routine] of inside(next.routines)) {
    next = moveRoutine(next, scope, key, { ...routine, schema: to });
  }
  for (const [key, each] of inside(next.statistics))
    next = moveStatistics(next, key, { ...each, schema: to });
  const renamed = (schemas: readonly string[]) => schemas.map((each) => (each === from ? to : each));
  return {
    ...next,
    publications: mapped(next.publications, (each) =>
      each.schemas.includes(from) ? { ...each, schemas: renamed(each.schemas) } : each,
    ),
  };
}

function moveRoutine(catalog: Catalog, scope: ApplyScope, key: string, moved: Routine): Catalog {
  return {
    ...catalog,
    routines: catalog.routines.delete(key).set(keyOf(moved), moved),
    gone: catalog.gone.set(key, { kind: 'routine', how: 'renamed', to: moved.name, path: scope.path }),
  };
}

function moveStatistics(catalog: Catalog, key: string, moved: Statistics): Catalog {
  return { ...catalog, statistics: catalog.statistics.delete(key).set(keyOf(moved), moved) };
}

/** The statistics object that a statement names, with its key. */
function statisticsNamed(
  catalog: Catalog,
  scope: ApplyScope,
  object: Node | undefined,
): readonly [string, Statistics] | undefined {
  const { schema, name } = qualified(object === undefined ? [] : objectNames(object));
  const schemas = schema === undefined ? scope.searchPath : [schema];
  for (const each of schemas) {
    const key = objectKey(each, name);
    const found = catalog.statistics.get(key);
    if (found !== undefined) return [key, found];
  }
  return undefined;
}
