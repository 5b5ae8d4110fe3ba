import type { MigrationFile } from '../migrations/migration.ts';
import type { BaseBranch } from './rule.ts';

/** The file that is not on the base branch, else the one with the later name. */
export function newestOf(
  files: readonly MigrationFile[],
  base: BaseBranch | undefined,
): MigrationFile | undefined {
  const added = base === undefined ? [] : files.filter(({ path }) => !base.has(path));
  return [...(added.length > 0 ? added : files)].sort((a, b) => (a.path < b.path ? -1 : 1)).at(-1);
}
