import type {
  ColumnDef,
  Constraint as ConstraintNode,
  CreateStmt,
  Node,
  TableLikeClause,
} from '@pgsql/types';
import { triggersForPartition } from './attachments.ts';
import { sameForeignKey } from './cascade.ts';
import {
  type Catalog,
  type Column,
  type Constraint,
  type ConstraintKind,
  type Expression,
  type Index,
  type IndexElement,
  type PartitionKey,
  type Reference,
  type ReferentialAction,
  type Sequence,
  type Table,
  tableOf,
} from './catalog.ts';
import {
  type ApplyScope,
  assumedTable,
  keyOf,
  putIndex,
  putRelation,
  updateTable,
  withRelation,
} from './edit.ts';
import { columnsIn, expressionOf, isNullConstant } from './expression.ts';
import { columnsPart, generatedName } from './generatedNames.ts';
import { indexElementNames } from './impliedName.ts';
import { columnsOfRelation } from './queryColumns.ts';
import {
  keyForNewRelation,
  keyOfRangeVar,
  type NameScope,
  objectKeyParts,
  qualified,
  stringsOf,
  typeDefinition,
  typeKey,
  typeNameOf,
} from './resolve.ts';
import { copyStatistics } from './statistics.ts';

/** Applies CREATE TABLE, also PARTITION OF, OF type, LIKE and INHERITS. An existing table is left as it is. */
export function createTable(
  catalog: Catalog,
  scope: ApplyScope,
  statement: CreateStmt,
  server?: string,
): Catalog {
  const key = keyForNewRelation(scope, statement.relation);
  if (catalog.relations.has(key)) return catalog;
  const { schema, name } = objectKeyParts(key);
  let next = putRelation(catalog, {
    ...assumedTable(schema, name),
    kind: server === undefined ? 'table' : 'foreignTable',
    path: scope.path,
    complete: true,
    persistence: persistenceOf(statement),
    ...(statement.accessMethod === undefined ? {} : { accessMethod: statement.accessMethod }),
    ...(statement.tablespacename === undefined ? {} : { tablespace: statement.tablespacename }),
    ...(statement.partspec === undefined ? {} : { partitionBy: partitionKey(statement) }),
    ...(server === undefined ? {} : { server }),
  });
  next = takeParents(next, scope, key, statement);
  const elements = [...(statement.tableElts ?? []), ...(statement.constraints ?? [])];
  for (const element of elements) {
    if ('ColumnDef' in element) next = addColumn(next, scope, key, element.ColumnDef);
    else if ('TableLikeClause' in element) next = copyLike(next, scope, key, element.TableLikeClause);
  }
  for (const element of elements) {
    if ('ColumnDef' in element) next = addColumnConstraints(next, scope, key, element.ColumnDef);
    else if ('Constraint' in element) next = addConstraint(next, scope, key, element.Constraint);
  }
  return next;
}

/** Adds a column to a table, without the constraints that its definition carries. */
export function addColumn(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  definition: ColumnDef,
  ownsSequence = true,
): Catalog {
  const name = definition.colname ?? '';
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  const column = columnFrom(catalog, scope, definition);
  const existing = table.columns.findIndex((each) => each.name === name);
  const columns =
    existing < 0
      ? [...table.columns, column]
      : table.columns.map((each, i) => (i === existing ? merged(each, column) : each));
  const next = updateTable(catalog, key, (old) => ({ ...old, columns }));
  return ownsSequence && (isSerial(definition) || column.identity !== undefined)
    ? addOwnedSequence(next, scope, key, name)
    : next;
}

/** Adds the constraints that a column's definition carries: PRIMARY KEY, UNIQUE, CHECK, REFERENCES. */
export function addColumnConstraints(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  definition: ColumnDef,
): Catalog {
  let next = catalog;
  for (const constraint of columnConstraints(definition)) {
    next = addConstraint(next, scope, key, constraint, definition.colname);
  }
  return next;
}

