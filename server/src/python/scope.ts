import type { Value } from './value.ts';

/** Names and their values: those of a function, then those around it. */
export class Scope {
  private readonly names = new Map<string, Value>();
  private readonly outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.outer = outer;
  }

  get(name: string): Value | undefined {
    return this.names.get(name) ?? this.outer?.get(name);
  }

  set(name: string, value: Value): void {
    this.names.set(name, value);
  }

  /** What the names are worth now, to be held against later. */
  snapshot(): ReadonlyMap<string, Value> {
    return new Map(this.names);
  }

  /** The names whose value is another one than in the snapshot. */
  changedSince(snapshot: ReadonlyMap<string, Value>): string[] {
    return [...this.names].flatMap(([name, value]) => (snapshot.get(name) === value ? [] : [name]));
  }

  /** Takes the names back to the snapshot. */
  restore(snapshot: ReadonlyMap<string, Value>): void {
    this.names.clear();
    for (const [name, value] of snapshot) this.names.set(name, value);
  }
}
