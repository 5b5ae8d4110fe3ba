import type { Node, RangeVar, TypeName as TypeNameNode } from '@pgsql/types';
import { type Catalog, objectKey, type Relation, type TypeDefinition, type TypeName } from './catalog.ts';

/** Where names are looked up: `search_path` without "$user", in order. */
export interface NameScope {
  readonly searchPath: readonly string[];
}

/** The strings of a list of String nodes: a qualified name. */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  const out: string[] = [];
  for (const node of nodes ?? [])
    if ('String' in node && node.String.sval !== undefined) out.push(node.String.sval);
  return out;
}

/** The parts of a qualified name, its last two: a database name before them is left out. */
export function qualified(names: readonly string[]): { schema?: string; name: string } {
  const name = names.at(-1) ?? '';
  const schema = names.at(-2);
  return schema === undefined ? { name } : { schema, name };
}

/** The key under which a new object of this name is made: its schema, else the first of the search path. */
export function keyForNew(scope: NameScope, schema: string | undefined, name: string): string {
  return objectKey(schema ?? scope.searchPath[0] ?? 'public', name);
}

/** The key of an existing relation, or the one it would have when it is not known. */
export function relationKey(
  catalog: Catalog,
  scope: NameScope,
  schema: string | undefined,
  name: string,
): string {
  return lookUp(catalog.relations, scope, schema, name) ?? keyForNew(scope, schema, name);
}

export function typeKey(
  catalog: Catalog,
  scope: NameScope,
  schema: string | undefined,
  name: string,
): string {
  return lookUp(catalog.types, scope, schema, name) ?? keyForNew(scope, schema, name);
}

export function routineKey(
  catalog: Catalog,
  scope: NameScope,
  schema: string | undefined,
  name: string,
): string {
  return lookUp(catalog.routines, scope, schema, name) ?? keyForNew(scope, schema, name);
}

export function keyOfRangeVar(catalog: Catalog, scope: NameScope, rangeVar: RangeVar | undefined): string {
  return relationKey(catalog, scope, rangeVar?.schemaname, rangeVar?.relname ?? '');
}

/** The key for a table to be made under this RangeVar. Temporary ones live in a schema of their own. */
export function keyForNewRelation(scope: NameScope, rangeVar: RangeVar | undefined): string {
  if (rangeVar?.relpersistence === 't') return objectKey('pg_temp', rangeVar.relname ?? '');
  return keyForNew(scope, rangeVar?.schemaname, rangeVar?.relname ?? '');
}

export function relationOf(
  catalog: Catalog,
  scope: NameScope,
  rangeVar: RangeVar | undefined,
): Relation | undefined {
  return catalog.relations.get(keyOfRangeVar(catalog, scope, rangeVar));
}

/** A type as written, its schema found out where the history made it. */
export function typeNameOf(
  catalog: Catalog,
  scope: NameScope,
  node: TypeNameNode | undefined,
): TypeName | undefined {
  if (node?.names === undefined) return undefined;
  const { schema, name } = qualified(stringsOf(node.names));
  const modifiers: number[] = [];
  for (const each of node.typmods ?? []) {
    if ('A_Const' in each && each.A_Const.ival !== undefined) modifiers.push(each.A_Const.ival.ival ?? 0);
  }
  const found = schema === 'pg_catalog' ? undefined : typeDefinition(catalog, scope, schema, name);
  const itsSchema = found?.schema ?? (schema === 'pg_catalog' ? undefined : schema);
  return {
    ...(itsSchema === undefined ? {} : { schema: itsSchema }),
    name,
    modifiers,
    array: (node.arrayBounds?.length ?? 0) > 0,
  };
}

/** The enum, domain or other type that a name stands for, when the history made it. */
export function typeDefinition(
  catalog: Catalog,
  scope: NameScope,
  schema: string | undefined,
  name: string,
): TypeDefinition | undefined {
  const key = lookUp(catalog.types, scope, schema, name);
  return key === undefined ? undefined : catalog.types.get(key);
}

/** The key under which the map has the object: in its schema, or in the first of the search path that has it. */
export function lookUp(
  map: { has(key: string): boolean },
  scope: NameScope,
  schema: string | undefined,
  name: string,
): string | undefined {
  if (schema !== undefined) {
    const key = objectKey(schema, name);
    return map.has(key) ? key : undefined;
  }
  for (const each of ['pg_temp', ...scope.searchPath]) {
    const key = objectKey(each, name);
    if (map.has(key)) return key;
  }
  return undefined;
}

/** The two parts of an object's key. */
export function objectKeyParts(key: string): { schema: string; name: string } {
  const [schema = '', name = ''] = key.split('\u0000');
  return { schema, name };
}
