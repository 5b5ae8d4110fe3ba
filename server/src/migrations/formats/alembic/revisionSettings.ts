import { DEFAULT_NAMING, type RevisionNaming } from '../../../config/alembicConfig.ts';

/** What a project says of the revisions that are written for it. */
export interface RevisionSettings {
  readonly naming: RevisionNaming;
  /** Its script.py.mako, which new revisions are made from. */
  readonly template?: string;
  /** Its env.py has each revision run in a transaction of its own. */
  readonly transactionPerMigration?: boolean;
  /** Its env.py names a version table of its own: other histories have theirs in the same database. */
  readonly sharesDatabase?: boolean;
  /** The release of alembic that runs them; without one it counts as the newest. */
  readonly release?: string;
}

export const DEFAULT_SETTINGS: RevisionSettings = { naming: DEFAULT_NAMING };
