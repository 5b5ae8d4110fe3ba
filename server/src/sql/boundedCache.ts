/**
 * Remembers values by text, in two generations: when the young one is full it becomes the old one, and what was old
 * and has not been asked for since is forgotten. So what is in use stays, at a constant cost.
 */
export class BoundedCache<Value> {
  private readonly limit: number;
  private young = new Map<string, { readonly value: Value; readonly size: number }>();
  private old = new Map<string, { readonly value: Value; readonly size: number }>();
  private youngSize = 0;

  /** At most `limit` is held, in the unit of the sizes given to `set`; at least half of it when that much was set. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get(key: string): Value | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young.value;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old.value, old.size);
    return old?.value;
  }

  set(key: string, value: Value, size: number): void {
    this.youngSize += size - (this.young.get(key)?.size ?? 0);
    this.young.set(key, { value, size });
    if (this.youngSize <= this.limit / 2) return;
    this.old = this.young;
    this.young = new Map();
    this.youngSize = 0;
  }
}
