import { tokenize } from '../sql/lexer.ts';
import type { ErrorPlace } from './plan.ts';

/** Where in a document something went wrong; offsets are UTF-16 code units. */
export interface FailurePlace extends ErrorPlace {
  /** From 1, columns in UTF-16 code units. */
  readonly line: number;
  readonly column: number;
}

/** A place with its line and column in the document. */
export function placedIn(document: string, place: ErrorPlace): FailurePlace {
  const { start } = place.span;
  const lineStart = document.lastIndexOf('\n', start - 1) + 1;
  return { ...place, line: document.slice(0, start).split('\n').length, column: start - lineStart + 1 };
}

/** Where in a SQL text the first of `names` stands that is in it; else its first token. */
export function placeOfName(text: string, names: readonly string[]): number {
  const tokens = tokenize(text);
  for (const name of names) {
    const found = tokens.find(
      ({ kind, value }) => (kind === 'word' || kind === 'quotedName') && value === name,
    );
    if (found) return found.start;
  }
  return tokens[0]?.start ?? 0;
}
