import type { Notice } from '../database/session.ts';
import type { Direction } from '../migrations/migration.ts';
import type { Span } from '../sql/span.ts';
import type { Plan } from './plan.ts';

/** What a run tells while it goes on: values that can be sent to another process. */
export type RunEvent =
  /** What takes its time now, as a sentence without its full stop. */
  | { readonly kind: 'waiting'; readonly sentence: string }
  /** What will be run, under the lock. Holds more than a message should: send what is needed of it. */
  | { readonly kind: 'planned'; readonly plan: Plan }
  /** A file begins: number `index` of `count`, from 1. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly direction: Direction;
      readonly index: number;
      readonly count: number;
    }
  /** A statement is sent: number `index` of `count` in its file, from 1; `span` in the file, UTF-16 code units. */
  | {
      readonly kind: 'statement';
      readonly path: string;
      readonly span: Span;
      readonly index: number;
      readonly count: number;
    }
  /** What the server says meanwhile. */
  | { readonly kind: 'notice'; readonly path: string; readonly notice: Notice }
  /** What the tool does without saying so, and this run after it. */
  | { readonly kind: 'remark'; readonly path: string; readonly span: Span; readonly sentence: string }
  /** A line of what the tool itself says, without secrets. */
  | { readonly kind: 'said'; readonly line: string }
  | { readonly kind: 'finished'; readonly file: FinishedFile };

/** A file that has been run and recorded. */
export interface FinishedFile {
  readonly path: string;
  readonly version: string;
  readonly direction: Direction;
  /** Of statements that were sent; none is what goose calls EMPTY. Undefined where the tool itself has sent them. */
  readonly statements: number | undefined;
  /** In milliseconds. */
  readonly duration: number;
}
