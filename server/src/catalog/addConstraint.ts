import type { Constraint as ConstraintNode, Node } from '@pgsql/types';
import {
  type Catalog,
  type Column,
  type Constraint,
  type ConstraintKind,
  type Index,
  type IndexElement,
  type Reference,
  type ReferentialAction,
  type Table,
  tableOf,
} from './catalog.ts';
import { type ApplyScope, keyOf, putIndex, putRelation, updateTable, withRelation } from './edit.ts';
import { columnsIn, expressionOf } from './expression.ts';
import { columnsPart, generatedName } from './generatedNames.ts';
import { keyOfRangeVar, type NameScope, stringsOf } from './resolve.ts';

const KINDS: Partial<Record<NonNullable<ConstraintNode['contype']>, ConstraintKind>> = {
  CONSTR_CHECK: 'check',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primaryKey',
  CONSTR_FOREIGN: 'foreignKey',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'notNull',
};

export const LABELS: Record<ConstraintKind, string> = {
  check: 'check',
  unique: 'key',
  primaryKey: 'pkey',
  foreignKey: 'fkey',
  exclude: 'excl',
  notNull: 'not_null',
};

/** Whether rows have to pass: not with NOT ENFORCED (18), which only checks and foreign keys may say. */
export function isEnforced(node: ConstraintNode): boolean {
  return node.is_enforced === true || (node.contype !== 'CONSTR_CHECK' && node.contype !== 'CONSTR_FOREIGN');
}

/** The kind of constraint a node makes; undefined for what is a property of a column (DEFAULT, GENERATED …). */
export function constraintKind(node: ConstraintNode): ConstraintKind | undefined {
  return node.contype === undefined ? undefined : KINDS[node.contype];
}

/**
 * Adds a constraint to a table: one of its own, or with `column` one that stands in a column's definition. A key
 * brings its index, or takes over the one that USING INDEX names; a primary key makes its columns NOT NULL.
 */
export function addConstraint(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  node: ConstraintNode,
  column?: string,
): Catalog {
  const kind = constraintKind(node);
  const table = tableOf(catalog, key);
  if (kind === undefined || table === undefined) return catalog;
  const backing = node.indexname === undefined ? undefined : findIndex(catalog, table, node.indexname);
  const columns = constraintColumns(node, kind, column, backing);
  const name = node.conname ?? node.indexname ?? chooseName(catalog, table, kind, columns, node);
  const isUnnamed = node.conname === undefined && node.indexname === undefined;
  // Refused (42710): what bears the name stays as it is. A parent's check becomes the table's own.
  if (!catalog.uncertain && table.constraints.some((each) => each.name === name && !each.inherited))
    return catalog;
  let next = catalog;
  let index: string | undefined;
  if (kind === 'unique' || kind === 'primaryKey' || kind === 'exclude') {
    [next, index] = backing
      ? takeOverIndex(next, backing, name)
      : addBackingIndex(next, scope, table, node, kind, name, columns);
  }
  const constraint: Constraint = {
    kind,
    name,
    nameIsGenerated: isUnnamed,
    ...(isUnnamed && scope.namesOpen === true ? { nameIsOpen: true } : {}),
    columns,
    validated: node.skip_validation !== true,
    enforced: isEnforced(node),
    deferrable: node.deferrable === true,
    deferred: node.initdeferred === true,
    inherited: false,
    noInherit: node.is_no_inherit === true,
    path: scope.path,
    ...(node.raw_expr === undefined ? {} : { expression: expressionOf(node.raw_expr) }),
    ...(kind === 'foreignKey' ? { references: referencesOf(catalog, scope, node) } : {}),
    ...(index === undefined ? {} : { index }),
  };
  return updateTable(next, key, (old) => ({
    ...old,
    constraints: [...old.constraints.filter((each) => each.name !== name), constraint],
    columns:
      kind === 'primaryKey' || (kind === 'notNull' && constraint.validated)
        ? notNull(old.columns, columns)
        : old.columns,
  }));
}

/** A constraint as one definition gives it; `column` where it stands in that column's. */
export interface GivenConstraint {
  readonly node: ConstraintNode;
  readonly column?: string | undefined;
}

