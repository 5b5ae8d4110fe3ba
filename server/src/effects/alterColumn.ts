import type { ColumnDef, Constraint as ConstraintNode, Node } from '@pgsql/types';
import { columnOf, type Index, indexOf, type Table, type TypeName, tableOf } from '../catalog/catalog.ts';
import { columnConstraints, isSerial } from '../catalog/defineTable.ts';
import { indexUses, isNullConstant } from '../catalog/expression.ts';
import { stringsOf, typeDefinition, typeNameOf } from '../catalog/resolve.ts';
import { columnNode, constraintNode, droppedConstraints, type Target } from './alterTarget.ts';
import { isConstrainedDomain, type TypeChange, typeChange } from './columnType.ts';
import { addConstraint } from './constraints.ts';
import { dropWith } from './dropped.ts';
import type { EffectContext } from './effect.ts';
import { remakeForeignKey } from './foreignKeys.ts';
import {
  foreignKeysOf,
  foreignKeysTo,
  hasStorage,
  indexesOf,
  ownedSequences,
  withStorage,
} from './relations.ts';
import { readBy } from './views.ts';
import { volatileFunction } from './volatility.ts';

/** Reads a table anew with everything in it. */
export function rewrite(target: Target, table: string): void {
  if (hasStorage(target.context.catalog, table))
    target.to.rewrite(table, indexesOf(target.context.catalog, table));
}

/**
 * ADD COLUMN. Since 11 a value that is the same for all rows is stored once (ATExecAddColumn and
 * AddRelationNewConstraints: attmissingval); one that is computed for each row is written into all of them.
 */
export function addColumn(target: Target): void {
  const definition = columnNode(target.command);
  if (definition === undefined) return;
  const { catalog } = target.context;
  const tables = target.tree.filter(
    (key) => columnOf(tableOf(catalog, key), definition.colname ?? '') === undefined,
  );
  // With IF NOT EXISTS it ends at the table that has the column.
  if (!tables.includes(target.key)) return;
  target.to.lockAll(target.tree, target.lock);
  const constraints = columnConstraints(definition);
  if (valueForEachRow(target, definition)) for (const table of tables) rewrite(target, table);
  else if (isRequired(definition, constraints) && !hasMissingValue(definition, constraints)) {
    for (const table of withStorage(catalog, tables)) target.to.scan(table, 'notNull', definition.colname);
  }
  for (const constraint of constraints) addConstraint(target, constraint, definition);
  // Evaluating a default runs the functions in it.
  readBy(defaultOf(definition, constraints), target.to, target.context);
}

/** Whether every row gets a value of its own, or is checked as the row is written. */
function valueForEachRow({ context }: Target, definition: ColumnDef): boolean {
  const constraints = columnConstraints(definition);
  const value = defaultOf(definition, constraints);
  const type = typeNameOf(context.catalog, context.scope, definition.typeName);
  return (
    isSerial(definition) ||
    constraints.some((each) => each.contype === 'CONSTR_IDENTITY') ||
    constraints.some((each) => each.contype === 'CONSTR_GENERATED' && each.generated_kind !== 'v') ||
    (value !== undefined && volatileFunction(context.catalog, context.scope, value) !== undefined) ||
    isConstrainedDomain(context, type) ||
    (value === undefined && context.postgresVersion >= 13 && hasVolatileDefault(context, type))
  );
}

/** Of a domain; 12 does not apply such a default to the rows that are there. */
function hasVolatileDefault(context: EffectContext, type: TypeName | undefined): boolean {
  const domain = type && typeDefinition(context.catalog, context.scope, type.schema, type.name);
  if (domain?.kind !== 'domain' || type?.array) return false;
  if (domain.default === undefined) return hasVolatileDefault(context, domain.base);
  return volatileFunction(context.catalog, context.scope, domain.default.node) !== undefined;
}

function isRequired(definition: ColumnDef, constraints: readonly ConstraintNode[]): boolean {
  const not = constraints.some(
    (each) => each.contype === 'CONSTR_NOTNULL' || each.contype === 'CONSTR_PRIMARY',
  );
  return not || definition.is_not_null === true;
}

function hasMissingValue(definition: ColumnDef, constraints: readonly ConstraintNode[]): boolean {
  const value = defaultOf(definition, constraints);
  return value !== undefined && !isNullConstant(value);
}

function defaultOf(definition: ColumnDef, constraints: readonly ConstraintNode[]): Node | undefined {
  return definition.raw_default ?? constraints.find((each) => each.contype === 'CONSTR_DEFAULT')?.raw_expr;
}

