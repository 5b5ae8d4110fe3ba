import type {
  AlterTableCmd,
  AlterTableStmt,
  AlterTableType,
  ClusterStmt,
  ColumnDef,
  Constraint as ConstraintNode,
  Node,
  RoleSpec,
} from '@pgsql/types';
import { isPlaceholder } from '../sql/placeholders.ts';
import { addConstraint, constraintKind, notNull, withoutRedundantKeys } from './addConstraint.ts';
import { triggersForPartition } from './attachments.ts';
import { Cascade } from './cascade.ts';
import {
  type Catalog,
  type Column,
  type CompositeRelation,
  type Constraint,
  columnOf,
  constraintOf,
  type Index,
  indexOf,
  type Table,
  tableOf,
  tableTree,
} from './catalog.ts';
import { addColumn, columnFrom, givenConstraints, isSerial } from './defineTable.ts';
import { type ApplyScope, assumeTable, dependentsOf, keyOf, putRelation, updateTable } from './edit.ts';
import { expressionOf, isNullConstant } from './expression.ts';
import { partForeignKey, partIndex, takeFromPartitioned } from './indexCopies.ts';
import { addOwnedSequence } from './ownedSequence.ts';
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
  if (relation?.kind === 'compositeType') return alterComposite(next, scope, relation, statement);
  for (const command of inPasses(statement)) {
    if (relation?.kind === 'index') next = alterIndex(next, scope, relation, command);
    else next = alterCommand(next, scope, key, command, only);
  }
  return next;
}

/** The commands in the order in which they run: drops, then types, then new columns, whatever was written first (AT_PASS_…). */
function inPasses(statement: AlterTableStmt): readonly AlterTableCmd[] {
  const commands = (statement.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  );
  if (commands.length < 2) return commands;
  const pass = ({ subtype = 'AT_AddColumn' }: AlterTableCmd): number => {
    const found = PASSES.findIndex((each) => each.includes(subtype));
    return found < 0 ? PASSES.length : found;
  };
  return [...commands].sort((a, b) => pass(a) - pass(b));
}

const PASSES: readonly (readonly AlterTableType[])[] = [
  ['AT_DropColumn', 'AT_DropConstraint', 'AT_DropNotNull', 'AT_DropExpression', 'AT_DropIdentity'],
  ['AT_AlterColumnType'],
  ['AT_AddColumn'],
  ['AT_SetExpression'],
  ['AT_SetNotNull', 'AT_AddIdentity', 'AT_SetIdentity', 'AT_ColumnDefault'],
  ['AT_AddConstraint'],
];

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
      return withoutRedundantKeys(givenConstraints(definition)).reduce(
        (next, { node, column }) => addToTree(next, scope, key, tree, node, column),
        addColumnToTree(catalog, scope, tree, definition),
      );
    }
    case 'AT_DropColumn':
      return dropColumn(catalog, scope, tree, name);
    case 'AT_ColumnDefault': {
      // DEFAULT NULL is none (AddRelationNewConstraints, catalog/heap.c).
      const isNone = command.def === undefined || isNullConstant(command.def);
      const itsDefault = isNone || command.def === undefined ? undefined : expressionOf(command.def);
      return eachColumn(({ default: _, ...column }) =>
        itsDefault ? { ...column, default: itsDefault } : column,
      );
    }
    case 'AT_SetNotNull':
      return eachColumn((column) => ({ ...column, notNull: true }));
    case 'AT_DropNotNull':
      return tree.reduce(
        (next, table) => updateTable(next, table, (old) => withoutNotNull(old, name)),
        eachColumn((column) => ({ ...column, notNull: false })),
      );
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
    case 'AT_SetIdentity': {
      const identity = identityGiven(command.def);
      return identity === undefined ? catalog : eachColumn((column) => ({ ...column, identity }));
    }
    case 'AT_DropIdentity': {
      const cascade = new Cascade(
        eachColumn(({ identity: _, ...column }) => column),
        scope,
      );
      for (const [sequence, each] of dependentsOf(catalog, key)) {
        if (each.kind === 'sequence' && each.ownedBy?.column === name) cascade.relation(sequence);
      }
      return cascade.catalog;
    }
    case 'AT_AddConstraint':
      return command.def !== undefined && 'Constraint' in command.def
        ? addToTree(catalog, scope, key, tree, command.def.Constraint)
        : catalog;
    case 'AT_ValidateConstraint':
      return tree.reduce((next, table) => validate(next, table, name), catalog);
    case 'AT_DropConstraint':
      return dropConstraint(catalog, scope, key, tree, name);
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

