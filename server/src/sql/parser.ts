import { loadModule, type Node, parseSync, SqlError } from 'libpg-query';
import { BoundedCache } from './boundedCache.ts';
import { type Token, tokenize } from './lexer.ts';
import { maskPlaceholders } from './placeholders.ts';
import { type BlockContent, type BodyError, checkBody, readBlock } from './procedural.ts';
import type { InnerStatement, NotAnalysed, ParsedStatement, SqlSyntaxError } from './statement.ts';
import { byteOffsets, codePointOffset, convertLocations, wellFormed } from './textOffsets.ts';

/**
 * libpg-query begins to load its wasm when it is imported, and an unhandled rejection would end the process: the
 * handler has to be attached in the same turn.
 */
const loading: Promise<Error | undefined> = loadModule().then(
  () => undefined,
  (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause))),
);

/** Makes the parser ready: await it once before anything else here. May be called again. */
export async function loadParser(): Promise<void> {
  const failure = await loading;
  if (failure !== undefined) {
    throw new Error(
      `The SQL parser could not be loaded: libpg-query.wasm must stand beside the program. ${failure.message}`,
      { cause: failure },
    );
  }
}

/** Statements longer than this, in UTF-16 code units, are not parsed: 4 MB of SQL cost 0.8 s and 400 MB of memory. */
export const LONGEST_STATEMENT = 1_000_000;

/** What is remembered of statements seen before, in UTF-16 code units of their text; a tree takes up to 100 bytes for each. */
const CACHE_SIZE = 2_000_000;

const cache = new BoundedCache<ParsedStatement>(CACHE_SIZE);

/**
 * Parses one statement. Equal texts give the identical value as long as it is remembered. Never throws once
 * `loadParser` has resolved: what is wrong is in `error`. `text` is one statement, with or without its semicolon; of
 * several only an error is told.
 */
export function parseStatement(text: string): ParsedStatement {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const own = onItsOwn(text);
  const parsed = new LazyStatement(own, readTree(own));
  cache.set(own, parsed, own.length);
  return parsed;
}

/** The same text, but no piece of a longer one: V8 keeps the whole document alive as long as a piece of it is. */
function onItsOwn(text: string): string {
  return `${text} `.slice(0, -1);
}

/** The kind of a node, as Postgres names it: `AlterTableStmt`. */
export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? '';
}

interface Tree {
  readonly sql: string;
  readonly templated: boolean;
  readonly node?: Node;
  readonly error?: SqlSyntaxError;
  readonly notAnalysed?: NotAnalysed;
}

/** First as it stands, and only what Postgres rejects with its placeholders masked. */
function readTree(text: string): Tree {
  if (text.length > LONGEST_STATEMENT) return { sql: text, templated: false, notAnalysed: 'too-large' };
  const sql = wellFormed(text);
  const raw = parseOne(sql);
  if (raw.error === undefined) return { sql, templated: false, ...raw };
  const masked = maskPlaceholders(sql);
  if (masked === undefined) return { sql, templated: false, ...raw };
  const parsed = parseOne(masked.sql);
  if (parsed.error !== undefined && masked.template) {
    return { sql: masked.sql, templated: true, notAnalysed: 'templated' };
  }
  return { sql: masked.sql, templated: true, ...parsed };
}

function parseOne(sql: string): { readonly node?: Node; readonly error?: SqlSyntaxError } {
  if (sql.trim() === '') return {};
  try {
    const [first, second] = parseSync(sql).stmts ?? [];
    if (second !== undefined) {
      const byte = second.stmt_location ?? 0;
      const offset = byteOffsets(sql)?.(byte) ?? byte;
      return { error: { message: 'more than one statement where one was expected', offset } };
    }
    if (first?.stmt === undefined) return {};
    if (isTooDeep(first.stmt, sql)) return { error: { message: TOO_DEEP, offset: 0 } };
    convertLocations(first.stmt, sql);
    return { node: first.stmt };
  } catch (cause) {
    return { error: describe(cause, sql) };
  }
}

function describe(cause: unknown, sql: string): SqlSyntaxError {
  if (cause instanceof SqlError) {
    // libpg-query gives 0 both for "at the start" and for "nowhere".
    const offset = codePointOffset(sql, cause.sqlDetails?.cursorPosition ?? 0);
    const tooDeep = cause.message.startsWith('memory exhausted') || cause.message.startsWith('stack depth');
    return { message: tooDeep ? TOO_DEEP : shortened(cause.message), offset };
  }
  return { message: cause instanceof RangeError ? TOO_DEEP : String(cause), offset: 0 };
}

/** Postgres quotes the offending token whole, and a string that is never closed is the rest of the file. */
function shortened(message: string): string {
  const found = /^([\s\S]*? at or near ")([\s\S]*)"$/.exec(message);
  const token = found?.[2] ?? '';
  const short = token.split(/[\r\n]/, 1)[0]?.slice(0, 60) ?? '';
  return found === null || short === token ? message : `${found[1]}${short}…"`;
}

/** Trees deeper than this, in objects within objects, are not handed out: who walks one may use the call stack. */
const DEEPEST_TREE = 4000;

function isTooDeep(tree: object, sql: string): boolean {
  // A character of SQL makes at most three levels (`-` is an A_Expr in an rexpr).
  if (sql.length < DEEPEST_TREE / 3) return false;
  let level: object[] = [tree];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST_TREE) return true;
    level = level.flatMap((node) =>
      Object.values(node).filter((value) => typeof value === 'object' && value !== null),
    );
  }
  return false;
}

const TOO_DEEP = 'this statement is nested too deeply to be parsed';

/** What is read only when someone asks: tokens, and what a body holds. */
class LazyStatement implements ParsedStatement {
  readonly text: string;
  readonly sql: string;
  readonly templated: boolean;
  readonly node?: Node;
  readonly error?: SqlSyntaxError;
  readonly notAnalysed?: NotAnalysed;
  #tokens: readonly Token[] | undefined;
  #block: BlockContent | undefined;
  #bodyErrors: readonly BodyError[] | undefined;

  constructor(text: string, tree: Tree) {
    this.text = text;
    this.sql = tree.sql;
    this.templated = tree.templated;
    if (tree.node !== undefined) this.node = tree.node;
    if (tree.error !== undefined) this.error = tree.error;
    if (tree.notAnalysed !== undefined) this.notAnalysed = tree.notAnalysed;
  }

  get tokens(): readonly Token[] {
    this.#tokens ??= tokenize(this.sql);
    return this.#tokens;
  }

  get inner(): readonly InnerStatement[] {
    return this.#content().inner;
  }

  get runsUnknownCode(): boolean {
    return this.#content().runsUnknownCode;
  }

  get bodyErrors(): readonly BodyError[] {
    this.#bodyErrors ??= checkBody(this, parseStatement);
    return this.#bodyErrors;
  }

  #content(): BlockContent {
    this.#block ??= readBlock(this, parseStatement);
    return this.#block;
  }
}
