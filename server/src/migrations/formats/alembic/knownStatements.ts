import type { ExternalNames } from '../../../python/evaluator.ts';
import type { StatementToRun } from '../../../python/interpreter.ts';
import { type Span, shift } from '../../../sql/span.ts';
import type { Obstacle, Query } from '../../migration.ts';
import { type CallSite, LoweredStatement, movedSite } from './loweredStatement.ts';
import type { Unseen } from './revisionScript.ts';

/** What was sent, and whether that is outside of a transaction. */
export interface Sent {
  readonly query: Query;
  readonly isOut: boolean;
}

/** What going through a statement of a revision came to. All places are in the document. */
export interface Outcome {
  readonly sent: readonly Sent[];
  readonly unseen: readonly Unseen[];
  readonly comments: readonly Span[];
  readonly stops: readonly Obstacle[];
  /** Of all that was done, in order: whether it may change the schema. */
  readonly changes: readonly boolean[];
}

/** A statement that was gone through, and what its outcome hangs on besides its text. */
interface KnownStatement {
  readonly start: number;
  readonly conditional: boolean;
  readonly repeated: boolean;
  /** It stands in an autocommit block. */
  readonly isOut: boolean;
  readonly names: ExternalNames;
  readonly outcome: Outcome;
}

/**
 * The statements of a file that do the same wherever they stand, by their text. Made anew with each version of the file,
 * from those of the last.
 */
export class KnownStatements {
  /** Each is taken over once: what is gone through twice is two calls. */
  private readonly last: Map<string, KnownStatement[]>;
  private readonly now = new Map<string, KnownStatement[]>();

  constructor(last?: KnownStatements) {
    this.last = new Map([...(last?.now ?? [])].map(([text, known]) => [text, [...known]]));
  }

  /** What a statement with this text will come to; undefined where that is not known. */
  take(
    text: string,
    { span, conditional, repeated, meansTheSame }: StatementToRun,
    isOut: boolean,
  ): Outcome | undefined {
    const all = this.last.get(text);
    const [known] = all ?? [];
    if (known?.conditional !== conditional || known.repeated !== repeated) return undefined;
    if (known.isOut !== isOut || !meansTheSame(known.names)) return undefined;
    all?.shift();
    this.add(text, known);
    return moved(known.outcome, span.start - known.start);
  }

  /** Keeps what a statement came to for the next version of the file. */
  keep(
    text: string,
    { span, conditional, repeated }: StatementToRun,
    isOut: boolean,
    names: ExternalNames,
    outcome: Outcome,
  ): void {
    this.add(text, { start: span.start, conditional, repeated, isOut, names, outcome });
  }

  private add(text: string, known: KnownStatement): void {
    const all = this.now.get(text);
    if (all === undefined) this.now.set(text, [known]);
    else all.push(known);
  }
}

function moved(outcome: Outcome, by: number): Outcome {
  if (by === 0) return outcome;
  const place = <Placed extends { readonly span: Span }>(each: Placed): Placed => ({
    ...each,
    span: shift(each.span, by),
  });
  const sites = new Map<CallSite, CallSite>();
  const siteOf = (site: CallSite): CallSite => {
    const known = sites.get(site) ?? movedSite(site, by);
    sites.set(site, known);
    return known;
  };
  return {
    sent: outcome.sent.map(({ query, isOut }) => {
      const statements = query.statements.map((each) =>
        each instanceof LoweredStatement ? each.moved(by, siteOf(each.site)) : each,
      );
      return { query: { ...place(query), statements }, isOut };
    }),
    unseen: outcome.unseen.map(place),
    comments: outcome.comments.map((span) => shift(span, by)),
    stops: outcome.stops.map(place),
    changes: outcome.changes,
  };
}
