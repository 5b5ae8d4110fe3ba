import { type Catalog, sameValue } from '../catalog/catalog.ts';
import type { PersistentMap } from '../catalog/persistentMap.ts';

/** The maps that a statement may read and write: those of the catalog, and what its script has made and dropped. */
export interface Maps {
  readonly catalog: Catalog;
  /** What the script has made so far, by `mentionKey`. */
  readonly created: PersistentMap<true>;
  /** Objects that the script has dropped so far (`mentionKey`), and not made since. */
  readonly cleared: PersistentMap<true>;
}

export type Flags = Pick<Catalog, 'fromScratch' | 'uncertain'>;

type CatalogMaps = Omit<Catalog, keyof Flags>;

/** The maps in a fixed order: they are spoken of by their number. */
export function listed({ catalog, created, cleared }: Maps): readonly PersistentMap<unknown>[] {
  return [
    catalog.schemas,
    catalog.relations,
    catalog.dependents,
    catalog.types,
    catalog.routines,
    catalog.extensions,
    catalog.publications,
    catalog.statistics,
    catalog.gone,
    created,
    cleared,
  ];
}

/** The maps in their places again, in the order of `listed`. */
export function placed({ fromScratch, uncertain }: Flags, maps: readonly PersistentMap<unknown>[]): Maps {
  const [schemas, relations, dependents, types, routines, extensions, publications, statistics, gone] = maps;
  const [created, cleared] = maps.slice(9);
  const own: Record<keyof CatalogMaps, PersistentMap<unknown> | undefined> = {
    schemas,
    relations,
    dependents,
    types,
    routines,
    extensions,
    publications,
    statistics,
    gone,
  };
  // Each map comes from the one of that name, so it holds values of its type.
  return { catalog: { ...own, fromScratch, uncertain }, created, cleared } as Maps;
}

interface Keys {
  readonly maps: readonly number[];
  readonly ofMap: readonly (readonly string[])[];
}

/** Values by key for the maps, in the order of `listed`; undefined for a key that is not there. */
export class Overlay {
  /** None for a map that has no values here. */
  private readonly maps: (Map<string, unknown> | undefined)[];
  /** Listed when they are first asked for; undefined when that does not hold any more. */
  private known: Keys | undefined;

  constructor(maps: (Map<string, unknown> | undefined)[] = []) {
    this.maps = maps;
  }

  /** The maps that have values here, by their number. */
  *entries(): Generator<[number, Map<string, unknown>]> {
    for (const [i, map] of this.maps.entries()) if (map !== undefined && map.size > 0) yield [i, map];
  }

  get isEmpty(): boolean {
    return this.touched.length === 0;
  }

  /** The numbers of the maps that have values here. */
  get touched(): readonly number[] {
    return this.keys().maps;
  }

  /** The keys of one of them. */
  keysOf(map: number): readonly string[] {
    return this.keys().ofMap[map] ?? [];
  }

  private keys(): Keys {
    if (this.known === undefined) {
      const ofMap = this.maps.map((map) => (map === undefined ? [] : [...map.keys()]));
      this.known = { maps: [...ofMap.keys()].filter((map) => (ofMap[map]?.length ?? 0) > 0), ofMap };
    }
    return this.known;
  }

  of(map: number): ReadonlyMap<string, unknown> | undefined {
    return this.maps[map];
  }

  set(map: number, key: string, value: unknown): void {
    let values = this.maps[map];
    if (values === undefined) {
      values = new Map();
      this.maps[map] = values;
    }
    values.set(key, value);
    this.known = undefined;
  }

  delete(map: number, key: string): void {
    if (this.maps[map]?.delete(key)) this.known = undefined;
  }

  /** This one with the values of another over it, as far as they are others than `base` has. */
  under(other: Overlay, base: Maps): Overlay {
    const below = listed(base);
    const result = new Overlay();
    for (const [i, map] of below.entries()) {
      for (const [key, value] of new Map([...(this.of(i) ?? []), ...(other.of(i) ?? [])])) {
        if (!sameValue(value, map.get(key))) result.set(i, key, value);
      }
    }
    return result.isEmpty ? NO_CHANGES : result;
  }

  /** The maps with these values in them. */
  over(base: Maps, flags: Flags = base.catalog): Maps {
    let changed =
      flags.fromScratch !== base.catalog.fromScratch || flags.uncertain !== base.catalog.uncertain;
    const result = listed(base).map((map, i) => {
      const written = withValues(map, this.maps[i]);
      if (written !== map) changed = true;
      return written;
    });
    return changed ? placed(flags, result) : base;
  }
}

/** Where nothing is changed. */
export const NO_CHANGES = new Overlay();

export function withValues(
  map: PersistentMap<unknown>,
  values: ReadonlyMap<string, unknown> | undefined,
): PersistentMap<unknown> {
  let out = map;
  for (const [key, value] of values ?? []) out = value === undefined ? out.delete(key) : out.set(key, value);
  return out;
}
