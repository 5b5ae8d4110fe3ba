/** Remembers values by text, the least recently used forgotten first once their sizes exceed the limit. */
export class BoundedCache<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, { readonly value: Value; readonly size: number }>();
  #size = 0;

  /** `limit` is in the unit of the sizes given to `set`. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A Map iterates in the order of insertion: putting the entry in again makes it the youngest. Near the limit
    // only: re-inserting on every look-up would be most of the cost of a look-up.
    if (this.#size > this.#limit / 2) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry.value;
  }

  set(key: string, value: Value, size: number): void {
    const old = this.#entries.get(key);
    if (old !== undefined) this.#size -= old.size;
    this.#entries.delete(key);
    this.#entries.set(key, { value, size });
    this.#size += size;
    for (const [oldest, entry] of this.#entries) {
      if (this.#size <= this.#limit) return;
      this.#entries.delete(oldest);
      this.#size -= entry.size;
    }
  }
}
