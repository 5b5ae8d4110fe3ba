import type { ColumnDef, Constraint as ConstraintNode, CreateStmt } from '@pgsql/types';
import { addConstraint, type GivenConstraint, isEnforced, withoutRedundantKeys } from './addConstraint.ts';
import { triggersForPartition } from './attachments.ts';
import { type Catalog, type Column, type PartitionKey, type Table, tableOf } from './catalog.ts';
import { type ApplyScope, assumedTable, putRelation, updateTable } from './edit.ts';
import { expressionOf, isNullConstant } from './expression.ts';
import { takeFromPartitioned } from './indexCopies.ts';
import { copyLike } from './like.ts';
import { addOwnedSequence } from './ownedSequence.ts';
import {
  keyForNewRelation,
  keyOfRangeVar,
  objectKeyParts,
  qualified,
  stringsOf,
  typeDefinition,
  typeKey,
  typeNameOf,
} from './resolve.ts';

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
  const given = elements.flatMap((element): readonly GivenConstraint[] => {
    if ('ColumnDef' in element) return givenConstraints(element.ColumnDef);
    if (!('Constraint' in element)) return [];
    return [{ node: server === undefined ? withoutRows(element.Constraint) : element.Constraint }];
  });
  for (const { node, column } of withoutRedundantKeys(given)) {
    next = addConstraint(next, scope, key, node, column);
  }
  return next;
}

/**
 * A new table has no rows that could fail: NOT VALID says nothing there (transformCheckConstraints and
 * transformFKConstraints, parser/parse_utilcmd.c). The rows of a foreign table are elsewhere.
 */
function withoutRows(node: ConstraintNode): ConstraintNode {
  return isEnforced(node) ? { ...node, skip_validation: false } : node;
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

/** The constraints that a column's definition carries: PRIMARY KEY, UNIQUE, CHECK, REFERENCES. */
export function givenConstraints(definition: ColumnDef): readonly GivenConstraint[] {
  return columnConstraints(definition).map((node) => ({ node, column: definition.colname }));
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

/** Whether a type name is one of Postgres's shorthands for an integer with a sequence. */
export function isSerial(definition: ColumnDef): boolean {
  return shorthandOf(definition) !== undefined;
}

/** The type, as SQL, that serial or its like stands for; undefined for others. */
export function integerOfSerial(type: string): string | undefined {
  return SERIALS.get(type)?.written;
}

function shorthandOf(definition: ColumnDef) {
  const [name = '', ...others] = stringsOf(definition.typeName?.names);
  return others.length === 0 ? SERIALS.get(name) : undefined;
}

const SMALLINT = { name: 'int2', written: 'smallint' };
const INTEGER = { name: 'int4', written: 'integer' };
const BIGINT = { name: 'int8', written: 'bigint' };

/** parse_utilcmd.c, transformColumnDefinition: the shorthand and the type it stands for. */
const SERIALS: ReadonlyMap<string, { readonly name: string; readonly written: string }> = new Map([
  ['smallserial', SMALLINT],
  ['serial2', SMALLINT],
  ['serial', INTEGER],
  ['serial4', INTEGER],
  ['bigserial', BIGINT],
  ['serial8', BIGINT],
]);

/** A column as its definition says, DEFAULT, NOT NULL, IDENTITY and GENERATED included. */
export function columnFrom(catalog: Catalog, scope: ApplyScope, definition: ColumnDef): Column {
  const serial = shorthandOf(definition);
  const type = serial
    ? { name: serial.name, modifiers: [], array: false }
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

/** The domain under a column's type, when the history made it. */
export function domainOf(catalog: Catalog, scope: ApplyScope, column: Column) {
  const type = column.type;
  if (type === undefined) return undefined;
  const definition = typeDefinition(catalog, scope, type.schema, type.name);
  return definition?.kind === 'domain' ? definition : undefined;
}
