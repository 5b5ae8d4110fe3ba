import { firstFrom } from './lists.ts';
import type { Aside, PlacedStatement, SqlReading } from './reading.ts';
import { type Span, shift } from './span.ts';
import { changeBetween, type TextChange } from './textChange.ts';

/** A text of a document that was read before, as far as it still says something of the text at hand. */
export interface EarlierText {
  /** In order of their place. */
  readonly readings: readonly SqlReading[];
  readonly change: TextChange;
}

/** What an earlier text of a document tells of `text`; undefined where none of it was read as SQL. */
export function earlierText(
  earlier: { readonly text: string; readonly sql?: readonly SqlReading[] } | undefined,
  text: string,
): EarlierText | undefined {
  return earlier?.sql && { readings: earlier.sql, change: changeBetween(earlier.text, text) };
}

/** A reading that is being made. */
interface Unfinished extends SqlReading {
  readonly statements: PlacedStatement[];
  readonly asides: Aside[];
  readonly unsettled: number[];
}

/**
 * What an earlier text tells of a stretch of the one at hand. After a statement the splitter goes on as if nothing stood
 * before it: wherever it comes to a place where one ended in the earlier text, it will come to all that followed there,
 * but for what hangs on the change.
 */
export class EarlierStretch {
  private readonly end: number;
  private readonly change: TextChange;
  /** How much further on what stands behind the change is now. */
  private readonly by: number;
  /** What holds the beginning of the stretch, where that stands before the change. */
  private readonly head: SqlReading | undefined;
  /** What ended where the stretch does, behind the change. */
  private readonly tail: SqlReading | undefined;

  constructor({ readings, change }: EarlierText, { start, end }: Span) {
    this.end = end;
    this.change = change;
    this.by = change.endAfter - change.endBefore;
    this.head = readings[firstFrom(readings, ({ span }) => span.end > start)];
    const endBefore = end - this.by;
    const tail = readings[firstFrom(readings, ({ span }) => span.end >= endBefore)];
    if (end >= change.endAfter && tail?.span.end === endBefore) this.tail = tail;
  }

  /**
   * Takes over what stands between `at` and the change, up to what hangs on more than its own text. Gives where to go on.
   */
  takeSettled(at: number, { statements }: Unfinished): number {
    const { head, change } = this;
    const from = head && at <= change.start ? itemsFrom(head, at) : undefined;
    if (head === undefined || from === undefined) return at;
    const limit = Math.min(change.start, this.end, head.asides[from.aside]?.span.start ?? change.start);
    const behindLimit = firstFrom(head.statements, ({ terminatedEnd }) => terminatedEnd > limit);
    const unsettled = head.unsettled[firstFrom(head.unsettled, (number) => number >= from.statement)];
    const stop = Math.min(behindLimit, unsettled ?? behindLimit);
    for (const statement of head.statements.slice(from.statement, stop)) statements.push(statement);
    return stop > from.statement ? (statements.at(-1)?.terminatedEnd ?? at) : at;
  }

  /**
   * Takes over all that follows `at`, where that is known, and says whether it is. `most` statements may be unsettled: a
   * reader that treats more of them in another way reads them again.
   */
  takeRest(at: number, { statements, asides, unsettled }: Unfinished, most: number): boolean {
    const { tail, change, by } = this;
    // What stands directly before a statement counts too (whether it begins its line): at least that is as it was.
    const from = tail && at > change.endAfter ? itemsFrom(tail, at - by) : undefined;
    if (tail === undefined || from === undefined || unsettled.length + tail.unsettled.length > most)
      return false;
    const later = statements.length - from.statement;
    for (const number of tail.unsettled) if (number >= from.statement) unsettled.push(number + later);
    for (let i = from.statement; i < tail.statements.length; i++) {
      const statement = tail.statements[i];
      if (statement !== undefined) statements.push(by === 0 ? statement : statement.moved(by));
    }
    for (const aside of tail.asides.slice(from.aside)) asides.push({ ...aside, span: shift(aside.span, by) });
    return true;
  }
}

/**
 * The numbers of the first statement and of the first aside behind `at`, where one ends that the splitter goes on after;
 * undefined in the midst of one, and where the data of a COPY follows.
 */
function itemsFrom(
  { span, statements, asides }: SqlReading,
  at: number,
): { readonly statement: number; readonly aside: number } | undefined {
  const statement = firstFrom(statements, ({ terminatedEnd }) => terminatedEnd > at);
  const aside = firstFrom(asides, ({ span }) => span.end > at);
  const isEnd = statements[statement - 1]?.terminatedEnd === at || asides[aside - 1]?.span.end === at;
  if (!isEnd && at !== span.start) return undefined;
  const next = asides[aside];
  const isData =
    next?.kind === 'copyData' &&
    next.span.start < (statements[statement]?.span.start ?? Number.POSITIVE_INFINITY);
  return isData ? undefined : { statement, aside };
}
