import type { ColumnDef, Constraint as ConstraintNode } from '@pgsql/types';
import { foreignKeyOf } from '../catalog/addConstraint.ts';
import { type Catalog, constraintOf, indexOf, tableOf } from '../catalog/catalog.ts';
import { columnConstraints, isSerial } from '../catalog/defineTable.ts';
import { keyOfRangeVar, stringsOf } from '../catalog/resolve.ts';
import { columnNode, constraintNode, droppedConstraints, type Target } from './alterTarget.ts';
import { dropWith } from './dropped.ts';
import {
  checkForeignKey,
  dropReferencedSide,
  equalForeignKey,
  lockReferenced,
  validateForeignKey,
} from './foreignKeys.ts';
import { buildIndex, NEW_INDEX } from './indexes.ts';
import type { LockMode } from './lockMode.ts';
import { makeNotNull, notNullIsProved } from './notNull.ts';
import { indexesOf, isPartitioned, partitionTree, withStorage } from './relations.ts';

/** Adding a foreign key blocks writes; anything else would change what readers may rely on (AlterTableGetLockLevel). */
export function addConstraintLock(node: ConstraintNode | undefined): LockMode {
  return node?.contype === 'CONSTR_FOREIGN' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE';
}

/**
 * ADD CONSTRAINT, or with `column` the constraint that stands in a new column's definition. Since 18 the tables below are locked
 * whether it goes down to them or not (ATPrepCmd).
 */
export function addConstraint(
  target: Target,
  node = constraintNode(target.command),
  column?: ColumnDef,
): void {
  if (column === undefined && target.context.postgresVersion >= 18)
    target.to.lockAll(target.tree, target.lock);
  switch (node?.contype) {
    case 'CONSTR_CHECK':
      addCheck(target, node);
      break;
    case 'CONSTR_NOTNULL':
      // In a column's definition it is a property of the column; by itself a constraint of its own (18).
      if (column === undefined) addNotNull(target, node);
      break;
    case 'CONSTR_FOREIGN':
      addForeignKey(target, node, column);
      break;
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      addKey(target, node, column);
      break;
  }
}

/** Whether the rows that are there have to pass: not with NOT VALID, nor with NOT ENFORCED (18). */
function isChecked(node: ConstraintNode): boolean {
  return node.skip_validation !== true && node.is_enforced !== false;
}

function addCheck(target: Target, node: ConstraintNode): void {
  const tables = node.is_no_inherit ? [target.key] : target.tree;
  target.to.lockAll(tables, target.lock);
  if (!isChecked(node)) return;
  for (const table of withStorage(target.context.catalog, tables))
    target.to.scan(table, 'check', node.conname);
}

function addNotNull(target: Target, node: ConstraintNode): void {
  const { catalog } = target.context;
  const tables = node.is_no_inherit ? [target.key] : target.tree;
  target.to.lockAll(tables, target.lock);
  if (!isChecked(node)) return;
  const column = stringsOf(node.keys)[0] ?? '';
  for (const table of withStorage(catalog, tables)) {
    const proved = notNullIsProved(tableOf(catalog, table), column, droppedConstraints(target));
    if (!proved) target.to.scan(table, 'notNull', column);
  }
}

function addForeignKey(target: Target, node: ConstraintNode, column: ColumnDef | undefined): void {
  const { context, key, to } = target;
  const { catalog, scope } = context;
  const referenced = keyOfRangeVar(catalog, scope, node.pktable);
  to.lockAll(partitionTree(catalog, key), target.lock);
  lockReferenced(to, context, referenced);
  if (!isChecked(node) || (column !== undefined && !isFilled(target, column))) return;
  checkForeignKey(to, context, withoutOwnForeignKey(target, node, key), referenced, node.conname);
}

/** The tables below that do not have the same foreign key already; where they do, it is put in the new one's place. */
function withoutOwnForeignKey(target: Target, node: ConstraintNode, key: string): readonly string[] {
  const { context, to } = target;
  const { catalog } = context;
  const wanted = foreignKeyOf(catalog, context.scope, node);
  const own = equalForeignKey(catalog, key, wanted);
  if (own !== undefined && key !== target.key) {
    dropReferencedSide(to, context, own);
    return [];
  }
  const below = isPartitioned(catalog, key) ? (tableOf(catalog, key)?.children ?? []) : [];
  return [key, ...below.flatMap((child) => withoutOwnForeignKey(target, node, child))];
}

/**
 * Whether a new column may hold something else than NULL, so that its foreign key has to be checked: until 12 the
 * whole statement decides, which may add another foreign key or a default (transformAlterTableStmt, parse_utilcmd.c).
 */
