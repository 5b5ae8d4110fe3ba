import type { Node } from '@pgsql/types';
import type { NameScope } from '../catalog/resolve.ts';

/** The settings that decide what a statement means or how long it waits. Names are lower case. */
export type Setting = 'lock_timeout' | 'statement_timeout' | 'timezone' | 'search_path';

const SETTINGS: ReadonlySet<string> = new Set<Setting>([
  'lock_timeout',
  'statement_timeout',
  'timezone',
  'search_path',
]);

/** What the statements of a script have set, as they run. */
export interface Session extends NameScope {
  /** `explicit`: inside BEGIN … COMMIT that the file itself wrote. */
  readonly transaction: 'none' | 'tool' | 'explicit';
  /** Set until the session ends. Values as written, without quotes; a list is joined by ", ". */
  readonly settings: Readonly<Partial<Record<Setting, string>>>;
  /** Set by SET LOCAL until the transaction ends. */
  readonly local: Readonly<Partial<Record<Setting, string>>>;
  /** Keys of the tables that this transaction has truncated, and so holds without rows; absent where there are none. */
  readonly emptied?: readonly string[];
}

/** The session in which a script begins whose tool has opened a transaction, or has not. Each is one value. */
export const NEW_SESSIONS: Readonly<Record<'none' | 'tool', Session>> = {
  none: { searchPath: ['public'], transaction: 'none', settings: {}, local: {} },
  tool: { searchPath: ['public'], transaction: 'tool', settings: {}, local: {} },
};

/** The value in force. */
export function settingOf(session: Session, name: Setting): string | undefined {
  return session.local[name] ?? session.settings[name];
}

/** The session after a statement; the same value when it changes nothing. */
export function nextSession(session: Session, node: Node): Session {
  if ('TransactionStmt' in node) return afterTransaction(session, node.TransactionStmt.kind);
  if ('VariableSetStmt' in node) {
    const { name, kind, args, is_local } = node.VariableSetStmt;
    if (kind === 'VAR_RESET_ALL') return { ...session, settings: {}, local: {}, searchPath: ['public'] };
    const value = kind === 'VAR_SET_VALUE' ? (args ?? []).map(constant).join(', ') : undefined;
    return withSetting(session, name, value, is_local === true);
  }
  const call = setConfig(node);
  return call === undefined ? session : withSetting(session, call.name, call.value, call.local);
}

function afterTransaction(session: Session, kind: string | undefined): Session {
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return session.transaction === 'none' ? { ...session, transaction: 'explicit' } : session;
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_ROLLBACK':
    case 'TRANS_STMT_PREPARE':
      return withSearchPath({ ...withRows(session), transaction: 'none', local: {} });
    case 'TRANS_STMT_ROLLBACK_TO':
      return withRows(session);
    default:
      return session;
  }
}

/** The session when its tool begins a transaction (`wraps`), or ends the one that it had begun. */
export function betweenUnits(session: Session, wraps: boolean): Session {
  if (wraps) return session.transaction === 'none' ? { ...session, transaction: 'tool' } : session;
  if (session.transaction !== 'tool') return session;
  return withSearchPath({ ...withRows(session), transaction: 'none', local: {} });
}

/** The session after a statement that leaves the tables `truncated` without rows; of others, where it may write some. */
export function withTruncated(session: Session, node: Node, truncated: readonly string[]): Session {
  if (truncated.length > 0 && session.transaction !== 'none') {
    return { ...session, emptied: [...new Set([...(session.emptied ?? []), ...truncated])] };
  }
  return Object.keys(node).some((kind) => WRITES_NO_ROWS.has(kind)) ? session : withRows(session);
}

/** Statements after which an empty table is empty still, and has its name. */
const WRITES_NO_ROWS: ReadonlySet<string> = new Set([
  'AlterEnumStmt',
  'AlterTableStmt',
  'CommentStmt',
  'CreateEnumStmt',
  'CreateStmt',
  'CreateTrigStmt',
  'DeleteStmt',
  'DropStmt',
  'IndexStmt',
  'TransactionStmt',
  'TruncateStmt',
  'UpdateStmt',
  'VariableSetStmt',
]);

function withRows(session: Session): Session {
  if (session.emptied === undefined) return session;
  const { emptied, ...rest } = session;
  return rest;
}

function withSetting(
  session: Session,
  name: string | undefined,
  value: string | undefined,
  local: boolean,
): Session {
  const setting = name?.toLowerCase() === 'time zone' ? 'timezone' : name?.toLowerCase();
  if (setting === undefined || !SETTINGS.has(setting)) return session;
  // Outside a transaction SET LOCAL does nothing but warn (documentation: SET).
  if (local && session.transaction === 'none') return session;
  const level = local ? 'local' : 'settings';
  const { [setting as Setting]: _, ...others } = session[level];
  const changed = value === undefined ? others : { ...others, [setting]: value };
  return withSearchPath({ ...session, [level]: changed });
}

function withSearchPath(session: Session): Session {
  const path = settingOf(session, 'search_path');
  const searchPath =
    path === undefined ? ['public'] : path.split(/\s*,\s*/).filter((each) => each !== '' && each !== '$user');
  return { ...session, searchPath };
}

function constant(node: Node): string {
  if (!('A_Const' in node)) return 'TypeCast' in node && node.TypeCast.arg ? constant(node.TypeCast.arg) : '';
  const { sval, ival, fval, boolval } = node.A_Const;
  if (sval !== undefined) return sval.sval ?? '';
  if (fval !== undefined) return fval.fval ?? '';
  if (boolval !== undefined) return String(boolval.boolval ?? false);
  return String(ival?.ival ?? 0);
}

/** `SELECT set_config('lock_timeout', '2s', true)`. */
function setConfig(node: Node): { name: string; value: string; local: boolean } | undefined {
  const target = 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined;
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (value === undefined || !('FuncCall' in value)) return undefined;
  const last = value.FuncCall.funcname?.at(-1);
  if (last === undefined || !('String' in last) || last.String.sval !== 'set_config') return undefined;
  const [name = '', setting = '', local = ''] = (value.FuncCall.args ?? []).map(constant);
  return { name, value: setting, local: local === 'true' || local === 't' };
}
