import { type Trigger, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar, qualified, relationKey, stringsOf } from '../catalog/resolve.ts';
import { rewrite } from './alterColumn.ts';
import type { Target } from './alterTarget.ts';
import {
  foreignKeysOf,
  foreignKeysTo,
  hasStorage,
  indexesOf,
  ownedSequences,
  partitionTree,
} from './relations.ts';

/** SET LOGGED and SET UNLOGGED write the table anew, and look at the tables on the other side of its foreign keys. */
export function setPersistence(target: Target, persistence: 'permanent' | 'unlogged'): void {
  const { context, key, to } = target;
  const { catalog } = context;
  const now = tableOf(catalog, key)?.persistence;
  if (now === persistence || now === 'temporary') return;
  rewrite(target, key);
  // ATPrepChangePersistence: a logged table may not reference an unlogged one.
  if (persistence === 'permanent') {
    for (const each of foreignKeysOf(catalog, key))
      if (each.references) to.lock(each.references.table, 'ACCESS SHARE');
  } else {
    for (const each of foreignKeysTo(catalog, key)) to.lock(each.from, 'ACCESS SHARE');
  }
  // Since 15 sequences can be unlogged, and an owned one follows its table.
  if (context.postgresVersion >= 15) to.lockAll(ownedSequences(catalog, key), 'ACCESS EXCLUSIVE');
}

/** SET TABLESPACE copies the files, unless they are there already (ATExecSetTableSpace). */
export function setTablespace({ context, key, command, to }: Target): void {
  const relation = context.catalog.relations.get(key);
  const now =
    (relation !== undefined && 'tablespace' in relation ? relation.tablespace : undefined) ?? 'pg_default';
  if (command.name !== now && hasStorage(context.catalog, key)) to.copy(key);
}

/** SET ACCESS METHOD (15 and later) writes the table anew, unless it is its own already. */
export function setAccessMethod(target: Target): void {
  const now = tableOf(target.context.catalog, target.key)?.accessMethod ?? 'heap';
  if ((target.command.name ?? 'heap') !== now) rewrite(target, target.key);
}

/** OWNER TO goes on to indexes and owned sequences (ATExecChangeOwner). */
export function changeOwner({ context, key, command, to, lock }: Target): void {
  const role = command.newowner?.roletype;
  if (role !== 'ROLESPEC_CSTRING') return;
  to.lockAll(indexesOf(context.catalog, key), lock).lockAll(ownedSequences(context.catalog, key), lock);
}

/** ADD GENERATED … AS IDENTITY and SET: no row is touched. Since 17 partitions share their parent's. */
export function alterIdentity({ context, key, command, to, lock }: Target): void {
  if (context.postgresVersion >= 17) to.lockAll(partitionTree(context.catalog, key), lock);
  if (command.subtype === 'AT_SetIdentity') {
    to.lockAll(ownedSequences(context.catalog, key, command.name), 'SHARE ROW EXCLUSIVE');
  }
}

export function dropIdentity({ context, key, command, to, lock }: Target): void {
  if (context.postgresVersion >= 17) to.lockAll(partitionTree(context.catalog, key), lock);
  to.lockAll(ownedSequences(context.catalog, key, command.name), 'ACCESS EXCLUSIVE');
}

/** A partitioned table's row triggers are switched in its partitions too (EnableDisableTrigger). */
export function switchTrigger({ context, key, tree, command, to, lock }: Target): void {
  const { catalog } = context;
  if (tree.length === 1) return;
  const table = tableOf(catalog, key);
  const named = (each: Trigger): boolean => command.name === undefined || each.name === command.name;
  // Since 15 partitions are tied to the triggers of their table's foreign keys too, which ALL means and USER does not.
  const all = command.subtype === 'AT_DisableTrigAll' || command.subtype === 'AT_EnableTrigAll';
  const keyed =
    context.postgresVersion >= 15 &&
    all &&
    (foreignKeysOf(catalog, key).length > 0 || foreignKeysTo(catalog, key).length > 0);
  if (keyed || table?.triggers.some((each) => each.row && named(each))) {
    to.lockAll(partitionTree(catalog, key), lock);
  }
}

/** INHERIT keeps the parent's columns from changing meanwhile (ATExecAddInherit). */
export function inherit({ context, command, to }: Target): void {
  const parent = command.def && 'RangeVar' in command.def ? command.def.RangeVar : undefined;
  to.lock(keyOfRangeVar(context.catalog, context.scope, parent), 'SHARE UPDATE EXCLUSIVE');
}

export function stopInheriting({ context, command, to }: Target): void {
  const parent = command.def && 'RangeVar' in command.def ? command.def.RangeVar : undefined;
  to.lock(keyOfRangeVar(context.catalog, context.scope, parent), 'ACCESS SHARE');
}

/** OF type reads the columns of the composite type. */
export function ofType({ context, command, to }: Target): void {
  const { schema, name } = qualified(
    command.def && 'TypeName' in command.def ? stringsOf(command.def.TypeName.names) : [],
  );
  to.lock(relationKey(context.catalog, context.scope, schema, name), 'ACCESS SHARE');
}
