import type { FileContent } from '../migrations/migration.ts';
import type { FileStatus, MigrationStatus } from '../runner/status.ts';
import { baseNameOf } from '../workspace/filePath.ts';
import type { FolderMigrations, MigrationState } from './protocol.ts';

/** How the last attempt at a file ended, by path: one sentence each. */
export type Failures = ReadonlyMap<string, string>;

/** How the files of a folder stand to its database; `known`: whether that has been asked. */
export function migrationStates(
  status: MigrationStatus,
  known: boolean,
  failures: Failures,
  uri: (path: string) => string,
): Pick<FolderMigrations, 'known' | 'migrations' | 'withoutFile'> {
  return {
    known,
    migrations: status.files.map((file) => ({
      uri: uri(file.path),
      name: baseNameOf(file.path),
      version: file.version,
      ...(known ? stateOf(file, failures.get(file.path)) : { state: 'unknown' as const }),
    })),
    withoutFile: status.withoutFile.map(({ version, appliedAt }) => ({
      version,
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
