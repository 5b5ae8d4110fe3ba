import { readdir } from 'node:fs/promises';

const suffix = '.tar.gz';

/** What creating one extension creates with it (CASCADE). */
const companions: Readonly<Record<string, readonly string[]>> = { earthdistance: ['cube'] };

/** The extensions that come with the embedded database: those with an archive in `assets`. */
export async function availableExtensions(assets: string): Promise<readonly string[]> {
  const names = await readdir(assets);
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

/**
 * The extensions that migrations may create: those of `available` whose name stands anywhere in a text that creates
 * one. A name too many costs a little memory, one too few would make the migration fail.
 */
export function extensionsIn(texts: Iterable<string>, available: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const text of texts) {
    if (!/\bcreate\s+extension\b/i.test(text)) continue;
    const lower = text.toLowerCase();
    for (const name of available) {
      if (!lower.includes(name.toLowerCase())) continue;
      for (const needed of [name, ...(companions[name] ?? [])]) found.add(needed);
    }
  }
  return [...found].sort();
}
