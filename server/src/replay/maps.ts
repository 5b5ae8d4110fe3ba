import { type Catalog, sameValue } from '../catalog/catalog.ts';
import type { PersistentMap } from '../catalog/persistentMap.ts';

/** The maps that a statement may read and write: those of the catalog, and what its script has made and dropped. */
export interface Maps {
  readonly catalog: Catalog;
  /** Keys of the relations and types that the script has made so far. */
  readonly created: PersistentMap<true>;
  /** Objects that the script has dropped so far (`mentionKey`), and not made since. */
  readonly cleared: PersistentMap<true>;
}

export type Flags = Pick<Catalog, 'fromScratch' | 'uncertain'>;

/** The maps in a fixed order: they are spoken of by their number. */
export function listed({ catalog, created, cleared }: Maps): readonly PersistentMap<unknown>[] {
  const { schemas, relations, types, routines, extensions, publications, statistics, gone } = catalog;
  return [schemas, relations, types, routines, extensions, publications, statistics, gone, created, cleared];
}

/** The maps in their places again, in the order of `listed`. */
export function placed(flags: Flags, maps: readonly PersistentMap<unknown>[]): Maps {
  const [schemas, relations, types, routines, extensions, publications, statistics, gone, created, cleared] =
    maps;
  const { fromScratch, uncertain } = flags;
  // Each map comes from the one of that name, so it holds values of its type.
  const catalog = {
    schemas,
    relations,
    types,
    routines,
    extensions,
    publications,
    statistics,
    gone,
    fromScratch,
    uncertain,
  } as Catalog;
  return { catalog, created, cleared } as Maps;
}

/** Values by key for each of the maps, in the order of `listed`; undefined for a key that is not there. */
export class Overlay {
  readonly maps: readonly Map<string, unknown>[];

  constructor(
    maps: readonly Map<string, unknown>[] = Array.from({ length: 10 }, () => new Map<string, unknown>()),
  ) {
    this.maps = maps;
  }

  get size(): number {
    return this.maps.reduce((sum, map) => sum + map.size, 0);
  }

  /** This one with the values of another over it, as far as they are others than `base` has. */
  under(other: Overlay, base: Maps): Overlay {
    const below = listed(base);
    return new Overlay(
      this.maps.map((map, i) => {
        const merged = new Map([...map, ...(other.maps[i] ?? [])]);
        for (const [key, value] of merged) if (sameValue(value, below[i]?.get(key))) merged.delete(key);
        return merged;
      }),
    );
  }

  /** The maps with these values in them. */
  over(base: Maps, flags: Flags = base.catalog): Maps {
    const maps = listed(base);
    let changed =
      flags.fromScratch !== base.catalog.fromScratch || flags.uncertain !== base.catalog.uncertain;
    const result = maps.map((map, i) => {
      const written = withValues(map, this.maps[i]);
      if (written !== map) changed = true;
      return written;
    });
    return changed ? placed(flags, result) : base;
  }
}

export function withValues(
  map: PersistentMap<unknown>,
  values: ReadonlyMap<string, unknown> | undefined,
): PersistentMap<unknown> {
  let out = map;
  for (const [key, value] of values ?? []) out = value === undefined ? out.delete(key) : out.set(key, value);
  return out;
}
