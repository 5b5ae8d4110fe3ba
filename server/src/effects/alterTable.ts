import type { AlterTableCmd, AlterTableStmt, AlterTableType } from '@pgsql/types';
import { apply } from '../catalog/apply.ts';
import { indexOf, tableTree } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { addColumn, alterColumnType, dropColumn, remakeGenerated } from './alterColumn.ts';
import { constraintNode, type Target } from './alterTarget.ts';
import {
  addConstraint,
  addConstraintLock,
  alterConstraint,
  dropConstraint,
  validateConstraint,
} from './constraints.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { clusterOn, identityIndex } from './indexes.ts';
import { type LockMode, strongest } from './lockMode.ts';
import { dropNotNull, makeNotNull } from './notNull.ts';
import { attachPartition, detachLock, detachPartition } from './partitions.ts';
import { typedTables } from './relations.ts';
import { storageOptionsLock } from './storageOptions.ts';
import {
  alterIdentity,
  changeOwner,
  dropIdentity,
  inherit,
  ofType,
  setAccessMethod,
  setPersistence,
  setTablespace,
  stopInheriting,
  switchTrigger,
} from './tableProperties.ts';

interface Row {
  readonly lock: LockMode | ((command: AlterTableCmd, context: EffectContext) => LockMode);
  /** Whether the tables below are locked with it: ATSimpleRecursion or a recursion of its own. */
  readonly below: boolean;
  /** What it does besides. */
  readonly work?: (target: Target) => void;
}

const AX = 'ACCESS EXCLUSIVE';
const SRX = 'SHARE ROW EXCLUSIVE';
const SUX = 'SHARE UPDATE EXCLUSIVE';

/**
 * Locks: AlterTableGetLockLevel, commands/tablecmds.c; also the documentation of ALTER TABLE, which names the lock of a
 * form where it is not ACCESS EXCLUSIVE. Recursion: ATPrepCmd there.
 */
