import { sameValue } from '../catalog/catalog.ts';
import { commonEnd, commonStart } from '../sql/lists.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { type Flags, listed, type Maps, Overlay } from './maps.ts';
import type { Recording } from './recording.ts';
import type { Sent } from './sent.ts';
import type { Session } from './session.ts';
import type { Step } from './step.ts';

/** The steps of one statement of a document: its own first, then those of the statements inside it. */
export interface StepGroup {
  readonly steps: readonly Step[];
}

/** What a statement meets besides what is in the maps. Where one leaves it as it was, before and after are one value. */
export interface Mark extends Flags {
  readonly session: Session;
}

/** One statement as it was run: what it found (`recording`), what it wrote, and the steps that rules look at. */
export interface Run {
  readonly group: StepGroup;
  readonly recording: Recording;
  readonly writes: Overlay;
  readonly before: Mark;
  readonly after: Mark;
}

/** The runs of a script, one for each statement that was sent, and the states around them. */
export interface Runs {
  readonly sent: Sent;
  /** The session in which it began. */
  readonly session: Session;
  readonly runs: readonly Run[];
  readonly start: Maps;
  readonly end: Maps;
}

/**
 * Goes through a script again beside its runs before an edit. At each moment it knows where the new state differs from
 * the old one: a statement that has found nothing of the difference is taken over without running.
 */
export class Rerun {
  private readonly old: Runs | undefined;
  private readonly sent: Sent;
  /** Whether it begins on the same state as the old one. */
  private readonly beginsAlike: boolean;
  /** The old run that comes next; `changes` are against the state before it. */
  private next = 0;
  private readonly changes: Overlay;
  private readonly merged = new Map<Overlay, Overlay>();
  /** How many statements at the end are those of the old script. */
  private readonly tail: number;
  /** Where the others of the old runs stand; undefined until one is not where it is looked for first. */
  private positions: Map<ParsedStatement, number[]> | undefined;
  /** The state now; undefined until it is asked for. */
  private current: Maps | undefined;
  private now: Mark;

  constructor(old: Runs | undefined, start: Maps, session: Session, sent: Sent) {
    this.old = old;
    this.sent = sent;
    this.current = start;
    this.now = markOf(start, session);
    this.changes = old === undefined ? new Overlay() : differences(start, old.start);
    this.beginsAlike =
      old !== undefined && this.changes.isEmpty && sameValue(this.now, markOf(old.start, old.session));
    this.tail = old === undefined ? 0 : commonEnd(sent.parsed, old.sent.parsed);
  }

  /** The state that the next statement meets. */
  get state(): Maps & { readonly session: Session } {
    this.current ??= this.changes.over(this.oldState(), this.now);
    return { ...this.current, session: this.now.session };
  }

  /** What of that is not in the maps. */
  get mark(): Mark {
    return this.now;
  }

  /** Goes on in another session than the last statement left: the tool has begun or ended a transaction. */
  continueIn(next: (session: Session) => Session): void {
    const session = next(this.now.session);
    if (session !== this.now.session) this.now = { ...this.now, session };
  }

  /**
   * The old runs of the statements up to the first that is another one now: they have met what they would meet. To be
   * asked for before anything else.
   */
  takeOverStart(): Run[] {
    const { old, sent } = this;
    if (old === undefined || !this.beginsAlike) return [];
    const same = Math.min(commonStart(sent.parsed, old.sent.parsed), commonStart(sent.how, old.sent.how));
    const last = old.runs[same - 1];
    if (last === undefined) return [];
    this.next = same;
    this.current = undefined;
    this.now = last.after;
    return old.runs.slice(0, same);
  }

