import type { DropStmt, Node } from '@pgsql/types';
import { Cascade } from './cascade.ts';
import { type Catalog, type Relation, tableOf, tableTree } from './catalog.ts';
import { type ApplyScope, putRelation } from './edit.ts';
import { overloadsNamed } from './overload.ts';
import { lookUp, type NameScope, qualified, relationKey, routineKey, stringsOf, typeKey } from './resolve.ts';

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
  const cascade = new Cascade(catalog, scope);
  switch (statement.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
      cascade.relation(relationKey(catalog, scope, schema, name));
      break;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      cascade.type(typeKey(catalog, scope, schema, name));
      break;
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      dropRoutine(cascade, scope, object, statement.missing_ok === true);
      break;
    case 'OBJECT_SCHEMA':
      cascade.schema(name);
      break;
    case 'OBJECT_EXTENSION':
      cascade.extension(name);
      break;
    case 'OBJECT_FOREIGN_SERVER':
      cascade.server(name);
      break;
    case 'OBJECT_PUBLICATION':
      return { ...catalog, publications: catalog.publications.delete(name) };
    case 'OBJECT_STATISTIC_EXT':
      return {
        ...catalog,
        statistics: catalog.statistics.delete(lookUp(catalog.statistics, scope, schema, name) ?? ''),
      };
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return dropFromTable(catalog, scope, statement.removeType, names);
    default:
      break;
  }
  return cascade.catalog;
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

/** Only the overload that is meant goes, and what uses that one. */
export function dropRoutine(cascade: Cascade, scope: NameScope, object: Node, tolerant: boolean): void {
  const { schema, name } = qualified(objectNames(object));
  const key = routineKey(cascade.catalog, scope, schema, name);
  const routine = cascade.catalog.routines.get(key);
  cascade.routine(key, routine && overloadsNamed(cascade.catalog, scope, routine, object, tolerant));
}

/** Triggers, policies and rules are named after their table: `table.trigger`. A row trigger has copies in partitions. */
function dropFromTable(catalog: Catalog, scope: ApplyScope, kind: string, names: readonly string[]): Catalog {
  const name = names.at(-1) ?? '';
  const table = qualified(names.slice(0, -1));
  const key = relationKey(catalog, scope, table.schema, table.name);
  const owner = catalog.relations.get(key);
  if (owner === undefined) return catalog;
  const others = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] =>
    all.filter((each) => each.name !== name);
  if (kind === 'OBJECT_TRIGGER' && 'triggers' in owner) {
    const copies =
      owner.triggers.some((each) => each.name === name && each.row) && tableOf(catalog, key)?.partitionBy;
    return (copies ? tableTree(catalog, key) : [key]).reduce((next, each) => {
      const relation = next.relations.get(each);
      return relation !== undefined && 'triggers' in relation
        ? putRelation(next, { ...relation, triggers: others(relation.triggers) })
        : next;
    }, catalog);
  }
  if (kind === 'OBJECT_POLICY' && 'policies' in owner) {
    return putRelation(catalog, { ...owner, policies: others(owner.policies) });
  }
  return kind === 'OBJECT_RULE' && 'rules' in owner
    ? putRelation(catalog, { ...owner, rules: others(owner.rules) })
    : catalog;
}