/** DROP COLUMN: what hangs on the column goes with it; the rows keep its bytes. */
export function dropColumn(target: Target): void {
  const { context, to, tree } = target;
  const name = target.command.name ?? '';
  const table = tableOf(context.catalog, target.key);
  if (target.command.missing_ok && table?.complete && columnOf(table, name) === undefined) return;
  // ONLY leaves the column to the tables below, which from then on have it by themselves.
  if (tree.length === 1) to.lockAll(table?.children ?? [], target.lock);
  dropWith(to, context, (cascade) => {
    for (const key of tree) cascade.column(key, name);
  });
}

function indexesUsing(
  catalog: Target['context']['catalog'],
  table: string,
  column: string,
): readonly string[] {
  return indexesOf(catalog, table).filter((key) => {
    const index = indexOf(catalog, key);
    return index !== undefined && indexUses(index, column);
  });
}

/** SET EXPRESSION of a stored generated column (17 and later) computes it again; a virtual one has nothing to write. */
export function remakeGenerated(target: Target): void {
  for (const key of target.tree) {
    const column = columnOf(tableOf(target.context.catalog, key), target.command.name ?? '');
    if (column?.generated?.kind !== 'virtual') rewrite(target, key);
  }
}

/**
 * ALTER COLUMN TYPE. What depends on the column's type (its indexes, checks and foreign keys) is dropped and made again
 * (ATPostAlterTypeCleanup, commands/tablecmds.c), even where the values stay as they are.
 */
export function alterColumnType(target: Target): void {
  const { context, tree } = target;
  const definition = columnNode(target.command);
  const type = typeNameOf(context.catalog, context.scope, definition?.typeName);
  if (definition === undefined || type === undefined) return;
  const name = target.command.name ?? '';
  const collation = stringsOf(definition.collClause?.collname).join('.');
  for (const key of tree) {
    const table = tableOf(context.catalog, key);
    const change = typeChange(
      context,
      columnOf(table, name),
      type,
      collation === '' ? undefined : collation,
      definition.raw_default,
    );
    if (change.cost === 'rewrite') rewrite(target, key);
    readBy(definition.raw_default, target.to, context);
    // An identity column's sequence takes the type too (transformAlterTableStmt).
    if (columnOf(table, name)?.identity)
      target.to.lockAll(ownedSequences(context.catalog, key, name), 'SHARE ROW EXCLUSIVE');
    remakeDependents(target, key, table, name, change);
  }
}

function remakeDependents(
  target: Target,
  key: string,
  table: Table | undefined,
  name: string,
  change: TypeChange,
): void {
  const { context, to } = target;
  const { catalog } = context;
  const written = change.cost === 'rewrite';
  const dropped = droppedConstraints(target);
  for (const each of indexesUsing(catalog, key, name)) {
    const index = indexOf(catalog, each);
    to.lock(each, 'ACCESS EXCLUSIVE');
    if (index === undefined || !hasStorage(catalog, key) || (!written && keepsFile(index, name, change)))
      continue;
    // The constraint that takes it over has one of its own name built in its place.
    if (isTakenOver(target, index.name)) to.drop(each);
    else to.reindex(each);
    to.scan(key, 'indexBuild', index.name);
  }
  for (const each of table?.constraints ?? []) {
    if (each.kind !== 'check' || !each.validated || !each.columns.includes(name) || dropped.has(each.name))
      continue;
    if (hasStorage(catalog, key)) to.scan(key, 'columnType', each.name);
  }
  const recheck = written || !change.sameOperators;
  for (const each of foreignKeysOf(catalog, key)) {
    if (each.columns.includes(name)) remakeForeignKey(to, context, { from: key, constraint: each }, recheck);
  }
  for (const each of foreignKeysTo(catalog, key, [name])) remakeForeignKey(to, context, each, recheck);
}

/** Whether the same statement makes the index a constraint's (USING INDEX), which renames it. */
function isTakenOver({ commands }: Target, index: string): boolean {
  return commands.some((each) => constraintNode(each)?.indexname === index);
}

/** Whether an index over a column whose values stay keeps its file (CheckIndexCompatible, commands/indexcmds.c). */
function keepsFile(index: Index, column: string, change: TypeChange): boolean {
  if (index.predicate !== undefined || index.elements.some((each) => each.column === undefined)) return false;
  // The parts of a partitioned table's index are built anew from their parent.
  if (index.attachedTo !== undefined) return false;
  return index.elements
    .filter((each) => each.column === column)
    .every((each) => {
      // Their entries have the type of the elements, so that it never is the column's.
      if (change.to.array && index.method === 'gin') return false;
      return change.sameOperators && (change.sameCollation || each.collation !== undefined);
    });
}