const COMMANDS: { readonly [K in AlterTableType]?: Row } = {
  AT_AddColumn: { lock: AX, below: false, work: addColumn },
  AT_DropColumn: { lock: AX, below: false, work: dropColumn },
  AT_AlterColumnType: { lock: AX, below: true, work: alterColumnType },
  AT_ColumnDefault: { lock: AX, below: true },
  AT_SetNotNull: { lock: AX, below: false, work: (target) => makeNotNull(target, target.command.name ?? '') },
  AT_DropNotNull: { lock: AX, below: false, work: dropNotNull },
  AT_SetExpression: { lock: AX, below: true, work: remakeGenerated },
  AT_DropExpression: { lock: AX, below: true },
  AT_SetStatistics: { lock: SUX, below: true },
  AT_SetOptions: { lock: SUX, below: false },
  AT_ResetOptions: { lock: SUX, below: false },
  AT_SetStorage: { lock: AX, below: true },
  AT_SetCompression: { lock: AX, below: false },
  AT_AddIdentity: { lock: AX, below: false, work: alterIdentity },
  AT_SetIdentity: { lock: AX, below: false, work: alterIdentity },
  AT_DropIdentity: { lock: AX, below: false, work: dropIdentity },

  // Foreign keys block writes on both sides only; everything else new must keep readers' plans out.
  AT_AddConstraint: {
    lock: (command) => addConstraintLock(constraintNode(command)),
    below: false,
    work: addConstraint,
  },
  AT_AlterConstraint: { lock: AX, below: false, work: alterConstraint },
  AT_ValidateConstraint: { lock: SUX, below: false, work: validateConstraint },
  AT_DropConstraint: { lock: AX, below: false, work: dropConstraint },

  AT_ClusterOn: { lock: SUX, below: false, work: clusterOn },
  AT_DropCluster: { lock: SUX, below: false },
  AT_ReplicaIdentity: { lock: AX, below: false, work: identityIndex },

  AT_ChangeOwner: { lock: AX, below: false, work: changeOwner },
  AT_SetLogged: { lock: AX, below: false, work: (target) => setPersistence(target, 'permanent') },
  AT_SetUnLogged: { lock: AX, below: false, work: (target) => setPersistence(target, 'unlogged') },
  AT_SetAccessMethod: { lock: AX, below: false, work: setAccessMethod },
  AT_SetTableSpace: { lock: AX, below: false, work: setTablespace },
  AT_SetRelOptions: { lock: (command) => storageOptionsLock(command.def), below: false },
  AT_ResetRelOptions: { lock: (command) => storageOptionsLock(command.def), below: false },

  AT_EnableTrig: { lock: SRX, below: false, work: switchTrigger },
  AT_EnableAlwaysTrig: { lock: SRX, below: false, work: switchTrigger },
  AT_EnableReplicaTrig: { lock: SRX, below: false, work: switchTrigger },
  AT_DisableTrig: { lock: SRX, below: false, work: switchTrigger },
  AT_EnableTrigAll: { lock: SRX, below: false, work: switchTrigger },
  AT_DisableTrigAll: { lock: SRX, below: false, work: switchTrigger },
  AT_EnableTrigUser: { lock: SRX, below: false, work: switchTrigger },
  AT_DisableTrigUser: { lock: SRX, below: false, work: switchTrigger },
  AT_EnableRule: { lock: AX, below: false },
  AT_EnableAlwaysRule: { lock: AX, below: false },
  AT_EnableReplicaRule: { lock: AX, below: false },
  AT_DisableRule: { lock: AX, below: false },
  AT_EnableRowSecurity: { lock: AX, below: false },
  AT_DisableRowSecurity: { lock: AX, below: false },
  AT_ForceRowSecurity: { lock: AX, below: false },
  AT_NoForceRowSecurity: { lock: AX, below: false },

  AT_AddInherit: { lock: AX, below: false, work: inherit },
  AT_DropInherit: { lock: AX, below: false, work: stopInheriting },
  AT_AddOf: { lock: AX, below: false, work: ofType },
  AT_DropOf: { lock: AX, below: false },
  AT_GenericOptions: { lock: AX, below: false },
  AT_AlterColumnGenericOptions: { lock: AX, below: false },

  AT_AttachPartition: { lock: SUX, below: false, work: attachPartition },
  AT_DetachPartition: { lock: detachLock, below: false, work: detachPartition },
  AT_DetachPartitionFinalize: { lock: SUX, below: false, work: detachPartition },
};

/** What ALTER TABLE does; ALTER INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE and TYPE share its commands. */
export function alterTable(statement: AlterTableStmt, to: EffectBuilder, context: EffectContext): void {
  const key = keyOfRangeVar(context.catalog, context.scope, statement.relation);
  if (statement.missing_ok && !context.catalog.relations.has(key)) return;
  const commands = (statement.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  );
  const lock = commands.reduce<LockMode>(
    (mode, each) => strongest(mode, lockOf(each, context)),
    'ACCESS SHARE',
  );
  const tree =
    statement.relation?.inh === true
      ? tableTree(context.catalog, key)
      : [key, ...typedTables(context.catalog, key)];
  to.lock(key, lock);
  for (const command of commands) {
    const row = command.subtype === undefined ? undefined : COMMANDS[command.subtype];
    if (row?.below) to.lockAll(tree, lock);
    row?.work?.({ command, commands, key, tree, lock, context, to });
  }
  const dropped = [...to.droppedRelations()];
  if (dropped.length === 0 || !commands.some((each) => each.subtype === 'AT_AddConstraint')) return;
  // A key that is dropped and made again under its old name.
  const after = apply(context.catalog, { AlterTableStmt: statement }, { ...context.scope, path: '' });
  for (const index of dropped) if (indexOf(after, index) !== undefined) to.reindex(index);
}

function lockOf(command: AlterTableCmd, context: EffectContext): LockMode {
  const lock = command.subtype === undefined ? undefined : COMMANDS[command.subtype]?.lock;
  return typeof lock === 'function' ? lock(command, context) : (lock ?? AX);
}
