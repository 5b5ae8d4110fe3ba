import type { MigrationFile } from '../../migration.ts';

/** None, a string, or a tuple of strings. */
export function tupleOf(ids: readonly string[], quote: string): string {
  const [first, ...others] = ids.map((id) => quote + id + quote);
  if (first === undefined) return 'None';
  return others.length === 0 ? first : `(${[first, ...others].join(', ')})`;
}

/** The quote that the file uses for its id. */
export function quoteOf({ text, revisionSpans }: MigrationFile): '"' | "'" {
  const { start = 0, end = 0 } = revisionSpans?.id ?? {};
  return text.slice(start, end).includes("'") ? "'" : '"';
}

/**
 * An id that nobody has: the next number where ids are numbers of one length, else twelve hexadecimal digits, as
 * alembic makes them, that follow from `seed`.
 */
export function revisionId(seed: string, taken: ReadonlySet<string>): string {
  const next = nextNumber([...taken]);
  if (next !== undefined) return next;
  for (let round = 0; ; round++) {
    const id = hash(`${seed} ${round}`).toString(16).padStart(16, '0').slice(0, 12);
    if (!taken.has(id)) return id;
  }
}

function nextNumber(ids: readonly string[]): string | undefined {
  const [first] = ids;
  const numbered =
    first !== undefined && ids.every((id) => /^\d{1,8}$/.test(id) && id.length === first.length);
  if (!numbered) return undefined;
  const next = String(Math.max(...ids.map(Number)) + 1).padStart(first.length, '0');
  return next.length === first.length ? next : undefined;
}

/** FNV-1a, 64 bits. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (const character of text) {
    value = BigInt.asUintN(64, (value ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return value;
}
