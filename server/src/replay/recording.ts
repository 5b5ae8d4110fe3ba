import { PersistentMap } from '../catalog/persistentMap.ts';
import { listed, type Maps, NO_CHANGES, Overlay, placed, withValues } from './maps.ts';

/**
 * The state that a statement ran on, as the statement sees it: each look into it is noted. As long as a statement would
 * find the same, it need not run again on another state; the recording then moves there. What is looked up later (by a
 * rule, for a fix) is looked up, and noted, in the state where the recording stands.
 */
export class Recording {
  readonly view: Maps;
  private readonly base: Maps;
  private readonly maps: readonly PersistentMap<unknown>[];
  private overlay = NO_CHANGES;
  /** What was looked up in each of the maps. There is one of these for every statement: it is kept small. */
  private readonly found: (Map<string, unknown> | undefined)[] = [];
  /** The maps of which all was looked through, a bit for each. */
  private whole = 0;

  constructor(before: Maps) {
    this.base = before;
    this.maps = listed(before);
    this.view = placed(
      before.catalog,
      this.maps.map((_, i) => new RecordingMap(this, i)),
    );
  }

  /** The state itself. */
  get state(): Maps {
    return this.overlay.over(this.base);
  }

  /** The value under a key of one of the maps, without noting it. */
  valueAt(map: number, key: string): unknown {
    const over = this.overlay.of(map);
    return over?.has(key) ? over.get(key) : this.maps[map]?.get(key);
  }

  /** The value under a key of one of the maps, noted. */
  lookUp(map: number, key: string): unknown {
    let found = this.found[map];
    if (found === undefined) {
      found = new Map();
      this.found[map] = found;
    } else if (found.has(key)) return found.get(key);
    const value = this.valueAt(map, key);
    found.set(key, value);
    return value;
  }

  /** One of the maps, noted as looked through. */
  all(map: number): PersistentMap<unknown> {
    this.whole |= 1 << map;
    return withValues(this.maps[map] ?? PersistentMap.empty(), this.overlay.of(map));
  }

  /** Whether any of these values was looked up. */
  sees(changes: Overlay): boolean {
    // Asked of every statement after an edit: written for speed.
    for (const map of changes.touched) {
      if ((this.whole & (1 << map)) !== 0) return true;
      const found = this.found[map];
      if (found !== undefined) for (const key of changes.keysOf(map)) if (found.has(key)) return true;
    }
    return false;
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
}

/** A value that was written; undefined for a key that was deleted. */
interface Written {
  readonly value: unknown;
}

const NONE = PersistentMap.empty<Written>();

/** A map that notes what is looked up in it; a changed one knows what was written. */
class RecordingMap extends PersistentMap<unknown> {
  readonly writes: PersistentMap<Written>;
  private readonly recording: Recording;
  /** Its number among the maps of the recording. */
  private readonly map: number;

  constructor(recording: Recording, map: number, writes = NONE) {
    super();
    this.recording = recording;
    this.map = map;
    this.writes = writes;
  }

  get size(): number {
    return this.all().size;
  }

  get(key: string): unknown {
    const written = this.writes.get(key);
    return written === undefined ? this.recording.lookUp(this.map, key) : written.value;
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
    return withValues(this.recording.all(this.map), this.written());
  }

  private write(key: string, value: unknown): PersistentMap<unknown> {
    return new RecordingMap(this.recording, this.map, this.writes.set(key, { value }));
  }
}

/** What a statement wrote into its view. */
export function writesOf(after: Maps): Overlay {
  return new Overlay(
    listed(after).map((map) =>
      map instanceof RecordingMap && map.writes.size > 0 ? map.written() : undefined,
    ),
  );
}
