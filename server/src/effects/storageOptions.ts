import type { Node } from '@pgsql/types';
import { type LockMode, strongest } from './lockMode.ts';

/**
 * Storage parameters that need more than SHARE UPDATE EXCLUSIVE (the lockmode of each entry in access/common/reloptions.c):
 * what reads or writes of running statements depend on.
 */
const STRONGER: ReadonlySet<string> = new Set([
  'user_catalog_table',
  'fastupdate',
  'gin_pending_list_limit',
  'pages_per_range',
  'autosummarize',
  'buffering',
  'security_barrier',
  'security_invoker',
  'check_option',
]);

/** The lock that SET (…) or RESET (…) needs (AlterTableGetRelOptionsLockLevel). */
export function storageOptionsLock(options: Node | undefined): LockMode {
  const names =
    options !== undefined && 'List' in options
      ? (options.List.items ?? []).flatMap((each) => ('DefElem' in each ? (each.DefElem.defname ?? []) : []))
      : [];
  if (names.length === 0) return 'ACCESS EXCLUSIVE';
  return names.reduce<LockMode>(
    (mode, name) => strongest(mode, STRONGER.has(name) ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE'),
    'ACCESS SHARE',
  );
}
