import { PersistentMap } from '../catalog/persistentMap.ts';
import { listed, type Maps, Overlay, placed, withValues } from './maps.ts';

/**
 * The state that a statement ran on, as the statement sees it: each look into it is noted. As long as a statement would
 * find the same, it need not run again on another state; the recording then moves there. What is looked up later (by a
 * rule, for a fix) is looked up, and noted, in the state where the recording stands.
 */
export class Recording {
  readonly view: Maps;
  private readonly sources: readonly Source[];
  private readonly base: Maps;
  private readonly maps: readonly PersistentMap<unknown>[];
  private overlay: Overlay;

  constructor(before: Maps) {
    this.base = before;
    this.maps = listed(before);
    this.overlay = new Overlay();
    this.sources = listed(before).map(
      (_, i) =>
        new Source(
          (key) => this.valueAt(i, key),
          () => this.mapAt(i),
        ),
    );
    this.view = placed(
      before.catalog,
      this.sources.map((source) => new RecordingMap(source)),
    );
  }

  /** The state itself. */
  get state(): Maps {
    return this.overlay.over(this.base);
  }

  /** The value under a key of one of the maps, without noting it. */
  valueAt(map: number, key: string): unknown {
    const over = this.overlay.maps[map];
    return over?.has(key) ? over.get(key) : this.maps[map]?.get(key);
  }

  /** Whether any of these values was looked up. */
  sees(changes: Overlay): boolean {
    return this.sources.some((source, i) => source.sees(changes.maps[i]));
  }

  /**
   * Moves to a state that differs from this one in `changes`. `merged` remembers what that makes of an overlay: where
   * statements share one, none of them writes what it holds, so below it they find the same.
   */
  move(changes: Overlay, merged: Map<Overlay, Overlay>): void {
    let overlay = merged.get(this.overlay);
    if (overlay === undefined) {
      overlay = this.overlay.under(changes, this.base);
      merged.set(this.overlay, overlay);
    }
    this.overlay = overlay;
  }

  private mapAt(map: number): PersistentMap<unknown> {
    return withValues(this.maps[map] ?? PersistentMap.empty(), this.overlay.maps[map]);
  }
}

/** One of the maps behind a view, and what was looked up in it. */
class Source {
  private readonly found = new Map<string, unknown>();
  private readonly valueAt: (key: string) => unknown;
  private readonly mapNow: () => PersistentMap<unknown>;
  /** True once all of the map was looked through. */
  private whole = false;

  constructor(valueAt: (key: string) => unknown, mapNow: () => PersistentMap<unknown>) {
    this.valueAt = valueAt;
    this.mapNow = mapNow;
  }

  lookUp(key: string): unknown {
    if (this.found.has(key)) return this.found.get(key);
    const value = this.valueAt(key);
    this.found.set(key, value);
    return value;
  }

  all(): PersistentMap<unknown> {
    this.whole = true;
    return this.mapNow();
  }

  sees(changes: ReadonlyMap<string, unknown> | undefined): boolean {
    if (changes === undefined || changes.size === 0) return false;
    if (this.whole) return true;
    for (const key of changes.keys()) if (this.found.has(key)) return true;
    return false;
  }
}

/** A value that was written; undefined for a key that was deleted. */
interface Written {
  readonly value: unknown;
}

const NONE = PersistentMap.empty<Written>();

/** A map that notes what is looked up in it; a changed one knows what was written. */
class RecordingMap extends PersistentMap<unknown> {
  readonly writes: PersistentMap<Written>;
  private readonly source: Source;

  constructor(source: Source, writes = NONE) {
    super();
    this.source = source;
    this.writes = writes;
  }

  get size(): number {
    return this.all().size;
  }

  get(key: string): unknown {
    const written = this.writes.get(key);
    return written === undefined ? this.source.lookUp(key) : written.value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: unknown): PersistentMap<unknown> {
    return this.get(key) === value ? this : this.write(key, value);
  }

  delete(key: string): PersistentMap<unknown> {
    return this.get(key) === undefined ? this : this.write(key, undefined);
  }

  entries(): Iterable<[string, unknown]> {
    return this.all().entries();
  }

  written(): Map<string, unknown> {
    return new Map([...this.writes.entries()].map(([key, { value }]) => [key, value]));
  }

  private all(): PersistentMap<unknown> {
    return withValues(this.source.all(), this.written());
  }

  private write(key: string, value: unknown): PersistentMap<unknown> {
    return new RecordingMap(this.source, this.writes.set(key, { value }));
  }
}

/** What a statement wrote into its view. */
export function writesOf(after: Maps): Overlay {
  return new Overlay(listed(after).map((map) => (map instanceof RecordingMap ? map.written() : new Map())));
}