function isFilled(target: Target, column: ColumnDef): boolean {
  if (target.context.postgresVersion >= 13) return hasDefault(column);
  return target.commands.some((command) => {
    if (constraintNode(command)?.contype === 'CONSTR_FOREIGN') return true;
    const definition = command.subtype === 'AT_AddColumn' ? columnNode(command) : undefined;
    return definition !== undefined && hasDefault(definition);
  });
}

function hasDefault(definition: ColumnDef): boolean {
  const given = columnConstraints(definition).some(
    (each) => each.contype === 'CONSTR_DEFAULT' || each.contype === 'CONSTR_GENERATED',
  );
  return given || isSerial(definition);
}

/**
 * A key is an index and, for a primary key, NOT NULL of its columns (index_check_primary_key, catalog/index.c). A partitioned table's gets a part on each partition
 * (DefineIndex, commands/indexcmds.c). USING INDEX takes over one that is there, renaming it to the constraint.
 */
function addKey(target: Target, node: ConstraintNode, column: ColumnDef | undefined): void {
  const { context, key, to } = target;
  const { catalog } = context;
  const backing = indexesOf(catalog, key).find((each) => indexOf(catalog, each)?.name === node.indexname);
  const columns =
    backing === undefined
      ? column === undefined
        ? stringsOf(node.keys)
        : [column.colname ?? '']
      : (indexOf(catalog, backing)?.elements ?? []).flatMap((each) => each.column ?? []);
  if (node.indexname === undefined) {
    const elements = columns.map((each) => ({ column: each }));
    buildIndex(to, context, key, { ...NEW_INDEX, unique: true, elements }, 'SHARE', node.conname);
  } else if (backing !== undefined && node.conname !== undefined && node.conname !== node.indexname) {
    to.lock(backing, 'SHARE UPDATE EXCLUSIVE');
  }
  if (node.contype !== 'CONSTR_PRIMARY' || column !== undefined) return;
  for (const name of columns) makeNotNull(target, name);
}

/**
 * ALTER CONSTRAINT of a partitioned table's foreign key goes down to the partitions. [NOT] ENFORCED (18) makes or drops
 * the triggers on both sides, and ENFORCED checks the rows.
 */
export function alterConstraint(target: Target): void {
  const { context, key, to, lock } = target;
  const { catalog } = context;
  const change =
    target.command.def && 'ATAlterConstraint' in target.command.def
      ? target.command.def.ATAlterConstraint
      : undefined;
  to.lockAll(partitionTree(catalog, key), lock);
  const constraint = constraintOf(tableOf(catalog, key), change?.conname ?? '');
  const referenced = constraint?.references?.table;
  if (!change?.alterEnforceability || referenced === undefined) return;
  to.lockAll(partitionTree(catalog, referenced), lock);
  if (change.is_enforced)
    checkForeignKey(to, context, partitionTree(catalog, key), referenced, constraint?.name);
}

/** VALIDATE CONSTRAINT: reads what NOT VALID left out; nothing when the constraint is valid already. */
export function validateConstraint(target: Target): void {
  const { context, key, to, lock } = target;
  const { catalog } = context;
  const name = target.command.name ?? '';
  const table = tableOf(catalog, key);
  const constraint = constraintOf(table, name);
  if (constraint === undefined) {
    const added = target.commands.map(constraintNode).find((each) => each?.conname === name);
    // NOT VALID and VALIDATE in one statement come to the same as neither.
    if (added !== undefined) addConstraint(target, { ...added, skip_validation: false });
    else if (table?.complete !== true) to.scan(key, 'check', name);
    return;
  }
  if (constraint.validated) return;
  if (constraint.kind === 'foreignKey') {
    validateForeignKey(to, context, key, constraint, lock);
    return;
  }
  to.lockAll(target.tree, lock);
  for (const each of withStorage(catalog, target.tree)) {
    if (constraintOf(tableOf(catalog, each), name)?.validated === true) continue;
    if (constraint.kind === 'check') to.scan(each, 'check', name);
    else to.scan(each, 'notNull', constraint.columns[0]);
  }
}

/** DROP CONSTRAINT: a key's index goes with it, and with CASCADE the foreign keys that stand on it. */
export function dropConstraint(target: Target): void {
  const { context, key, to } = target;
  const { catalog } = context;
  const constraint = constraintOf(tableOf(catalog, key), target.command.name ?? '');
  if (constraint === undefined) return;
  if (constraint.kind === 'check' || constraint.kind === 'notNull') {
    if (!constraint.noInherit)
      to.lockAll(target.tree.length > 1 ? target.tree : children(catalog, key), target.lock);
  } else to.lockAll(partitionTree(catalog, key), target.lock);
  if (constraint.references) to.lock(constraint.references.table, target.lock);
  dropWith(to, context, (cascade) => cascade.constraint(key, constraint.name));
}

/** ONLY leaves the constraint to the tables right below, as their own. */
function children(catalog: Catalog, key: string): readonly string[] {
  return tableOf(catalog, key)?.children ?? [];
}
