import type { FileContent } from '../migrations/migration.ts';
import { type FileStatus, statusOf } from '../runner/status.ts';
import type { VersionRow } from '../runner/tracking/gooseVersionTable.ts';
import { baseNameOf } from '../workspace/filePath.ts';
import type { FolderMigrations, MigrationState } from './protocol.ts';

/** What is known of a database's version table: its rows, or that there is none. */
export interface KnownVersions {
  readonly rows: readonly VersionRow[] | undefined;
}

/** How the last attempt at a file ended, by path: one sentence each. */
export type Failures = ReadonlyMap<string, string>;

/**
 * How the files of a folder stand to its database, as far as it has been asked. Throws RunRefused for a folder that
 * goose would refuse as a whole.
 */
export function migrationStates(
  files: readonly FileContent[],
  versions: KnownVersions | undefined,
  failures: Failures,
  uri: (path: string) => string,
): Pick<FolderMigrations, 'known' | 'migrations' | 'withoutFile'> {
  const status = statusOf(files, versions?.rows);
  const known = versions !== undefined;
  return {
    known,
    migrations: status.files.map((file) => ({
      uri: uri(file.path),
      name: baseNameOf(file.path),
      version: String(file.version),
      ...(known ? stateOf(file, failures.get(file.path)) : { state: 'unknown' as const }),
    })),
    withoutFile: status.withoutFile.map(({ version, appliedAt }) => ({
      version: String(version),
      appliedAt: toSeconds(appliedAt),
    })),
  };
}

function stateOf(
  { state, appliedAt }: FileStatus,
  failure: string | undefined,
): Pick<MigrationState, 'state' | 'appliedAt' | 'note'> {
  if (state === 'applied') return { state, appliedAt: toSeconds(appliedAt) };
  if (failure !== undefined) return { state: 'failed', note: failure };
  if (state === 'passedOver') {
    return {
      state: 'missing',
      note: 'goose’s version table says that it is not applied, and goose passes over it',
    };
  }
  if (state === 'missing') return { state, note: 'Not applied, though a later migration is' };
  return { state };
}

/** "2026-11-21 04:05:06.789" without the fraction. */
function toSeconds(at: string | undefined): string | undefined {
  return at?.replace(/\.[0-9]+/, '');
}

/** The files of a folder whose tool keeps no record, by name. */
export function untracked(
  files: readonly FileContent[],
  uri: (path: string) => string,
): Pick<FolderMigrations, 'known' | 'migrations' | 'withoutFile'> {
  const migrations = files.map(({ path }) => ({
    uri: uri(path),
    name: baseNameOf(path),
    version: /^[0-9]*/.exec(baseNameOf(path))?.[0] ?? '',
    state: 'unknown' as const,
  }));
  return { known: false, migrations, withoutFile: [] };
}
