/**
 * How a file stands to the database. `missing`: not applied, though a later one is; `up` refuses until that is settled.
 * `passedOver`: the table has a row that says it is not applied; `status` calls it pending, but `up` passes over it.
 */
export type FileState = 'applied' | 'pending' | 'missing' | 'passedOver';

export interface FileStatus {
  readonly path: string;
  /** As the tool writes it. */
  readonly version: string;
  readonly kind: 'sql' | 'go' | 'python';
  readonly state: FileState;
  /** When it was applied, as the server writes it (no time zone). */
  readonly appliedAt?: string;
}

export interface MigrationStatus {
  /** In the order in which they are applied. */
  readonly files: readonly FileStatus[];
  /** Applied versions that no file of the folder has. */
  readonly withoutFile: readonly { readonly version: string; readonly appliedAt?: string }[];
  /** What `goose version` prints, or the ids that `alembic current` prints; undefined when there is none. */
  readonly current: string | undefined;
  /** Whether the version table is there. */
  readonly tracked: boolean;
}
