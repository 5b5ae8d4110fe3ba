import type {
  AlterTableCmd,
  AlterTableStmt,
  ClusterStmt,
  Constraint as ConstraintNode,
  RoleSpec,
} from '@pgsql/types';
import {
  type Catalog,
  type Column,
  constraintOf,
  type Index,
  indexOf,
  type Table,
  tableOf,
  tableTree,
} from './catalog.ts';
import {
  addColumn,
  addColumnConstraints,
  addConstraint,
  addOwnedSequence,
  constraintKind,
  copyParentIndexes,
} from './defineTable.ts';
import { type ApplyScope, assumeTable, keyOf, putRelation, removeRelation, updateTable } from './edit.ts';
import { columnsIn, expressionOf } from './expression.ts';
import { keyOfRangeVar, qualified, stringsOf, typeKey, typeNameOf } from './resolve.ts';

/** Applies ALTER TABLE (also ALTER INDEX and VIEW where they share its commands), command by command. */
export function alterTable(catalog: Catalog, scope: ApplyScope, statement: AlterTableStmt): Catalog {
  const key = keyOfRangeVar(catalog, scope, statement.relation);
  let next = catalog;
  if (!catalog.relations.has(key)) {
    if (statement.missing_ok || statement.objtype !== 'OBJECT_TABLE') return catalog;
    next = assumeTable(catalog, key);
  }
  const relation = next.relations.get(key);
  const only = statement.relation?.inh !== true;
  for (const node of statement.cmds ?? []) {
    if (!('AlterTableCmd' in node)) continue;
    if (relation?.kind === 'index') next = alterIndex(next, scope, relation, node.AlterTableCmd);
    else next = alterCommand(next, scope, key, node.AlterTableCmd, only);
  }
  return next;
}

/** What one ALTER TABLE command does to the table `key` (and to the tables below it, unless ONLY). */
function alterCommand(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  command: AlterTableCmd,
  only: boolean,
): Catalog {
  const name = command.name ?? '';
  const definition =
    command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
  const tree = only ? [key] : tableTree(catalog, key);
  const eachColumn = (change: (column: Column) => Column): Catalog =>
    tree.reduce((next, table) => updateTable(next, table, (old) => changeColumn(old, name, change)), catalog);

  switch (command.subtype) {
    case 'AT_AddColumn': {
      if (definition === undefined) return catalog;
      if (command.missing_ok && hasColumn(catalog, key, definition.colname)) return catalog;
      const added = tree.reduce((next, table) => addColumn(next, scope, table, definition), catalog);
      return addColumnConstraints(added, scope, key, definition);
    }
    case 'AT_DropColumn':
      return tree.reduce((next, table) => dropColumn(next, scope, table, name), catalog);
    case 'AT_ColumnDefault': {
      const itsDefault = command.def === undefined ? undefined : expressionOf(command.def);
      return eachColumn(({ default: _, ...column }) =>
        itsDefault ? { ...column, default: itsDefault } : column,
      );
    }
    case 'AT_SetNotNull':
      return eachColumn((column) => ({ ...column, notNull: true }));
    case 'AT_DropNotNull': {
      const dropped = eachColumn((column) => ({ ...column, notNull: false }));
      return tree.reduce(
        (next, table) => dropConstraints(next, table, (c) => c.kind === 'notNull' && c.columns[0] === name),
        dropped,
      );
    }
    case 'AT_AlterColumnType': {
      const type = typeNameOf(catalog, scope, definition?.typeName);
      const collation = stringsOf(definition?.collClause?.collname).join('.');
      return eachColumn(({ collation: _, ...column }) => ({
        ...column,
        ...(type === undefined ? {} : { type }),
        ...(collation === '' ? {} : { collation }),
      }));
    }
    case 'AT_SetExpression':
      return eachColumn((column) =>
        column.generated && command.def
          ? { ...column, generated: { ...column.generated, expression: expressionOf(command.def) } }
          : column,
      );
    case 'AT_DropExpression':
      return eachColumn(({ generated: _, ...column }) => column);
    case 'AT_AddIdentity': {
      const constraint =
        command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : undefined;
      const identity = constraint?.generated_when === 'a' ? 'always' : 'byDefault';
      return addOwnedSequence(
        eachColumn((column) => ({ ...column, identity })),
        scope,
        key,
        name,
      );
    }
    case 'AT_DropIdentity':
      return eachColumn(({ identity: _, ...column }) => column);
    case 'AT_AddConstraint':
      return addTableConstraint(catalog, scope, key, tree, command.def);
    case 'AT_ValidateConstraint':
      return tree.reduce((next, table) => validate(next, table, name), catalog);
    case 'AT_DropConstraint':
      return tree.reduce(
        (next, table) => dropNamedConstraint(next, scope, table, name, table === key),
        catalog,
      );
    case 'AT_AlterConstraint':
      return alterConstraint(catalog, key, command);
    case 'AT_AttachPartition':
      return attachPartition(catalog, scope, key, command);
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize':
      return detachPartition(catalog, scope, key, command);
    default:
      return alterProperty(catalog, scope, key, command);
  }
}