/**
 * The constraint nodes of a column definition, as many as it has. What stands after a constraint as a node of its own
 * (DEFERRABLE, INITIALLY DEFERRED, NOT ENFORCED) is in that constraint's node too, as it is in a table's constraint.
 */
export function columnConstraints(definition: ColumnDef): readonly ConstraintNode[] {
  const out: ConstraintNode[] = [];
  let last = -1;
  for (const node of definition.constraints ?? []) {
    if (!('Constraint' in node)) continue;
    const attribute = ATTRIBUTES[node.Constraint.contype ?? ''];
    const before = out[last];
    if (attribute === undefined) last = out.length;
    else if (before !== undefined) out[last] = { ...before, ...attribute };
    out.push(node.Constraint);
  }
  return out;
}

const ATTRIBUTES: Readonly<Record<string, Partial<ConstraintNode>>> = {
  CONSTR_ATTR_DEFERRABLE: { deferrable: true },
  CONSTR_ATTR_NOT_DEFERRABLE: { deferrable: false },
  CONSTR_ATTR_DEFERRED: { deferrable: true, initdeferred: true },
  CONSTR_ATTR_IMMEDIATE: { initdeferred: false },
  CONSTR_ATTR_ENFORCED: { is_enforced: true },
  CONSTR_ATTR_NOT_ENFORCED: { is_enforced: false, skip_validation: true },
};

const KINDS: Partial<Record<NonNullable<ConstraintNode['contype']>, ConstraintKind>> = {
  CONSTR_CHECK: 'check',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primaryKey',
  CONSTR_FOREIGN: 'foreignKey',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'notNull',
};

