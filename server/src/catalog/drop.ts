import type { DropStmt, Node } from '@pgsql/types';
import { type Catalog, type Gone, type Relation, tableOf } from './catalog.ts';
import { type ApplyScope, removeRelation, updateTable } from './edit.ts';
import { qualified, relationKey, routineKey, stringsOf, typeKey } from './resolve.ts';

/** Applies DROP of any kind, CASCADE included: what depends on the object by the catalog's knowledge goes too. */
export function drop(catalog: Catalog, scope: ApplyScope, statement: DropStmt): Catalog {
  return (statement.objects ?? []).reduce((next, object) => dropOne(next, scope, statement, object), catalog);
}

function dropOne(catalog: Catalog, scope: ApplyScope, statement: DropStmt, object: Node): Catalog {
  const kind = RELATION_KINDS[statement.removeType ?? ''];
  if (kind !== undefined) {
    const { schema, name } = qualified(objectNames(object));
    const key = relationKey(catalog, scope, schema, name);
    // What the history did not make was there all the same: from here on it is gone.
    if (!catalog.relations.has(key)) {
      return { ...catalog, gone: catalog.gone.set(key, { kind, how: 'dropped', path: scope.path }) };
    }
  }
  const names = objectNames(object);
  const { schema, name } = qualified(names);
  const gone = { how: 'dropped' as const, path: scope.path };
  switch (statement.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      return dropWithDependents(catalog, relationKey(catalog, scope, schema, name), gone);
    case 'OBJECT_SEQUENCE':
      return removeRelation(catalog, relationKey(catalog, scope, schema, name), gone);
    case 'OBJECT_INDEX':
      return dropIndex(catalog, relationKey(catalog, scope, schema, name), gone);
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return dropType(catalog, typeKey(catalog, scope, schema, name), gone);
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return dropRoutine(catalog, routineKey(catalog, scope, schema, name), gone);
    case 'OBJECT_SCHEMA':
      return dropSchema(catalog, name, gone);
    case 'OBJECT_EXTENSION':
      return { ...catalog, extensions: catalog.extensions.delete(name) };
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return dropFromTable(catalog, scope, statement.removeType, names);
    default:
      return catalog;
  }
}

const RELATION_KINDS: Partial<Record<string, Relation['kind']>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'foreignTable',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materializedView',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
};

/** The name of a dropped object, in parts, however the parser wraps it. */
export function objectNames(object: Node): readonly string[] {
  if ('List' in object) return stringsOf(object.List.items);
  if ('String' in object) return object.String.sval === undefined ? [] : [object.String.sval];
  if ('TypeName' in object) return stringsOf(object.TypeName.names);
  if ('ObjectWithArgs' in object) return stringsOf(object.ObjectWithArgs.objname);
  return [];
}

type Dropped = Omit<Gone, 'kind'>;

/** A table or view goes, with foreign keys that reference it and views that read it (only CASCADE gets that far). */
function dropWithDependents(catalog: Catalog, key: string, gone: Dropped): Catalog {
  if (!catalog.relations.has(key)) return catalog;
  let next = removeRelation(catalog, key, gone);
  for (const [other, relation] of [...next.relations.entries()]) {
    if (relation.kind === 'view' || relation.kind === 'materializedView') {
      if (relation.dependsOn.includes(key)) next = dropWithDependents(next, other, gone);
    } else if (
      relation.kind === 'table' &&
      relation.constraints.some((each) => each.references?.table === key)
    ) {
      next = updateTable(next, other, (table) => ({
        ...table,
        constraints: table.constraints.filter((each) => each.references?.table !== key),
      }));
    } else if (relation.kind === 'table' && relation.inherits.includes(key)) {
      next = dropWithDependents(next, other, gone);
    }
  }
  return next;
}

function dropIndex(catalog: Catalog, key: string, gone: Dropped): Catalog {
  const index = catalog.relations.get(key);
  if (index?.kind !== 'index') return catalog;
  let next = removeRelation(catalog, key, gone);
  for (const [other, relation] of [...next.relations.entries()]) {
    if (relation.kind === 'index' && relation.attachedTo === key) next = dropIndex(next, other, gone);
  }
  return next;
}

function dropType(catalog: Catalog, key: string, gone: Dropped): Catalog {
  const type = catalog.types.get(key);
  if (type === undefined) return catalog;
  let next: Catalog = {
    ...catalog,
    types: catalog.types.delete(key),
    relations:
      catalog.relations.get(key)?.kind === 'compositeType'
        ? catalog.relations.delete(key)
        : catalog.relations,
    gone: catalog.gone.set(key, { ...gone, kind: 'type' }),
  };
  for (const [tableKey, relation] of [...next.relations.entries()]) {
    if (relation.kind !== 'table') continue;
    const uses = relation.columns.some(
      (each) => each.type?.name === type.name && each.type.schema === type.schema,
    );
    if (!uses) continue;
    next = updateTable(next, tableKey, (table) => ({
      ...table,
      columns: table.columns.filter(
        (each) => !(each.type?.name === type.name && each.type.schema === type.schema),
      ),
    }));
  }
  return next;
}

function dropRoutine(catalog: Catalog, key: string, gone: Dropped): Catalog {
  if (!catalog.routines.has(key)) return catalog;
  const routine = catalog.routines.get(key);
  // Overloads stand together: only the drop of the last one makes the name disappear.
  if (routine && routine.signatures.length > 1) {
    return {
      ...catalog,
      routines: catalog.routines.set(key, { ...routine, signatures: routine.signatures.slice(1) }),
    };
  }
  return {
    ...catalog,
    routines: catalog.routines.delete(key),
    gone: catalog.gone.set(key, { ...gone, kind: 'routine' }),
  };
}

function dropSchema(catalog: Catalog, name: string, gone: Dropped): Catalog {
  let next: Catalog = { ...catalog, schemas: catalog.schemas.delete(name) };
  const inSchema = (key: string): boolean => key.startsWith(`${name}\u0000`);
  for (const [key] of [...next.relations.entries()])
    if (inSchema(key)) next = dropWithDependents(next, key, gone);
  for (const [key] of [...next.types.entries()]) if (inSchema(key)) next = dropType(next, key, gone);
  for (const [key] of [...next.routines.entries()]) if (inSchema(key)) next = dropRoutine(next, key, gone);
  return next;
}

/** Triggers, policies and rules are named after their table: `table.trigger`. */
function dropFromTable(catalog: Catalog, scope: ApplyScope, kind: string, names: readonly string[]): Catalog {
  const name = names.at(-1) ?? '';
  const table = qualified(names.slice(0, -1));
  const key = relationKey(catalog, scope, table.schema, table.name);
  if (tableOf(catalog, key) === undefined) return catalog;
  return updateTable(catalog, key, (old) => {
    if (kind === 'OBJECT_TRIGGER')
      return { ...old, triggers: old.triggers.filter((each) => each.name !== name) };
    if (kind === 'OBJECT_POLICY')
      return { ...old, policies: old.policies.filter((each) => each.name !== name) };
    return { ...old, rules: old.rules.filter((each) => each.name !== name) };
  });
}