/** Commands that change a property of the table itself. */
function alterProperty(catalog: Catalog, scope: ApplyScope, key: string, command: AlterTableCmd): Catalog {
  const set = (change: Partial<Table>): Catalog =>
    updateTable(catalog, key, (table) => ({ ...table, ...change }));
  switch (command.subtype) {
    case 'AT_SetLogged':
      return set({ persistence: 'permanent' });
    case 'AT_SetUnLogged':
      return set({ persistence: 'unlogged' });
    case 'AT_SetAccessMethod':
      return set({ accessMethod: command.name ?? 'heap' });
    case 'AT_SetTableSpace':
      return set({ tablespace: command.name ?? 'pg_default' });
    case 'AT_ClusterOn':
      return setClusteredOn(catalog, key, command.name);
    case 'AT_DropCluster':
      return setClusteredOn(catalog, key, undefined);
    case 'AT_ChangeOwner':
      return setOwner(catalog, key, command.newowner);
    case 'AT_DisableRule':
      return switchRule(catalog, key, command.name, false);
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
      return switchRule(catalog, key, command.name, true);
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      return switchTriggers(catalog, key, command.name, false);
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
      return switchTriggers(catalog, key, command.name, true);
    case 'AT_EnableRowSecurity':
      return set({ rowSecurity: true });
    case 'AT_DisableRowSecurity':
      return set({ rowSecurity: false });
    case 'AT_ReplicaIdentity': {
      const identity =
        command.def && 'ReplicaIdentityStmt' in command.def ? command.def.ReplicaIdentityStmt : undefined;
      return set({ replicaIdentity: `${identity?.identity_type ?? ''}${identity?.name ?? ''}` });
    }
    case 'AT_AddInherit':
    case 'AT_DropInherit': {
      const parent =
        command.def && 'RangeVar' in command.def ? keyOfRangeVar(catalog, scope, command.def.RangeVar) : '';
      const adding = command.subtype === 'AT_AddInherit';
      const own = updateTable(catalog, key, (table) => ({
        ...table,
        inherits: adding ? [...table.inherits, parent] : table.inherits.filter((each) => each !== parent),
      }));
      return updateTable(own, parent, (table) => ({
        ...table,
        children: adding ? [...table.children, key] : table.children.filter((each) => each !== key),
      }));
    }
    case 'AT_AddOf': {
      const names = command.def && 'TypeName' in command.def ? stringsOf(command.def.TypeName.names) : [];
      const { schema, name } = qualified(names);
      return set({ ofType: typeKey(catalog, scope, schema, name) });
    }
    case 'AT_DropOf':
      return updateTable(catalog, key, ({ ofType: _, ...table }) => table);
    default:
      return catalog;
  }
}

function switchRule(catalog: Catalog, key: string, name: string | undefined, enabled: boolean): Catalog {
  return updateTable(catalog, key, (table) => ({
    ...table,
    rules: table.rules.map((each) => (each.name === name ? { ...each, enabled } : each)),
  }));
}

/** Without a name all of them. */
function switchTriggers(catalog: Catalog, key: string, name: string | undefined, enabled: boolean): Catalog {
  return updateTable(catalog, key, (table) => ({
    ...table,
    triggers: table.triggers.map((each) =>
      name === undefined || each.name === name ? { ...each, enabled } : each,
    ),
  }));
}

/** The role that a relation belongs to from now on. */
export function setOwner(catalog: Catalog, key: string, role: RoleSpec | undefined): Catalog {
  const relation = catalog.relations.get(key);
  if (relation === undefined || relation.kind === 'index' || relation.kind === 'compositeType')
    return catalog;
  const { owner: _, ...rest } = relation;
  const owner = role?.roletype === 'ROLESPEC_CSTRING' ? role.rolename : undefined;
  return putRelation(catalog, owner === undefined ? rest : { ...rest, owner });
}

/** CLUSTER … USING remembers the index, as ALTER TABLE … CLUSTER ON does. */
export function clusterBy(catalog: Catalog, scope: ApplyScope, statement: ClusterStmt): Catalog {
  if (statement.indexname === undefined) return catalog;
  return setClusteredOn(catalog, keyOfRangeVar(catalog, scope, statement.relation), statement.indexname);
}

