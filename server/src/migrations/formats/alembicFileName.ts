/** What alembic imports from a folder of revisions (script/base.py: `_only_source_rev_file`). */
export function isRevisionFile(baseName: string): boolean {
  return /^(?!\.#|__init__).*\.py$/.test(baseName);
}
