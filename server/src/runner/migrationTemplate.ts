import type { Allocate } from '../migrations/change.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import type { FileContent, MigrationFile, ToolId } from '../migrations/migration.ts';
import { nextVersion } from '../migrations/nextVersion.ts';
import { graphOf } from '../migrations/revisionHistory.ts';
import { RunRefused } from './runRefused.ts';

/** A file of a migration that is to be written. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** A folder that a migration is made in. */
export interface TemplateFolder {
  readonly path: string;
  readonly tool: ToolId;
  /** Plain files that come as up and down halves. */
  readonly pairs: boolean;
}

/**
 * The files of a new, empty migration after all of `files`. `name` is in any spelling: "Add users" becomes add_users.
 * Throws RunRefused where several revisions come last, as alembic does.
 */
export function migrationTemplate(
  folder: TemplateFolder,
  format: MigrationFormat,
  files: readonly MigrationFile[],
  name: string,
  allocate: Allocate,
): readonly NewFile[] {
  const { path, tool, pairs } = folder;
  const inFolder = (baseName: string, text: string) => ({ path: `${path}/${baseName}`, text });
  if (tool === 'alembic') {
    const heads = graphOf(files).heads.map(({ id }) => id);
    if (heads.length > 1) throw severalHeads();
    const beside = files.find(({ revision }) => revision?.id === heads[0]) ?? format.read(empty(path));
    return newRevision(format, files, beside, { name, parents: heads }, allocate);
  }
  const stem = `${nextVersion(files, allocate.now(), tool === 'goose' ? 'timestamp' : 'sequence')}_${snakeCase(name)}`;
  if (tool === 'goose') return [inFolder(`${stem}.sql`, '-- +goose Up\n\n-- +goose Down\n')];
  return pairs
    ? [inFolder(`${stem}.up.sql`, ''), inFolder(`${stem}.down.sql`, '')]
    : [inFolder(`${stem}.sql`, '')];
}

/** The file of a revision that merges all heads. Throws RunRefused where there is nothing to merge. */
export function mergeTemplate(
  { path }: Pick<TemplateFolder, 'path'>,
  format: MigrationFormat,
  files: readonly MigrationFile[],
  message: string | undefined,
  allocate: Allocate,
): readonly NewFile[] {
  const parents = graphOf(files).heads.map(({ id }) => id);
  if (parents.length < 2) {
    throw new RunRefused(
      'revisions',
      `There is nothing to merge in ${path}: ${parents.length === 0 ? 'it has no revisions' : 'one revision comes last'}`,
      'Make a revision instead: skein new NAME.',
    );
  }
  const beside = files.find(({ revision }) => revision?.id === parents[0]) ?? format.read(empty(path));
  const name = message ?? `merge ${parents.join(' and ')}`;
  return newRevision(format, files, beside, { name, parents }, allocate);
}

/** The file of an empty revision after those of `parents`, written as the one that it stands beside. */
function newRevision(
  format: MigrationFormat,
  files: readonly MigrationFile[],
  beside: MigrationFile,
  { name, parents }: { readonly name: string; readonly parents: readonly string[] },
  allocate: Allocate,
): readonly NewFile[] {
  const migration = { name: snakeCase(name), transactional: true, up: [], down: [], parents };
  return format.apply([{ kind: 'newMigration', migration }], beside, files, allocate).creates;
}

function empty(folder: string): FileContent {
  return { path: `${folder}/new.py`, text: '', byteOrderMark: false };
}

function severalHeads(): RunRefused {
  return new RunRefused(
    'revisions',
    'Multiple heads are present; please specify the head revision on which the new revision should be based, or perform a merge',
    'Write the revision that merges them: skein merge.',
  );
}

function snakeCase(name: string): string {
  const words = name
    .replace(/(\p{Ll}|\p{N})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words?.join('_') ?? 'migration';
}