const LABELS: Record<ConstraintKind, string> = {
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
    nameIsGenerated: node.conname === undefined && node.indexname === undefined,
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

/** Whether a type name is one of Postgres's shorthands for an integer with a sequence. */
export function isSerial(definition: ColumnDef): boolean {
  const names = stringsOf(definition.typeName?.names);
  return names.length === 1 && SERIALS.has(names[0] ?? '');
}

/** parse_utilcmd.c, transformColumnDefinition: the shorthand and the type it stands for. */
const SERIALS = new Map([
  ['smallserial', 'int2'],
  ['serial2', 'int2'],
  ['serial', 'int4'],
  ['serial4', 'int4'],
  ['bigserial', 'int8'],
  ['serial8', 'int8'],
]);

/** A column as its definition says, DEFAULT, NOT NULL, IDENTITY and GENERATED included. */
export function columnFrom(catalog: Catalog, scope: ApplyScope, definition: ColumnDef): Column {
  const serial = isSerial(definition)
    ? SERIALS.get(stringsOf(definition.typeName?.names)[0] ?? '')
    : undefined;
  const type = serial
    ? { name: serial, modifiers: [], array: false }
    : typeNameOf(catalog, scope, definition.typeName);
  const column: { -readonly [K in keyof Column]: Column[K] } = {
    name: definition.colname ?? '',
    notNull: serial !== undefined || definition.is_not_null === true,
    path: scope.path,
  };
  if (type !== undefined) column.type = type;
  if (definition.raw_default !== undefined && !isNullConstant(definition.raw_default)) {
    column.default = expressionOf(definition.raw_default);
  }
  if (definition.collClause?.collname) column.collation = stringsOf(definition.collClause.collname).join('.');
  for (const constraint of columnConstraints(definition)) {
    if (constraint.contype === 'CONSTR_NOTNULL' || constraint.contype === 'CONSTR_PRIMARY')
      column.notNull = true;
    if (
      constraint.contype === 'CONSTR_DEFAULT' &&
      constraint.raw_expr &&
      !isNullConstant(constraint.raw_expr)
    )
      column.default = expressionOf(constraint.raw_expr);
    if (constraint.contype === 'CONSTR_IDENTITY') {
      column.identity = constraint.generated_when === 'a' ? 'always' : 'byDefault';
      column.notNull = true;
    }
    if (constraint.contype === 'CONSTR_GENERATED' && constraint.raw_expr) {
      column.generated = {
        kind: constraint.generated_kind === 'v' ? 'virtual' : 'stored',
        expression: expressionOf(constraint.raw_expr),
      };
    }
  }
  return column;
}

function persistenceOf(statement: CreateStmt): Table['persistence'] {
  const code = statement.relation?.relpersistence;
  return code === 't' ? 'temporary' : code === 'u' ? 'unlogged' : 'permanent';
}

/** Columns and checks from INHERITS, PARTITION OF and OF type, and the ties to those parents. */
function takeParents(catalog: Catalog, scope: ApplyScope, key: string, statement: CreateStmt): Catalog {
  let next = catalog;
  for (const node of statement.inhRelations ?? []) {
    if (!('RangeVar' in node)) continue;
    const parentKey = keyOfRangeVar(next, scope, node.RangeVar);
    const parent = tableOf(next, parentKey);
    const bound = statement.partbound;
    next = updateTable(next, key, (table) => ({
      ...table,
      columns: [
        ...table.columns,
        ...inheritedColumns(parent, bound === undefined).filter(
          (c) => !table.columns.some((o) => o.name === c.name),
        ),
      ],
      complete: table.complete && parent?.complete === true,
      constraints: [
        ...table.constraints,
        ...(parent?.constraints ?? [])
          .filter((each) => each.kind === 'check' || each.kind === 'notNull')
          .map((each) => ({ ...each, inherited: true })),
      ],
      ...(bound
        ? {
            partitionOf: {
              parent: parentKey,
              bound: bound.is_default ? ('default' as const) : expressionOf({ PartitionBoundSpec: bound }),
            },
          }
        : { inherits: [...table.inherits, parentKey] }),
    }));
    next = updateTable(next, parentKey, (table) => ({ ...table, children: [...table.children, key] }));
    if (bound) {
      next = updateTable(next, key, (table) => ({ ...table, triggers: triggersForPartition(parent) }));
      next = takeFromPartitioned(next, scope, parentKey, key);
    }
  }
  if (statement.ofTypename) {
    const { schema, name } = qualified(stringsOf(statement.ofTypename.names));
    const ofType = typeKey(catalog, scope, schema, name);
    const composite = catalog.relations.get(ofType);
    next = updateTable(next, key, (table) => ({
      ...table,
      ofType,
      columns: composite?.kind === 'compositeType' ? composite.columns : table.columns,
      complete: composite?.kind === 'compositeType',
    }));
  }
  return next;
}

/** INHERITS does not take over that a column is an identity; a partition shares its table's (17). */
function inheritedColumns(parent: Table | undefined, merely: boolean): readonly Column[] {
  const columns = parent?.columns ?? [];
  return merely ? columns.map(({ identity: _, ...column }) => column) : columns;
}

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

function hasConstraint(table: Table, name: string): boolean {
  return table.constraints.some((each) => each.name === name);
}

/** TableLikeOption bits (nodes/parsenodes.h). */
const LIKE = {
  constraints: 1 << 2,
  defaults: 1 << 3,
  generated: 1 << 4,
  identity: 1 << 5,
  indexes: 1 << 6,
  statistics: 1 << 7,
};

function copyLike(catalog: Catalog, scope: ApplyScope, key: string, like: TableLikeClause): Catalog {
  const sourceKey = keyOfRangeVar(catalog, scope, like.relation);
  const options = like.options ?? 0;
  const from = tableOf(catalog, sourceKey);
  const columns = from?.columns ?? columnsOfRelation(catalog, scope, sourceKey) ?? [];
  const known = from === undefined ? columns.length > 0 : from.complete;
  const copied = columns.map((each) => likeColumn({ notNull: false, ...each }, options, scope.path));
  let next = updateTable(catalog, key, (table) => ({
    ...table,
    complete: table.complete && known,
    columns: [...table.columns, ...copied],
    constraints: [
      ...table.constraints,
      ...(from?.constraints ?? []).filter(
        (each) => each.kind === 'notNull' || (each.kind === 'check' && (options & LIKE.constraints) !== 0),
      ),
    ],
  }));
  for (const { name, identity } of copied) {
    if (identity !== undefined) next = addOwnedSequence(next, scope, key, name);
  }
  if ((options & LIKE.statistics) !== 0) next = copyStatistics(next, scope, sourceKey, key);
  if ((options & LIKE.indexes) === 0) return next;
  for (const indexKey of from?.indexes ?? []) next = copyIndex(next, scope, key, indexKey, from);
  return next;
}

function copyIndex(
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

function likeColumn(column: Column, options: number, path: string): Column {
  const { default: itsDefault, identity, generated, ...rest } = column;
  return {
    ...rest,
    path,
    ...(itsDefault && (options & LIKE.defaults) !== 0 ? { default: itsDefault } : {}),
    ...(identity && (options & LIKE.identity) !== 0 ? { identity } : {}),
    ...(generated && (options & LIKE.generated) !== 0 ? { generated } : {}),
  };
}

function partitionKey(statement: CreateStmt): PartitionKey {
  const strategy = statement.partspec?.strategy;
  return {
    strategy:
      strategy === 'PARTITION_STRATEGY_LIST'
        ? 'list'
        : strategy === 'PARTITION_STRATEGY_HASH'
          ? 'hash'
          : 'range',
    columns: (statement.partspec?.partParams ?? []).map((node) =>
      'PartitionElem' in node ? node.PartitionElem.name : undefined,
    ),
  };
}

/** A column defined again over one that came from a parent: NOT NULL and defaults add up. */
function merged(old: Column, column: Column): Column {
  return {
    ...old,
    ...column,
    type: column.type ?? old.type,
    notNull: old.notNull === true || column.notNull,
  } as Column;
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
    ...(node.where_clause ? { predicate: expressionOf(node.where_clause) } : {}),
  };
  return [putIndex(catalog, index), keyOf(index)];
}

/** An IndexElem node as a value. */
export function indexElement(node: Node): IndexElement {
  if (!('IndexElem' in node)) return {};
  const { name, expr, collation, opclass } = node.IndexElem;
  return {
    ...(name === undefined ? {} : { column: name }),
    ...(expr === undefined ? {} : { expression: expressionOf(expr) }),
    ...(collation === undefined ? {} : { collation: stringsOf(collation).join('.') }),
    ...(opclass === undefined ? {} : { operatorClass: stringsOf(opclass).join('.') }),
  };
}

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
  };
}