/**
 * The constraints that CREATE TABLE or ADD COLUMN gives, without the keys that another key of it says already: UNIQUE
 * PRIMARY KEY makes the primary key alone, under the name that one of both has (transformIndexConstraints,
 * parser/parse_utilcmd.c). Keys that were there before do not count.
 */
export function withoutRedundantKeys(given: readonly GivenConstraint[]): readonly GivenConstraint[] {
  const names = new Map<GivenConstraint, string | undefined>();
  const keys = given.filter(({ node }) => isKey(node));
  for (const each of [...keys.filter(isPrimary), ...keys.filter((other) => !isPrimary(other))]) {
    const same = [...names.keys()].find((prior) => keyText(prior) === keyText(each)) ?? each;
    names.set(same, names.get(same) ?? each.node.conname);
  }
  return given.flatMap((each) => {
    if (!isKey(each.node)) return [each];
    const conname = names.get(each);
    if (conname === undefined) return names.has(each) ? [each] : [];
    return [{ ...each, node: { ...each.node, conname } }];
  });
}

function isKey({ contype, indexname }: ConstraintNode): boolean {
  return indexname === undefined && (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY');
}

function isPrimary({ node }: GivenConstraint): boolean {
  return node.contype === 'CONSTR_PRIMARY';
}

/** Equal for keys of which one is enough. */
function keyText({ node, column }: GivenConstraint): string {
  const { keys, including, nulls_not_distinct, deferrable, initdeferred } = node;
  return JSON.stringify([
    keys === undefined ? [column] : stringsOf(keys),
    stringsOf(including),
    nulls_not_distinct === true,
    deferrable === true,
    initdeferred === true,
  ]);
}

export function hasConstraint(table: Table, name: string): boolean {
  return table.constraints.some((each) => each.name === name);
}

function constraintColumns(
  node: ConstraintNode,
  kind: ConstraintKind,
  column: string | undefined,
  backing: Index | undefined,
): readonly string[] {
  if (kind === 'foreignKey' && node.fk_attrs) return stringsOf(node.fk_attrs);
  if (kind === 'check') return columnsIn(node.raw_expr);
  if (kind === 'exclude') {
    return (node.exclusions ?? []).flatMap((pair) => {
      const element = 'List' in pair ? pair.List.items?.[0] : undefined;
      return element && 'IndexElem' in element && element.IndexElem.name ? [element.IndexElem.name] : [];
    });
  }
  if (backing) return backing.elements.flatMap((each) => each.column ?? []);
  if (node.keys) return stringsOf(node.keys);
  return column === undefined ? [] : [column];
}

function chooseName(
  catalog: Catalog,
  table: Table,
  kind: ConstraintKind,
  columns: readonly string[],
  node: ConstraintNode,
): string {
  const taken = (name: string): boolean => hasConstraint(table, name);
  const named: readonly (string | undefined)[] = [
    ...(kind === 'exclude' ? excludeColumns(node) : columns),
    ...stringsOf(node.including),
  ];
  // A check takes the name of its column only when it speaks of just one (AddRelationNewConstraints, catalog/heap.c).
  const part =
    kind === 'primaryKey' || (kind === 'check' && columns.length !== 1) ? undefined : columnsPart(named);
  return generatedName(catalog, table.schema, table.name, part, LABELS[kind], taken);
}

function excludeColumns(node: ConstraintNode): readonly (string | undefined)[] {
  return (node.exclusions ?? []).map((pair) => {
    const element = 'List' in pair ? pair.List.items?.[0] : undefined;
    return element && 'IndexElem' in element ? element.IndexElem.name : undefined;
  });
}

function findIndex(catalog: Catalog, table: Table, name: string): Index | undefined {
  for (const key of table.indexes) {
    const index = catalog.relations.get(key);
    if (index?.kind === 'index' && index.name === name) return index;
  }
  return undefined;
}

/** USING INDEX: the index takes the constraint's name (index_constraint_create renames it). */
function takeOverIndex(catalog: Catalog, index: Index, name: string): [Catalog, string] {
  const oldKey = keyOf(index);
  const renamed: Index = { ...index, name, constraint: name };
  if (keyOf(renamed) === oldKey) return [putRelation(catalog, renamed), oldKey];
  const next = {
    ...withRelation(catalog, oldKey, undefined),
    gone: catalog.gone.set(oldKey, {
      kind: 'index' as const,
      how: 'renamed' as const,
      to: name,
      path: index.path,
    }),
  };
  const entryDropped = updateTable(next, index.table, (table) => ({
    ...table,
    indexes: table.indexes.filter((each) => each !== oldKey),
  }));
  return [putIndex(entryDropped, renamed), keyOf(renamed)];
}

function addBackingIndex(
  catalog: Catalog,
  scope: ApplyScope,
  table: Table,
  node: ConstraintNode,
  kind: ConstraintKind,
  name: string,
  columns: readonly string[],
): [Catalog, string] {
  const elements =
    kind === 'exclude'
      ? (node.exclusions ?? []).flatMap((pair) => {
          const element = 'List' in pair ? pair.List.items?.[0] : undefined;
          return element && 'IndexElem' in element ? [indexElement(element)] : [];
        })
      : columns.map((column) => ({ column }));
  const index: Index = {
    kind: 'index',
    schema: table.schema,
    name,
    path: scope.path,
    table: keyOf(table),
    method: node.access_method ?? 'btree',
    elements,
    include: stringsOf(node.including),
    unique: kind !== 'exclude',
    valid: true,
    constraint: name,
    partitioned: table.partitionBy !== undefined,
    ...(node.nulls_not_distinct ? { nullsNotDistinct: true } : {}),
    ...((node.options ?? node.indexspace) ? { hasSettings: true } : {}),
    ...(node.where_clause ? { predicate: expressionOf(node.where_clause) } : {}),
  };
  return [putIndex(catalog, index), keyOf(index)];
}

/** An IndexElem node as a value. */
export function indexElement(node: Node): IndexElement {
  if (!('IndexElem' in node)) return {};
  const { name, expr, collation, opclass, ordering, nulls_ordering } = node.IndexElem;
  const order = [ORDERS[ordering ?? ''], NULLS[nulls_ordering ?? '']].filter((each) => each !== undefined);
  return {
    ...(name === undefined ? {} : { column: name }),
    ...(expr === undefined ? {} : { expression: expressionOf(expr) }),
    ...(collation === undefined ? {} : { collation: stringsOf(collation).join('.') }),
    ...(opclass === undefined ? {} : { operatorClass: stringsOf(opclass).join('.') }),
    ...(order.length === 0 ? {} : { order: order.join(' ') }),
  };
}

const ORDERS: Readonly<Record<string, string>> = { SORTBY_ASC: 'ASC', SORTBY_DESC: 'DESC' };

const NULLS: Readonly<Record<string, string>> = {
  SORTBY_NULLS_FIRST: 'NULLS FIRST',
  SORTBY_NULLS_LAST: 'NULLS LAST',
};

/** FKCONSTR_ACTION_… (nodes/parsenodes.h). */
const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  r: 'restrict',
  c: 'cascade',
  n: 'setNull',
  d: 'setDefault',
};

