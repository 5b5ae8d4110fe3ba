/** Words as the name of a new migration: lower case, letters and digits of any script, joined by underscores. */
export function migrationName(...words: readonly string[]): string {
  return words
    .join('_')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}
