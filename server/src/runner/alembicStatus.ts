import type { FileContent } from '../migrations/migration.ts';
import { graphOf, revisionHistory } from '../migrations/revisionHistory.ts';
import { withNeeds } from '../migrations/revisionRows.ts';
import { revisionsOf } from './alembicPlan.ts';
import type { MigrationStatus } from './status.ts';

/**
 * Where a database stands. `rows` are the ids in its version table, undefined where there is none; what they name, and
 * all that it needs, is applied.
 */
export function alembicStatus(
  contents: readonly FileContent[],
  rows: readonly string[] | undefined,
): MigrationStatus {
  const files = revisionsOf(contents);
  const { nodes } = graphOf(files);
  const known = rows ?? [];
  const applied = withNeeds(known.flatMap((row) => nodes.get(row) ?? []));
  const ids = new Map(files.map(({ path, revision }) => [path, revision?.id ?? '']));
  return {
    files: revisionHistory(files).turns.map(({ path }) => {
      const version = ids.get(path) ?? '';
      const node = nodes.get(version);
      const isApplied = node !== undefined && applied.has(node);
      return { path, version, kind: 'python', state: isApplied ? 'applied' : 'pending' };
    }),
    withoutFile: known.filter((row) => !nodes.has(row)).map((version) => ({ version })),
    current: known.length === 0 ? undefined : known.join(', '),
    tracked: rows !== undefined,
  };
}
