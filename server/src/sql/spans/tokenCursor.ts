import type { Token } from '../lexer.ts';
import type { Span } from '../span.ts';

/** Reads a stretch of a statement's tokens from left to right. All offsets are those of the tokens. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #at: number;

  /** Reads the tokens numbered `[start, end)`. */
  constructor(tokens: readonly Token[], start = 0, end = tokens.length) {
    this.#tokens = tokens;
    this.#at = start;
    this.#end = end;
  }

  /** The next token's number among all tokens. */
  get index(): number {
    return this.#at;
  }

  get token(): Token | undefined {
    return this.#at < this.#end ? this.#tokens[this.#at] : undefined;
  }

  /** Where the last token that was taken ends. */
  get offset(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  /** Whether the next tokens are these words (lower case) or marks. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, index) => {
      const token = this.#at + index < this.#end ? this.#tokens[this.#at + index] : undefined;
      return token?.value === word && token.kind !== 'quotedName' && token.kind !== 'string';
    });
  }

  /** Takes the next tokens if they are these. */
  take(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.#at += words.length;
    return true;
  }

  /** Takes the first of `phrases` (words with a space between) that stands next. */
  takeAny(phrases: readonly string[]): string | undefined {
    return phrases.find((phrase) => this.take(...phrase.split(' ')));
  }

  /** Goes to the token that starts at `offset` or is the first after it. */
  seek(offset: number): void {
    while (this.#at < this.#end && (this.token?.start ?? offset) < offset) this.#at++;
  }

  next(): Token | undefined {
    const token = this.token;
    if (token !== undefined) this.#at++;
    return token;
  }

  /** Takes a name with its qualification: `a`, `"a".b`. */
  name(): NameSpan | undefined {
    const first = this.token;
    if (first === undefined || !isName(first)) return undefined;
    this.#at++;
    let last = first;
    while (this.sees('.')) {
      this.#at++;
      const part = this.next();
      if (part === undefined) break;
      last = part;
    }
    return { start: first.start, end: last.end, last: { start: last.start, end: last.end } };
  }

  /** Takes a parenthesised list that stands next: its span with the parentheses, and the token numbers inside. */
  parentheses(): { readonly span: Span; readonly first: number; readonly end: number } | undefined {
    const open = this.token;
    if (open?.value !== '(') return undefined;
    const first = this.#at + 1;
    let depth = 0;
    while (this.token !== undefined) {
      depth += depthChange(this.token);
      const token = this.next();
      if (depth === 0)
        return { span: { start: open.start, end: token?.end ?? open.end }, first, end: this.#at - 1 };
    }
    return { span: { start: open.start, end: this.offset }, first, end: this.#at };
  }

  /** Goes to the first of these words outside parentheses; false, and at the end, when there is none. */
  skipTo(...words: readonly string[]): boolean {
    let depth = 0;
    for (; this.token !== undefined; this.#at++) {
      const { token } = this;
      if (
        depth === 0 &&
        token.kind !== 'quotedName' &&
        token.kind !== 'string' &&
        words.includes(token.value)
      )
        return true;
      depth += depthChange(token);
    }
    return false;
  }
}

/** The span of a name with its qualification, and of its last part. */
export interface NameSpan extends Span {
  readonly last: Span;
}

function isName(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'quotedName';
}

function depthChange(token: Token): number {
  if (token.kind !== 'punctuation') return 0;
  if (token.value === '(' || token.value === '[') return 1;
  return token.value === ')' || token.value === ']' ? -1 : 0;
}

/** A run of tokens between two commas: their numbers `[first, last)`, and where they stand. */
export interface Segment extends Span {
  readonly first: number;
  readonly last: number;
}

/** Cuts the tokens numbered `[start, end)` at their commas outside parentheses and brackets. */
export function segments(tokens: readonly Token[], start: number, end: number): Segment[] {
  const found: Segment[] = [];
  let depth = 0;
  let first = start;
  for (let index = start; index <= end; index++) {
    const token = tokens[index];
    const comma = index === end || (depth === 0 && token?.value === ',');
    if (comma) {
      const from = tokens[first];
      const to = tokens[index - 1];
      if (index > first && from !== undefined && to !== undefined) {
        found.push({ start: from.start, end: to.end, first, last: index });
      }
      first = index + 1;
    } else if (token !== undefined) depth += depthChange(token);
  }
  return found;
}