  /** The old run of the statement with this number, taken over; undefined when it has to run. */
  takeOver(statement: number): Run | undefined {
    const { old } = this;
    const position = this.find(statement);
    if (old === undefined || position === undefined) return undefined;
    while (this.next < position) this.passOver();
    const run = old.runs[position];
    if (run === undefined || old.sent.how[position] !== this.sent.how[statement] || !this.holds(run)) {
      return undefined;
    }
    if (!this.changes.isEmpty) {
      run.recording.move(this.changes, this.merged);
    }
    this.next++;
    this.current = undefined;
    this.now = run.after;
    return run;
  }

  /** Goes on after a statement that was run on `state`. */
  wasRun(run: Run): void {
    this.current = run.writes.over(this.state, run.after);
    this.now = run.after;
    for (const [i, map] of run.writes.entries()) {
      for (const [key, value] of map) this.compare(i, key, value, this.oldValue(i, key));
    }
  }

  /** The number of the next old run of the statement with this number. */
  private find(statement: number): number | undefined {
    const old = this.old?.sent.parsed ?? [];
    const parsed = this.sent.parsed[statement];
    if (parsed === undefined) return undefined;
    if (old[this.next] === parsed) return this.next;
    const firstOfTail = old.length - this.tail;
    const fromEnd = this.sent.parsed.length - statement;
    if (fromEnd <= this.tail) {
      const position = old.length - fromEnd;
      return position < this.next ? undefined : position;
    }
    this.positions ??= positionsOf(old, this.next, firstOfTail);
    return this.positions.get(parsed)?.find((each) => each >= this.next);
  }

  private holds({ before, recording }: Run): boolean {
    // From one run that was taken over to the next the mark is one value.
    return (before === this.now || sameValue(before, this.now)) && !recording.sees(this.changes);
  }

  /** Passes over an old run that has no place in the new script. */
  private passOver(): void {
    // The new state is what it was, but it is to be told from another old one now.
    const state = this.state;
    this.current = state;
    const run = this.old?.runs[this.next];
    for (const [i, map] of run?.writes.entries() ?? []) {
      for (const [key, value] of map) this.compare(i, key, listed(state)[i]?.get(key), value);
    }
    this.next++;
  }

  private compare(map: number, key: string, now: unknown, before: unknown): void {
    if (now === before || sameValue(now, before)) this.changes.delete(map, key);
    else this.changes.set(map, key, now);
    this.merged.clear();
  }

  private oldValue(map: number, key: string): unknown {
    const run = this.old?.runs[this.next];
    if (run !== undefined) return run.recording.valueAt(map, key);
    return this.old === undefined ? undefined : listed(this.old.end)[map]?.get(key);
  }

  private oldState(): Maps {
    const run = this.old?.runs[this.next];
    const state = run?.recording.state ?? this.old?.end;
    // Without an old script each state is known, since each statement was run.
    if (state === undefined) throw new Error('no state to start from');
    return state;
  }
}

/** What a statement meets on a state, besides its maps. */
function markOf({ catalog }: Maps, session: Session): Mark {
  return { session, fromScratch: catalog.fromScratch, uncertain: catalog.uncertain };
}

/** The mark after a statement that met `before`. */
export function markAfter(before: Mark, state: Maps, session: Session): Mark {
  const after = markOf(state, session);
  return sameValue(before, after) ? before : after;
}

/** Where each of the statements from `start` up to `end` stands. */
function positionsOf(
  statements: readonly ParsedStatement[],
  start: number,
  end: number,
): Map<ParsedStatement, number[]> {
  const all = new Map<ParsedStatement, number[]>();
  for (const [i, statement] of statements.slice(start, end).entries()) {
    const positions = all.get(statement);
    if (positions === undefined) all.set(statement, [start + i]);
    else positions.push(start + i);
  }
  return all;
}

function differences(now: Maps, before: Maps): Overlay {
  const old = listed(before);
  const changes = new Overlay();
  for (const [i, map] of listed(now).entries()) {
    const other = old[i];
    if (other === undefined || other === map) continue;
    for (const key of map.differences(other)) {
      const value = map.get(key);
      if (!sameValue(value, other.get(key))) changes.set(i, key, value);
    }
  }
  return changes;
}
