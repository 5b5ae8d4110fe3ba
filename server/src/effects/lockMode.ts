/** Table-level lock modes, weakest first (documentation: Explicit Locking, Table-Level Locks). */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type LockMode = (typeof LOCK_MODES)[number];

/** Whether `a` is at least as strong as `b`. */
export function atLeast(a: LockMode, b: LockMode): boolean {
  return LOCK_MODES.indexOf(a) >= LOCK_MODES.indexOf(b);
}

export function strongest(a: LockMode, b: LockMode): LockMode {
  return atLeast(a, b) ? a : b;
}

/** What ordinary clients cannot do while the lock is held, as a person says it. */
export function blocks(mode: LockMode): 'reads and writes' | 'writes' | 'nothing that clients do' {
  if (mode === 'ACCESS EXCLUSIVE') return 'reads and writes';
  // SHARE and above conflict with ROW EXCLUSIVE, which INSERT, UPDATE and DELETE take.
  return atLeast(mode, 'SHARE') ? 'writes' : 'nothing that clients do';
}
