import type { Change, Fix } from '../migrations/change.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import type { Offer } from '../rewrites/offer.ts';
import { newestOf } from './newestFile.ts';
import type { AppliedFiles, BaseBranch, HistoryView } from './rule.ts';
import { baseName } from './wording.ts';

/** The fix that gives a file another version or id; refused where a database has it under the one it bears. */
export function renumbering(
  file: MigrationFile,
  { applied }: { readonly applied?: AppliedFiles },
  title: string,
  changes: readonly Change[],
): readonly (Fix | Extract<Offer, { refused: string }>)[] {
  if (applied?.paths.has(file.path)) {
    const name = baseName(file.path);
    return [{ refused: `${name} keeps its version: it is applied in ${applied.database} under that one` }];
  }
  return [{ title, grade: 'review', changes }];
}

/** The same, where several files claim one version: by itself the newest of those that no database has gives way. */
export function givingWay(
  file: MigrationFile,
  group: readonly MigrationFile[],
  { applied, base }: Pick<HistoryView, 'applied'> & { readonly base?: BaseBranch },
  title: string,
  changes: readonly Change[],
): readonly Offer[] {
  const free = group.filter(({ path }) => applied?.paths.has(path) !== true);
  const last = newestOf(free, base);
  return renumbering(file, applied === undefined ? {} : { applied }, title, changes).map((offer) =>
    file === last || 'refused' in offer ? offer : { ...offer, ofNamedFile: true },
  );
}
