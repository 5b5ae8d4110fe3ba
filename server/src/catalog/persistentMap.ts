const BUCKETS = 64;

/**
 * An immutable map with string keys. A change copies one of its buckets and shares the others, so that two maps that
 * come from one another are compared, and changed, in the time their difference takes.
 */
export class PersistentMap<V> {
  readonly size: number;
  private readonly buckets: readonly (ReadonlyMap<string, V> | undefined)[];

  private constructor(buckets: readonly (ReadonlyMap<string, V> | undefined)[], size: number) {
    this.buckets = buckets;
    this.size = size;
  }

  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(new Array(BUCKETS).fill(undefined), 0);
  }

  get(key: string): V | undefined {
    return this.buckets[bucketOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.buckets[bucketOf(key)]?.has(key) ?? false;
  }

  /** The map with `key` standing for `value`; this one when it does so already. */
  set(key: string, value: V): PersistentMap<V> {
    const index = bucketOf(key);
    const old = this.buckets[index];
    if (old?.get(key) === value && old.has(key)) return this;
    const bucket = new Map(old);
    bucket.set(key, value);
    return this.withBucket(index, bucket, this.size + (old?.has(key) ? 0 : 1));
  }

  /** The map without `key`; this one when it has no such key. */
  delete(key: string): PersistentMap<V> {
    const index = bucketOf(key);
    const old = this.buckets[index];
    if (!old?.has(key)) return this;
    const bucket = new Map(old);
    bucket.delete(key);
    return this.withBucket(index, bucket.size === 0 ? undefined : bucket, this.size - 1);
  }

  *entries(): Generator<[string, V]> {
    for (const bucket of this.buckets) if (bucket) yield* bucket;
  }

  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  /** Whether both hold the same keys with values that `same` calls equal. Shared parts are not looked at. */
  equals(other: PersistentMap<V>, same: (a: V, b: V) => boolean): boolean {
    if (this === other) return true;
    if (this.size !== other.size) return false;
    for (let i = 0; i < BUCKETS; i++) {
      const mine = this.buckets[i];
      const theirs = other.buckets[i];
      if (mine === theirs) continue;
      if (mine === undefined || theirs === undefined || mine.size !== theirs.size) return false;
      for (const [key, value] of mine) {
        const its = theirs.get(key);
        if (its === undefined || (its !== value && !same(value, its))) return false;
      }
    }
    return true;
  }

  private withBucket(index: number, bucket: ReadonlyMap<string, V> | undefined, size: number): PersistentMap<V> {
    const buckets = this.buckets.slice();
    buckets[index] = bucket;
    return new PersistentMap(buckets, size);
  }
}

/** FNV-1a over the code units. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
