/** What a token is. Keywords are words: Postgres decides by place which is which. */
export type TokenKind = 'word' | 'quotedName' | 'string' | 'number' | 'operator' | 'punctuation' | 'parameter';

/** A lexical token. Offsets are UTF-16 code units in the text that was read. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** For words: in lower case. For quoted names: without quotes, "" undone. Else as written. */
  readonly value: string;
}
