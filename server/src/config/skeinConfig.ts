import type { Severity } from './severity.ts';

/** skein.json as a value. Absent keys take the defaults that `rules.md` names. */
export interface SkeinConfig {
  /** Major version of the production server: 12 to 18. */
  readonly postgresVersion?: number;
  /** Folders whose tool detection cannot tell, relative to skein.json. */
  readonly folders?: readonly { readonly path: string; readonly tool: string; readonly pairs?: boolean }[];
  readonly rules?: Readonly<Record<string, Severity | 'off'>>;
  readonly baseBranch?: string;
  readonly applied?: 'full' | 'errors' | 'off';
  /** Set where the migrating role carries lock_timeout and statement_timeout itself. */
  readonly timeoutsFromRole?: boolean;
  readonly forwardOnly?: boolean;
  readonly protectedDatabases?: readonly string[];
}