/** A new column in a table and those below it. A serial's sequence is the first one's; the others take values from it. */
function addColumnToTree(
  catalog: Catalog,
  scope: ApplyScope,
  tree: readonly string[],
  definition: ColumnDef,
): Catalog {
  const [top = '', ...below] = tree;
  const first = addColumn(catalog, scope, top, definition);
  const itsDefault = columnOf(tableOf(first, top), definition.colname ?? '')?.default;
  return below.reduce((next, table) => {
    const added = addColumn(next, scope, table, definition, false);
    if (itsDefault === undefined || !isSerial(definition)) return added;
    return updateTable(added, table, (old) =>
      changeColumn(old, definition.colname ?? '', (column) => ({ ...column, default: itsDefault })),
    );
  }, first);
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

function withoutNotNull(table: Table, column: string): Table {
  const which = (each: Constraint): boolean => each.kind === 'notNull' && each.columns[0] === column;
  return table.constraints.some(which)
    ? { ...table, constraints: table.constraints.filter((each) => !which(each)) }
    : table;
}

/** SET GENERATED ALWAYS or BY DEFAULT, among the options of an identity column. */
function identityGiven(options: Node | undefined): Column['identity'] {
  const list = options !== undefined && 'List' in options ? (options.List.items ?? []) : [];
  const given = list.find((each) => 'DefElem' in each && each.DefElem.defname === 'generated');
  const code =
    given && 'DefElem' in given && given.DefElem.arg && 'Integer' in given.DefElem.arg
      ? given.DefElem.arg.Integer.ival
      : undefined;
  // ATTRIBUTE_IDENTITY_ALWAYS and _BY_DEFAULT are the letters a and d (catalog/pg_attribute.h).
  return code === undefined ? undefined : code === 97 ? 'always' : 'byDefault';
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

/**
 * ADD CONSTRAINT: a check or NOT NULL goes down to all tables below, a primary key makes their columns NOT NULL, and
 * partitions have their share of keys and foreign keys. With `column` the one in a new column's definition.
 */
function addToTree(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  tree: readonly string[],
  node: ConstraintNode,
  column?: string,
): Catalog {
  const next = addConstraint(catalog, scope, key, node, column);
  const table = tableOf(next, key);
  const added = table?.constraints.at(-1);
  if (next === catalog || table === undefined || added === undefined || constraintKind(node) === undefined)
    return next;
  const below = tree.filter((each) => each !== key);
  if (added.kind === 'check' || added.kind === 'notNull') {
    return added.noInherit
      ? next
      : below.reduce((rest, each) => updateTable(rest, each, (old) => inheriting(old, added)), next);
  }
  const columns = added.kind === 'primaryKey' ? added.columns : [];
  const required = below.reduce(
    (rest, each) => updateTable(rest, each, (old) => ({ ...old, columns: notNull(old.columns, columns) })),
    next,
  );
  if (table.partitionBy === undefined) return required;
  const index = added.index;
  return table.children.reduce(
    (rest, child) =>
      index === undefined ? partForeignKey(rest, child, added) : partIndex(rest, scope, index, child),
    required,
  );
}

/** A table below with what it inherits: its own constraint of the name is merged with it. */
function inheriting(table: Table, constraint: Constraint): Table {
  const others = table.constraints.filter((each) => each.name !== constraint.name);
  const proves = constraint.kind === 'notNull' && constraint.validated;
  return {
    ...table,
    constraints: [...others, { ...constraint, inherited: true }],
    columns: proves ? notNull(table.columns, constraint.columns) : table.columns,
  };
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

function dropColumn(catalog: Catalog, scope: ApplyScope, tree: readonly string[], name: string): Catalog {
  const cascade = new Cascade(catalog, scope);
  for (const table of tree) cascade.column(table, name);
  return cascade.catalog;
}

/** DROP CONSTRAINT: what the tables below have of it goes too; with ONLY it becomes their own. */
function dropConstraint(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  tree: readonly string[],
  name: string,
): Catalog {
  // Whichever it is, none of them is sure to be there any longer.
  if (isPlaceholder(name)) return tree.reduce(withOpenNames, catalog);
  const cascade = new Cascade(catalog, scope);
  for (const table of tree) {
    if (table === key || constraintOf(tableOf(cascade.catalog, table), name)?.inherited)
      cascade.constraint(table, name);
  }
  return cascade.catalog;
}

function withOpenNames(catalog: Catalog, key: string): Catalog {
  return updateTable(catalog, key, (table) => ({
    ...table,
    constraints: table.constraints.map((each) => ({ ...each, nameIsOpen: true })),
  }));
}

function alterConstraint(catalog: Catalog, key: string, command: AlterTableCmd): Catalog {
  const change =
    command.def && 'ATAlterConstraint' in command.def ? command.def.ATAlterConstraint : undefined;
  if (change === undefined) return catalog;
  return updateTable(catalog, key, (table) => ({
    ...table,
    constraints: table.constraints.map((each) => {
      if (each.name !== change.conname) return each;
      const { deferrable = false, initdeferred = false, is_enforced = false } = change;
      return {
        ...each,
        ...(change.alterDeferrability ? { deferrable, deferred: initdeferred } : {}),
        // What is not enforced is not known to hold; ENFORCED looks at every row.
        ...(change.alterEnforceability ? { enforced: is_enforced, validated: is_enforced } : {}),
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
    triggers: [...table.triggers, ...triggersForPartition(tableOf(next, key))],
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
  return takeFromPartitioned(next, scope, key, child);
}

function detachPartition(catalog: Catalog, scope: ApplyScope, key: string, command: AlterTableCmd): Catalog {
  const partition = command.def && 'PartitionCmd' in command.def ? command.def.PartitionCmd : undefined;
  const child = keyOfRangeVar(catalog, scope, partition?.name);
  const detached = updateTable(catalog, child, ({ partitionOf: _, ...table }) => ({
    ...table,
    constraints: table.constraints.map((each) => (each.inherited ? { ...each, inherited: false } : each)),
  }));
  const leaving = tableOf(catalog, child)?.triggers.filter((each) => each.inherited) ?? [];
  const names = new Set(leaving.map((each) => each.name));
  let next = tableTree(detached, child).reduce((rest, each) => withoutTriggers(rest, each, names), detached);
  next = updateTable(next, key, (table) => ({
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

/** A partition that leaves loses the copies of its table's triggers, and so do those below it. */
function withoutTriggers(catalog: Catalog, key: string, names: ReadonlySet<string>): Catalog {
  return updateTable(catalog, key, (table) => ({
    ...table,
    triggers: table.triggers.filter((each) => !each.inherited || !names.has(each.name)),
  }));
}

/** ALTER TYPE … ADD, DROP, ALTER ATTRIBUTE; with CASCADE, and only then allowed, the tables OF the type follow. */
function alterComposite(
  catalog: Catalog,
  scope: ApplyScope,
  composite: CompositeRelation,
  statement: AlterTableStmt,
): Catalog {
  const key = keyOf(composite);
  let next = catalog;
  let columns = composite.columns;
  for (const command of inPasses(statement)) {
    const node = command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
    const column = node === undefined ? undefined : columnFrom(catalog, scope, node);
    if (command.subtype === 'AT_AddColumn' && column !== undefined) columns = [...columns, column];
    else if (command.subtype === 'AT_DropColumn')
      columns = columns.filter((each) => each.name !== command.name);
    else if (command.subtype === 'AT_AlterColumnType' && column?.type !== undefined) {
      const type = column.type;
      columns = columns.map((each) => (each.name === command.name ? { ...each, type } : each));
    }
    for (const [table, each] of dependentsOf(catalog, key)) {
      if (each.kind === 'table' && each.ofType === key)
        next = alterCommand(next, scope, table, command, true);
    }
  }
  return putRelation(next, { ...composite, columns });
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
