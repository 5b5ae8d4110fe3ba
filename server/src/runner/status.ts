import type { FileContent } from '../migrations/migration.ts';
import { collectGooseFiles } from './gooseFiles.ts';
import {
  currentVersion,
  freshRows,
  greatestVersion,
  isRecorded,
  type VersionRow,
} from './tracking/gooseVersionTable.ts';

/**
 * How a file stands to the database. `missing`: not applied, though a later one is; `up` refuses until that is settled.
 * `passedOver`: the table has a row that says it is not applied; `status` calls it pending, but `up` passes over it.
 */
export type FileState = 'applied' | 'pending' | 'missing' | 'passedOver';

export interface FileStatus {
  readonly path: string;
  readonly version: bigint;
  readonly kind: 'sql' | 'go';
  readonly state: FileState;
  /** When it was applied, as the server writes it (no time zone). */
  readonly appliedAt?: string;
}

export interface MigrationStatus {
  /** In the order of their versions. */
  readonly files: readonly FileStatus[];
  /** Applied versions that no file of the folder has. */
  readonly withoutFile: readonly { readonly version: bigint; readonly appliedAt?: string }[];
  /** What `goose version` prints; undefined when the table holds no applied version. */
  readonly current: bigint | undefined;
  /** Whether the version table is there. */
  readonly tracked: boolean;
}

/** Where a database stands. `rows` are undefined when it has no version table. Throws RunRefused as planRun does. */
export function statusOf(
  contents: readonly FileContent[],
  rows: readonly VersionRow[] | undefined,
): MigrationStatus {
  const known = rows ?? freshRows;
  const greatest = greatestVersion(known);
  const files = collectGooseFiles(contents).map(({ path, version, kind }) => {
    const row = latestOf(known, version);
    const appliedAt = row?.applied ? (row.at ?? undefined) : undefined;
    const state = stateOf(row, isRecorded(known, version), version < greatest);
    return { path, version, kind, state, appliedAt };
  });
  const versions = new Set(files.map(({ version }) => version));
  const others = new Set(known.map(({ version }) => version).filter((v) => v !== 0n && !versions.has(v)));
  const withoutFile = [...others].flatMap((version) => {
    const row = latestOf(known, version);
    return row?.applied ? [{ version, appliedAt: row.at ?? undefined }] : [];
  });
  return {
    files,
    withoutFile: withoutFile.sort((a, b) => (a.version < b.version ? -1 : 1)),
    current: currentVersion(known),
    tracked: rows !== undefined,
  };
}

/** `goose status` asks for the row with the latest time; of equal ones it takes any, here the last inserted. */
function latestOf(rows: readonly VersionRow[], version: bigint): VersionRow | undefined {
  let latest: VersionRow | undefined;
  for (const row of rows) {
    if (row.version !== version) continue;
    // ORDER BY tstamp DESC puts NULL first.
    if (latest === undefined || (latest.at !== null && (row.at === null || row.at > latest.at))) latest = row;
  }
  return latest;
}

function stateOf(row: VersionRow | undefined, recorded: boolean, early: boolean): FileState {
  if (row?.applied) return 'applied';
  if (recorded) return 'passedOver';
  return early ? 'missing' : 'pending';
}
