import type { MigrationFile, ToolId } from '../migrations/migration.ts';
import { nextVersion } from '../migrations/nextVersion.ts';
import { RunRefused } from './runRefused.ts';

/** A file of a migration that is to be written. */
export interface TemplateFile {
  readonly baseName: string;
  readonly text: string;
}

/**
 * The files of a new, empty migration after all of `files`. `name` is in any spelling: "Add users" becomes add_users.
 * `pairs`: plain files that come as up and down halves. Throws RunRefused for a tool that makes its own.
 */
export function migrationTemplate(
  { tool, pairs }: { readonly tool: ToolId; readonly pairs: boolean },
  files: readonly MigrationFile[],
  name: string,
  now: Date,
): readonly TemplateFile[] {
  if (tool === 'alembic') {
    throw new RunRefused(
      'tool',
      'Skein makes no revisions of alembic: these name those they follow, and come from a template of the project',
      'Make it with alembic itself: alembic revision -m NAME.',
    );
  }
  const stem = `${nextVersion(files, now, tool === 'goose' ? 'timestamp' : 'sequence')}_${snakeCase(name)}`;
  if (tool === 'goose') return [{ baseName: `${stem}.sql`, text: '-- +goose Up\n\n-- +goose Down\n' }];
  if (!pairs) return [{ baseName: `${stem}.sql`, text: '' }];
  return [
    { baseName: `${stem}.up.sql`, text: '' },
    { baseName: `${stem}.down.sql`, text: '' },
  ];
}

function snakeCase(name: string): string {
  const words = name
    .replace(/(\p{Ll}|\p{N})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return words?.join('_') ?? 'migration';
}