function setClusteredOn(catalog: Catalog, key: string, index: string | undefined): Catalog {
  const relation = catalog.relations.get(key);
  if (relation?.kind !== 'table' && relation?.kind !== 'materializedView') return catalog;
  const { clusteredOn: _, ...rest } = relation;
  const found = relation.indexes.find((each) => indexOf(catalog, each)?.name === index);
  return putRelation(catalog, found === undefined ? rest : { ...rest, clusteredOn: found });
}

function hasColumn(catalog: Catalog, key: string, name: string | undefined): boolean {
  return tableOf(catalog, key)?.columns.some((column) => column.name === name) ?? false;
}

/** Changes a column; one that the history does not show yet is taken up with what the change says of it. */
function changeColumn(table: Table, name: string, change: (column: Column) => Column): Table {
  if (table.columns.some((column) => column.name === name)) {
    return {
      ...table,
      columns: table.columns.map((column) => (column.name === name ? change(column) : column)),
    };
  }
  return table.complete
    ? table
    : { ...table, columns: [...table.columns, change({ name, notNull: undefined })] };
}

/** The column goes, with every constraint and index that names it (performMultipleDeletions follows pg_depend). */
function dropColumn(catalog: Catalog, scope: ApplyScope, key: string, name: string): Catalog {
  const table = tableOf(catalog, key);
  if (table === undefined) return catalog;
  let next = catalog;
  for (const indexKey of table.indexes) {
    const index = indexOf(next, indexKey);
    if (index && indexUses(index, name))
      next = removeRelation(next, indexKey, { how: 'dropped', path: scope.path });
  }
  next = dropConstraints(next, key, (constraint) => constraint.columns.includes(name));
  for (const [sequenceKey, relation] of next.relations.entries()) {
    const owner = relation.kind === 'sequence' ? relation.ownedBy : undefined;
    if (owner?.table === key && owner.column === name) {
      next = removeRelation(next, sequenceKey, { how: 'dropped', path: scope.path });
    }
  }
  return updateTable(next, key, (old) => ({
    ...old,
    columns: old.columns.filter((each) => each.name !== name),
  }));
}

/** Whether an index has the column among its keys, its included columns, its expressions or its predicate. */
export function indexUses(index: Index, column: string): boolean {
  return (
    index.elements.some(
      (each) => each.column === column || columnsIn(each.expression?.node).includes(column),
    ) ||
    index.include.includes(column) ||
    columnsIn(index.predicate?.node).includes(column)
  );
}

function dropConstraints(
  catalog: Catalog,
  key: string,
  which: (constraint: Table['constraints'][number]) => boolean,
): Catalog {
  return updateTable(catalog, key, (table) =>
    table.constraints.some(which)
      ? { ...table, constraints: table.constraints.filter((each) => !which(each)) }
      : table,
  );
}

/** ADD CONSTRAINT: checks and NOT NULL go down to the tables below; keys go to partitions as their own. */
function addTableConstraint(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  tree: readonly string[],
  definition: AlterTableCmd['def'],
): Catalog {
  const node: ConstraintNode | undefined =
    definition && 'Constraint' in definition ? definition.Constraint : undefined;
  if (node === undefined) return catalog;
  const kind = constraintKind(node);
  let next = addConstraint(catalog, scope, key, node);
  const added = tableOf(next, key)?.constraints.at(-1);
  if (added === undefined) return next;
  for (const below of tree.slice(1)) {
    if (
      kind === 'check' ||
      kind === 'notNull' ||
      (kind === 'foreignKey' && tableOf(next, below)?.partitionOf)
    ) {
      next = updateTable(next, below, (table) => ({
        ...table,
        constraints: [...table.constraints, { ...added, inherited: true }],
        columns:
          kind === 'notNull' && added.validated
            ? table.columns.map((c) => (added.columns.includes(c.name) ? { ...c, notNull: true } : c))
            : table.columns,
      }));
    } else if (added.index !== undefined) {
      next = copyParentIndexes(next, scope, key, below);
    }
  }
  return next;
}

function validate(catalog: Catalog, key: string, name: string): Catalog {
  const constraint = constraintOf(tableOf(catalog, key), name);
  if (constraint === undefined) return catalog;
  return updateTable(catalog, key, (table) => ({
    ...table,
    constraints: table.constraints.map((each) => (each.name === name ? { ...each, validated: true } : each)),
    columns:
      constraint.kind === 'notNull'
        ? table.columns.map((c) => (constraint.columns.includes(c.name) ? { ...c, notNull: true } : c))
        : table.columns,
  }));
}

