import type { FileContent } from './migration.ts';

/** What alembic would run a folder of revisions with. */
export interface AlembicRuntime {
  /** The configuration that names the folder; absent where none does. */
  readonly config?: {
    /** alembic.ini or pyproject.toml. */
    readonly path: string;
    /** "alembic", or what `alembic -n` names. */
    readonly section: string;
    /** `sqlalchemy.url`, where it is there and whole. Holds a password: never print it. */
    readonly url?: string;
  };
  /** env.py; absent where there is none. */
  readonly environment?: FileContent;
  /** Whether the project's Python has a naming convention anywhere. */
  namesByConvention(): Promise<boolean>;
}