/** The columns on both sides of a foreign key, and what it does when the referenced ones change. */
export function foreignKeyOf(
  catalog: Catalog,
  scope: NameScope,
  node: ConstraintNode,
): Pick<Constraint, 'columns' | 'references'> {
  return { columns: stringsOf(node.fk_attrs), references: referencesOf(catalog, scope, node) };
}

function referencesOf(catalog: Catalog, scope: NameScope, node: ConstraintNode): Reference {
  const table = keyOfRangeVar(catalog, scope, node.pktable);
  const columns = stringsOf(node.pk_attrs);
  const primaryKey = tableOf(catalog, table)?.constraints.find((each) => each.kind === 'primaryKey');
  return {
    table,
    columns: columns.length > 0 ? columns : (primaryKey?.columns ?? []),
    onDelete: ACTIONS[node.fk_del_action ?? ''] ?? 'noAction',
    onUpdate: ACTIONS[node.fk_upd_action ?? ''] ?? 'noAction',
    ...(node.fk_matchtype === 'f' ? { matchFull: true } : {}),
    ...(node.fk_del_set_cols === undefined ? {} : { sets: stringsOf(node.fk_del_set_cols) }),
  };
}

/** The columns with those of the names NOT NULL. */
export function notNull(columns: readonly Column[], names: readonly string[]): readonly Column[] {
  return columns.map((column) => (names.includes(column.name) ? { ...column, notNull: true } : column));
}