/** The columns with those of the names NOT NULL. */
export function notNull(columns: readonly Column[], names: readonly string[]): readonly Column[] {
  return columns.map((column) => (names.includes(column.name) ? { ...column, notNull: true } : column));
}

/** The sequence of a serial or identity column: `table_column_seq`. A serial one's default takes its values. */
export function addOwnedSequence(catalog: Catalog, scope: ApplyScope, key: string, column: string): Catalog {
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  const name = generatedName(catalog, table.schema, table.name, column, 'seq', () => false);
  const sequence: Sequence = {
    kind: 'sequence',
    schema: table.schema,
    name,
    path: scope.path,
    ownedBy: { table: key, column },
  };
  const next = nextval(sequence);
  const given = updateTable(catalog, key, (old) => ({
    ...old,
    columns: old.columns.map((each) =>
      each.name === column && each.identity === undefined ? { ...each, default: next } : each,
    ),
  }));
  return putRelation(given, sequence);
}

/** `nextval('schema.name')`. */
function nextval({ schema, name }: Sequence): Expression {
  const funcname = [{ String: { sval: 'nextval' } }];
  return expressionOf({
    FuncCall: { funcname, args: [{ A_Const: { sval: { sval: `"${schema}"."${name}"` } } }] },
  });
}

/** The domain under a column's type, when the history made it. */
export function domainOf(catalog: Catalog, scope: ApplyScope, column: Column) {
  const type = column.type;
  if (type === undefined) return undefined;
  const definition = typeDefinition(catalog, scope, type.schema, type.name);
  return definition?.kind === 'domain' ? definition : undefined;
}
