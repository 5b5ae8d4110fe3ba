/** A stretch of text: UTF-16 code units, `end` exclusive. What it is relative to stands where it is used. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `span` moved by `by` code units. */
export function shift(span: Span, by: number): Span {
  return { start: span.start + by, end: span.end + by };
}
