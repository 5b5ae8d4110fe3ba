interface Kept<Value> {
  /** As it was set: one that is asked for may be a piece of a document, which it would keep alive. */
  readonly key: string;
  readonly value: Value;
  readonly size: number;
}

/**
 * Remembers values by text, in two generations: when the young one is full it becomes the old one, and what was old
 * and has not been asked for since is forgotten. So what is in use stays, at a constant cost.
 */
export class BoundedCache<Value> {
  private readonly limit: number;
  private young = new Map<string, Kept<Value>>();
  private old = new Map<string, Kept<Value>>();
  private youngSize = 0;

  /** At most `limit` is held, in the unit of the sizes given to `set`; at least half of it when that much was set. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get(key: string): Value | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young.value;
    const old = this.old.get(key);
    if (old !== undefined) this.set(old.key, old.value, old.size);
    return old?.value;
  }

  set(key: string, value: Value, size: number): void {
    this.youngSize += size - (this.young.get(key)?.size ?? 0);
    this.young.set(key, { key, value, size });
    if (this.youngSize <= this.limit / 2) return;
    this.old = this.young;
    this.young = new Map();
    this.youngSize = 0;
  }
}
