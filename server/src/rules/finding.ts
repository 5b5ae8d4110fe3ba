import type { Severity } from '../config/severity.ts';
import type { Fix } from '../migrations/change.ts';
import type { Question } from '../rewrites/offer.ts';
import type { Span } from '../sql/span.ts';

/** Something a person should know about a migration, at its place in a document. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly path: string;
  /** In the document, UTF-16 code units. */
  readonly span: Span;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** Why it matters and what to do: the lock and whom it blocks, the error Postgres will give. */
  readonly why: string;
  /** Other places that belong to it. */
  readonly related: readonly RelatedPlace[];
  /** Worked out on first use. */
  readonly fixes: readonly Fix[];
  /** Fixes that want an answer first. */
  readonly questions: readonly Question[];
  /** Why there is no fix, one sentence each. */
  readonly refusals: readonly string[];
  /** Stands for what is said, wherever that is: one value as long as the rule has not had to say it anew. */
  readonly said: Remark;
}

export interface Remark {
  /** What somebody has made of it, who alone knows what that is. */
  memo?: object;
}

export interface RelatedPlace {
  readonly path: string;
  readonly span: Span;
  readonly message: string;
}
