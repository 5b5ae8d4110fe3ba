import type { AlterPolicyStmt, CreatePolicyStmt, CreateTrigStmt, RuleStmt } from '@pgsql/types';
import {
  type Catalog,
  type Policy,
  type RewriteRule,
  type Table,
  type Trigger,
  tableOf,
  tableTree,
} from './catalog.ts';
import { type ApplyScope, putRelation, updateTable } from './edit.ts';
import { columnsIn, expressionOf } from './expression.ts';
import { keyOfRangeVar, qualified, routineKey, stringsOf } from './resolve.ts';
import { usesOf } from './uses.ts';

/** CREATE TRIGGER. A row trigger of a partitioned table is made in each partition as well (CreateTriggerFiringOn). */
export function createTrigger(catalog: Catalog, scope: ApplyScope, statement: CreateTrigStmt): Catalog {
  const { relation, trigname = '', funcname } = statement;
  const key = keyOfRangeVar(catalog, scope, relation);
  const routine = qualified(stringsOf(funcname));
  const trigger: Trigger = {
    name: trigname,
    routine: routineKey(catalog, scope, routine.schema, routine.name),
    row: statement.row === true,
    timing: timingOf(statement),
    events: eventsOf(statement),
    columns: [...stringsOf(statement.columns), ...columnsIn(statement.whenClause)],
    enabled: true,
    inherited: false,
  };
  const tree =
    trigger.row && tableOf(catalog, key)?.partitionBy !== undefined ? tableTree(catalog, key) : [key];
  return tree.reduce(
    (next, each) => putTrigger(next, each, { ...trigger, inherited: each !== key }),
    catalog,
  );
}

/** TRIGGER_TYPE_BEFORE and TRIGGER_TYPE_INSTEAD (catalog/pg_trigger.h); AFTER has neither bit. */
function timingOf(statement: CreateTrigStmt): Trigger['timing'] {
  const bits = statement.timing ?? 0;
  return (bits & (1 << 6)) !== 0 ? 'insteadOf' : (bits & (1 << 1)) !== 0 ? 'before' : 'after';
}

/** TRIGGER_TYPE_… bits, catalog/pg_trigger.h. */
function eventsOf(statement: CreateTrigStmt): Trigger['events'] {
  const bits = statement.events ?? 0;
  return (['insert', 'delete', 'update', 'truncate'] as const).filter(
    (_, i) => (bits & (1 << (i + 2))) !== 0,
  );
}

function putTrigger(catalog: Catalog, key: string, trigger: Trigger): Catalog {
  const owner = catalog.relations.get(key);
  if (owner === undefined || !('triggers' in owner)) return catalog;
  return putRelation(catalog, { ...owner, triggers: replacing(owner.triggers, trigger) });
}

/** CREATE POLICY. */
export function createPolicy(catalog: Catalog, scope: ApplyScope, statement: CreatePolicyStmt): Catalog {
  const { policy_name: name = '', qual, with_check } = statement;
  const key = keyOfRangeVar(catalog, scope, statement.table);
  const policy: Policy = { name, ...usesOf(catalog, scope, [qual, with_check], key) };
  return updateTable(catalog, key, (table) => ({
    ...table,
    policies: replacing(table.policies, policy),
  }));
}

/** ALTER POLICY: what it does not name stays. */
export function alterPolicy(catalog: Catalog, scope: ApplyScope, statement: AlterPolicyStmt): Catalog {
  const { policy_name: name = '', qual, with_check } = statement;
  if (qual === undefined && with_check === undefined) return catalog;
  const key = keyOfRangeVar(catalog, scope, statement.table);
  const uses = usesOf(catalog, scope, [qual, with_check], key);
  return updateTable(catalog, key, (table) => ({
    ...table,
    policies: table.policies.map((each) => (each.name === name ? { ...each, ...uses } : each)),
  }));
}

const EVENTS: Readonly<Record<string, RewriteRule['event']>> = {
  CMD_SELECT: 'select',
  CMD_INSERT: 'insert',
  CMD_UPDATE: 'update',
  CMD_DELETE: 'delete',
};

/** CREATE RULE. */
export function createRule(catalog: Catalog, scope: ApplyScope, statement: RuleStmt): Catalog {
  const owner = catalog.relations.get(keyOfRangeVar(catalog, scope, statement.relation));
  if (owner === undefined || !('rules' in owner)) return catalog;
  const rule: RewriteRule = {
    name: statement.rulename ?? '',
    event: EVENTS[statement.event ?? ''] ?? 'select',
    instead: statement.instead === true,
    enabled: true,
    actions: (statement.actions ?? []).map(expressionOf),
    ...usesOf(catalog, scope, [statement.whereClause, ...(statement.actions ?? [])]),
  };
  return putRelation(catalog, { ...owner, rules: replacing(owner.rules, rule) });
}

function replacing<T extends { readonly name: string }>(all: readonly T[], one: T): readonly T[] {
  return [...all.filter((each) => each.name !== one.name), one];
}

/** What a new partition takes over from its parent (CloneRowTriggersToPartition, commands/tablecmds.c). */
export function triggersForPartition(parent: Table | undefined): readonly Trigger[] {
  return (parent?.triggers ?? []).filter((each) => each.row).map((each) => ({ ...each, inherited: true }));
}
