/** Buckets of a map that holds more than MOST_IN_ONE; the others have one, and need not compute in which a key is. */
const BUCKETS = 64;
const MOST_IN_ONE = 8;

/** An immutable map with string keys: a change gives another map and leaves this one as it is. */
export abstract class PersistentMap<V> {
  static empty<V>(): PersistentMap<V> {
    return new BucketMap<V>([undefined], 0);
  }

  abstract get size(): number;
  abstract get(key: string): V | undefined;
  abstract has(key: string): boolean;
  /** The map with `key` standing for `value`; this one when it does so already. */
  abstract set(key: string, value: V): PersistentMap<V>;
  /** The map without `key`; this one when it has no such key. */
  abstract delete(key: string): PersistentMap<V>;
  abstract entries(): Iterable<[string, V]>;

  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  /** The keys under which the two hold values that are not identical. Quick where they share their parts. */
  differences(other: PersistentMap<V>): Set<string> {
    const keys = new Set<string>();
    for (const [key, value] of this.entries()) if (other.get(key) !== value) keys.add(key);
    for (const [key] of other.entries()) if (!this.has(key)) keys.add(key);
    return keys;
  }

  /** Whether both hold the same keys with values that `same` calls equal. Quick where the two share their parts. */
  equals(other: PersistentMap<V>, same: (a: V, b: V) => boolean): boolean {
    if (this === other) return true;
    if (this.size !== other.size) return false;
    for (const [key, value] of this.entries()) {
      const its = other.get(key);
      if (its !== value && (its === undefined || !same(value, its))) return false;
    }
    return true;
  }
}

/**
 * A map in buckets: a change copies one of them and shares the others, so that two maps that come from one another are
 * compared, and changed, in the time their difference takes.
 */
class BucketMap<V> extends PersistentMap<V> {
  readonly size: number;
  private readonly buckets: readonly (ReadonlyMap<string, V> | undefined)[];

  constructor(buckets: readonly (ReadonlyMap<string, V> | undefined)[], size: number) {
    super();
    this.buckets = buckets;
    this.size = size;
  }

  get(key: string): V | undefined {
    return this.buckets[this.bucketOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.buckets[this.bucketOf(key)]?.has(key) ?? false;
  }

  set(key: string, value: V): PersistentMap<V> {
    const index = this.bucketOf(key);
    const old = this.buckets[index];
    const isNew = !old?.has(key);
    if (!isNew && old?.get(key) === value) return this;
    if (isNew && this.size === MOST_IN_ONE && this.buckets.length === 1) {
      return this.spread().set(key, value);
    }
    const bucket = new Map(old);
    bucket.set(key, value);
    return this.withBucket(index, bucket, this.size + (isNew ? 1 : 0));
  }

  delete(key: string): PersistentMap<V> {
    const index = this.bucketOf(key);
    const old = this.buckets[index];
    if (!old?.has(key)) return this;
    const bucket = new Map(old);
    bucket.delete(key);
    return this.withBucket(index, bucket.size === 0 ? undefined : bucket, this.size - 1);
  }

  *entries(): Generator<[string, V]> {
    for (const bucket of this.buckets) if (bucket) yield* bucket;
  }

  override differences(other: PersistentMap<V>): Set<string> {
    if (!(other instanceof BucketMap) || other.buckets.length !== this.buckets.length) {
      return super.differences(other);
    }
    const keys = new Set<string>();
    for (let i = 0; i < this.buckets.length; i++) {
      const mine: ReadonlyMap<string, V> | undefined = this.buckets[i];
      const theirs: ReadonlyMap<string, V> | undefined = other.buckets[i];
      if (mine === theirs) continue;
      for (const [key, value] of mine ?? []) if (theirs?.get(key) !== value) keys.add(key);
      for (const [key] of theirs ?? []) if (!mine?.has(key)) keys.add(key);
    }
    return keys;
  }

  override equals(other: PersistentMap<V>, same: (a: V, b: V) => boolean): boolean {
    if (!(other instanceof BucketMap) || other.buckets.length !== this.buckets.length) {
      return super.equals(other, same);
    }
    if (this.size !== other.size) return false;
    for (let i = 0; i < this.buckets.length; i++) {
      const mine: ReadonlyMap<string, V> | undefined = this.buckets[i];
      const theirs: ReadonlyMap<string, V> | undefined = other.buckets[i];
      if (mine === theirs) continue;
      if (mine === undefined || theirs === undefined || mine.size !== theirs.size) return false;
      for (const [key, value] of mine) {
        const its = theirs.get(key);
        if (its === undefined || (its !== value && !same(value, its))) return false;
      }
    }
    return true;
  }

  private bucketOf(key: string): number {
    return this.buckets.length === 1 ? 0 : hashOf(key) % BUCKETS;
  }

  /** The same entries in all buckets. */
  private spread(): BucketMap<V> {
    const buckets = new Array<Map<string, V> | undefined>(BUCKETS).fill(undefined);
    for (const [key, value] of this.entries()) {
      const index = hashOf(key) % BUCKETS;
      buckets[index] = (buckets[index] ?? new Map<string, V>()).set(key, value);
    }
    return new BucketMap(buckets, this.size);
  }

  private withBucket(
    index: number,
    bucket: ReadonlyMap<string, V> | undefined,
    size: number,
  ): PersistentMap<V> {
    const buckets = this.buckets.slice();
    buckets[index] = bucket;
    return new BucketMap(buckets, size);
  }
}

/** FNV-1a over the code units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
