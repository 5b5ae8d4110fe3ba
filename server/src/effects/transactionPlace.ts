import type {
  AlterDatabaseStmt,
  AlterSubscriptionStmt,
  CreateSubscriptionStmt,
  DeclareCursorStmt,
  DiscardStmt,
  DoStmt,
  Node,
  TransactionStmt,
} from '@pgsql/types';
import { optionsOf } from '../catalog/routine.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { lockQuery } from './queries.ts';
import { endsTransaction, statementsOf } from './routineBody.ts';

/* Statements that lock nothing of interest, but run only outside of a transaction block or only inside of one. */

/** PreventInTransactionBlock with the words of each statement, tcop/utility.c and the commands themselves. */
export function refuse(command: string): (statement: unknown, to: EffectBuilder) => void {
  return (_, to) => {
    to.refuseInTransaction(command);
  };
}

export function alterDatabase(statement: AlterDatabaseStmt, to: EffectBuilder): void {
  if (hasOption(statement.options, 'tablespace')) to.refuseInTransaction('ALTER DATABASE SET TABLESPACE');
}

/** Making a replication slot on the other server cannot be rolled back. */
export function createSubscription(statement: CreateSubscriptionStmt, to: EffectBuilder): void {
  const makesSlot = !isOff(statement.options, 'connect') && !isOff(statement.options, 'create_slot');
  if (makesSlot) to.refuseInTransaction('CREATE SUBSCRIPTION ... WITH (create_slot = true)');
}

const REFRESHES: ReadonlySet<string> = new Set([
  'ALTER_SUBSCRIPTION_SET_PUBLICATION',
  'ALTER_SUBSCRIPTION_ADD_PUBLICATION',
  'ALTER_SUBSCRIPTION_DROP_PUBLICATION',
]);

export function alterSubscription(statement: AlterSubscriptionStmt, to: EffectBuilder): void {
  const kind = statement.kind ?? '';
  if (kind === 'ALTER_SUBSCRIPTION_REFRESH') to.refuseInTransaction('ALTER SUBSCRIPTION ... REFRESH');
  else if (REFRESHES.has(kind) && !isOff(statement.options, 'refresh')) {
    to.refuseInTransaction('ALTER SUBSCRIPTION with refresh');
  }
}

export function discard(statement: DiscardStmt, to: EffectBuilder): void {
  if (statement.target === 'DISCARD_ALL') to.refuseInTransaction('DISCARD ALL');
}

export function transaction(statement: TransactionStmt, to: EffectBuilder): void {
  const prepared = PREPARED[statement.kind ?? ''];
  const inside = INSIDE[statement.kind ?? ''] ?? (statement.chain ? 'AND CHAIN' : undefined);
  if (prepared !== undefined) to.refuseInTransaction(prepared);
  if (inside !== undefined) to.refuseOutsideTransaction(inside);
}

const PREPARED: Readonly<Record<string, string>> = {
  TRANS_STMT_COMMIT_PREPARED: 'COMMIT PREPARED',
  TRANS_STMT_ROLLBACK_PREPARED: 'ROLLBACK PREPARED',
};

const INSIDE: Readonly<Record<string, string>> = {
  TRANS_STMT_SAVEPOINT: 'SAVEPOINT',
  TRANS_STMT_RELEASE: 'RELEASE SAVEPOINT',
  TRANS_STMT_ROLLBACK_TO: 'ROLLBACK TO SAVEPOINT',
};

/** CURSOR_OPT_HOLD, nodes/parsenodes.h: such a cursor outlives its transaction. */
const HOLD = 1 << 5;

export function declareCursor(statement: DeclareCursorStmt, to: EffectBuilder, context: EffectContext): void {
  lockQuery(statement.query, to, context, 'run');
  if (((statement.options ?? 0) & HOLD) === 0) to.refuseOutsideTransaction('DECLARE CURSOR');
}

/** A DO block may end a transaction only where it is not inside one (documentation: PL/pgSQL, Transaction Management). */
export function doBlock(statement: DoStmt, to: EffectBuilder, context: EffectContext): void {
  const options = optionsOf(statement.args);
  const statements = statementsOf(options.get('language') ?? 'plpgsql', options.get('as') ?? '');
  const ends = endsTransaction(statements, context);
  if (ends !== 'never')
    to.refuseInTransaction('DO with COMMIT', { code: '2D000', certain: ends === 'surely' });
}

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return options?.some((each) => 'DefElem' in each && each.DefElem.defname === name) ?? false;
}

function isOff(options: readonly Node[] | undefined, name: string): boolean {
  const found = options?.find((each) => 'DefElem' in each && each.DefElem.defname === name);
  const value = found !== undefined && 'DefElem' in found ? found.DefElem.arg : undefined;
  if (value === undefined) return false;
  if ('Boolean' in value) return value.Boolean.boolval !== true;
  const text =
    'String' in value ? value.String.sval : 'Integer' in value ? String(value.Integer.ival ?? 0) : '';
  return /^(false|off|0|no)$/i.test(text ?? '');
}
