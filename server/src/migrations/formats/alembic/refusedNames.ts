import {
  concat,
  type MappedText,
  mappedTo,
  slice,
  spanInDocument,
  unmapped,
} from '../../../python/mappedText.ts';
import { type Token, tokenize } from '../../../sql/lexer.ts';
import type { Span } from '../../../sql/span.ts';
import { conventionalName, LONGEST_NAME, quoted } from './sqlText.ts';

/** A name that SQLAlchemy writes for nobody. */
export interface RefusedName {
  readonly name: string;
  /** In the document; undefined where it stands nowhere. */
  readonly span: Span | undefined;
}

/**
 * The names of indexes and constraints in a statement made by a directive for which alembic stops with IdentifierError,
 * before it sends anything (SQLAlchemy 2.1, engine/default.py: validate_identifier; it counts characters). Names of tables
 * and columns go to PostgreSQL as they are, and so do those that a convention gave, shortened. `fitting` is the statement
 * as if all were such.
 */
export function refusedNames(statement: MappedText): {
  readonly refused: readonly RefusedName[];
  readonly fitting: MappedText;
} {
  // Hardly any has a word as long as that.
  if (!LONG_WORD.test(statement.text)) return { refused: [], fitting: statement };
  const tokens = tokenize(statement.text);
  const refused: RefusedName[] = [];
  const pieces: MappedText[] = [];
  let at = 0;
  for (const [i, { start, end, value }] of tokens.entries()) {
    // Of a name with a part that is open it is not known how long it is.
    if (OPEN_PART.test(value) || [...value].length <= LONGEST_NAME || !isValidated(tokens, i)) continue;
    const span = spanInDocument(statement, { start, end });
    refused.push({ name: value, span });
    const name = span === undefined ? unmapped(value) : mappedTo(value, span);
    pieces.push(slice(statement, at, start), quoted(conventionalName(name)));
    at = end;
  }
  return { refused, fitting: concat([...pieces, slice(statement, at)]) };
}

const OPEN_PART = /\{_+\}/;
const LONG_WORD = /[^\s"'(),.;]{64}|"[^"]{64}/u;

/** Whether the token is the name of an index that is made or dropped, or of a constraint. */
function isValidated(tokens: readonly Token[], at: number): boolean {
  let before = at - 1;
  if (tokens[before]?.value === '.') before -= 2;
  while (isWord(tokens[before], BETWEEN)) before--;
  return isWord(tokens[before], NAMED);
}

const BETWEEN = ['concurrently', 'if', 'not', 'exists'];
const NAMED = ['index', 'constraint'];

function isWord(token: Token | undefined, words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.value);
}