function dropNamedConstraint(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  name: string,
  own: boolean,
): Catalog {
  const constraint = constraintOf(tableOf(catalog, key), name);
  if (constraint === undefined || (!own && !constraint.inherited)) return catalog;
  let next = catalog;
  if (constraint.index !== undefined) {
    next = removeRelation(next, constraint.index, { how: 'dropped', path: scope.path });
  }
  next = dropConstraints(next, key, (each) => each.name === name);
  if (constraint.kind === 'primaryKey' || constraint.kind === 'unique') {
    // CASCADE takes the foreign keys that reference it; without CASCADE the statement fails while there are any.
    next = dropForeignKeysTo(next, key, constraint.columns);
  }
  if (constraint.kind !== 'notNull') return next;
  return updateTable(next, key, (table) => ({
    ...table,
    columns: table.columns.map((c) => (constraint.columns.includes(c.name) ? { ...c, notNull: false } : c)),
  }));
}

function dropForeignKeysTo(catalog: Catalog, key: string, columns: readonly string[]): Catalog {
  let next = catalog;
  for (const [other, relation] of catalog.relations.entries()) {
    if (relation.kind !== 'table') continue;
    if (!relation.constraints.some((each) => each.references?.table === key)) continue;
    next = dropConstraints(
      next,
      other,
      (each) => each.references?.table === key && each.references.columns.join() === columns.join(),
    );
  }
  return next;
}

function alterConstraint(catalog: Catalog, key: string, command: AlterTableCmd): Catalog {
  const change =
    command.def && 'ATAlterConstraint' in command.def ? command.def.ATAlterConstraint : undefined;
  if (change === undefined) return catalog;
  return updateTable(catalog, key, (table) => ({
    ...table,
    constraints: table.constraints.map((each) => {
      if (each.name !== change.conname) return each;
      return {
        ...each,
        deferrable: change.alterDeferrability ? change.deferrable === true : each.deferrable,
        enforced: change.alterEnforceability ? change.is_enforced === true : each.enforced,
      };
    }),
  }));
}

function attachPartition(catalog: Catalog, scope: ApplyScope, key: string, command: AlterTableCmd): Catalog {
  const partition = command.def && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
  if (partition === undefined) return catalog;
  const child = keyOfRangeVar(catalog, scope, partition.name);
  const bound = partition.bound;
  let next = assumeTable(assumeTable(catalog, key), child);
  next = updateTable(next, child, (table) => ({
    ...table,
    partitionOf: {
      parent: key,
      bound:
        bound === undefined || bound.is_default ? 'default' : expressionOf({ PartitionBoundSpec: bound }),
    },
  }));
  next = updateTable(next, key, (table) => ({
    ...table,
    children: [...table.children.filter((each) => each !== child), child],
    partitionBy: table.partitionBy ?? { strategy: 'range', columns: [] },
  }));
  return copyParentIndexes(next, scope, key, child);
}

function detachPartition(catalog: Catalog, scope: ApplyScope, key: string, command: AlterTableCmd): Catalog {
  const partition = command.def && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
  const child = keyOfRangeVar(catalog, scope, partition?.name);
  const detached = updateTable(catalog, child, ({ partitionOf: _, ...table }) => ({
    ...table,
    constraints: table.constraints.map((each) => (each.inherited ? { ...each, inherited: false } : each)),
  }));
  let next = updateTable(detached, key, (table) => ({
    ...table,
    children: table.children.filter((each) => each !== child),
  }));
  for (const indexKey of tableOf(next, child)?.indexes ?? []) {
    const index = indexOf(next, indexKey);
    if (index?.attachedTo === undefined) continue;
    const { attachedTo: _, ...rest } = index;
    next = putRelation(next, rest);
  }
  return next;
}

/** ALTER INDEX … ATTACH PARTITION: the parent becomes valid once each partition of its table has a part of it. */
function alterIndex(catalog: Catalog, scope: ApplyScope, index: Index, command: AlterTableCmd): Catalog {
  if (command.subtype !== 'AT_AttachPartition' || !command.def || !('PartitionCmd' in command.def))
    return catalog;
  const part = indexOf(catalog, keyOfRangeVar(catalog, scope, command.def.PartitionCmd.name));
  if (part === undefined) return catalog;
  const parentKey = keyOf(index);
  const next = putRelation(catalog, { ...part, attachedTo: parentKey });
  const children = tableOf(next, index.table)?.children ?? [];
  const valid = children.every((child) =>
    tableOf(next, child)?.indexes.some((each) => {
      const own = indexOf(next, each);
      return own?.attachedTo === parentKey && own.valid;
    }),
  );
  return putRelation(next, { ...index, valid });
}
