import type { FileContent } from '../migrations/migration.ts';
import { collectGooseFiles } from './gooseFiles.ts';
import type { FileState, MigrationStatus } from './status.ts';
import {
  currentVersion,
  freshRows,
  greatestVersion,
  isRecorded,
  type VersionRow,
} from './tracking/gooseVersionTable.ts';

/** Where a database stands. `rows` are undefined when it has no version table. Throws RunRefused as planGoose does. */
export function gooseStatus(
  contents: readonly FileContent[],
  rows: readonly VersionRow[] | undefined,
): MigrationStatus {
  const known = rows ?? freshRows;
  const greatest = greatestVersion(known);
  const files = collectGooseFiles(contents).map(({ path, version, kind }) => {
    const row = latestOf(known, version);
    const appliedAt = row?.applied ? (row.at ?? undefined) : undefined;
    const state = stateOf(row, isRecorded(known, version), version < greatest);
    return { path, version: String(version), kind, state, appliedAt };
  });
  const versions = new Set(files.map(({ version }) => BigInt(version)));
  const others = new Set(known.map(({ version }) => version).filter((v) => v !== 0n && !versions.has(v)));
  const withoutFile = [...others].flatMap((version) => {
    const row = latestOf(known, version);
    return row?.applied ? [{ version, appliedAt: row.at ?? undefined }] : [];
  });
  const current = currentVersion(known);
  return {
    files,
    withoutFile: withoutFile
      .sort((a, b) => (a.version < b.version ? -1 : 1))
      .map(({ version, appliedAt }) => ({ version: String(version), appliedAt })),
    current: current === undefined ? undefined : String(current),
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
