import { type DefElem, parsePlPgSQLSync } from 'libpg-query';
import type { Token } from './lexer.ts';
import { type EmbeddedStatement, readPlpgsql } from './plpgsql.ts';
import type { Span } from './span.ts';
import { split } from './splitter.ts';
import type { InnerStatement, ParsedStatement } from './statement.ts';
import { readString, type StringValue } from './stringLiteral.ts';

/** What a DO block runs. */
export interface BlockContent {
  readonly inner: readonly InnerStatement[];
  readonly runsUnknownCode: boolean;
}

/** What is wrong inside a body. `span` is in the text of the statement that holds it, in UTF-16 code units. */
export interface BodyError {
  readonly message: string;
  readonly span: Span;
}

type Parse = (text: string) => ParsedStatement;

const NOTHING: BlockContent = { inner: [], runsUnknownCode: false };

/** The statements inside a DO block, each at its place; of any other statement nothing. */
export function readBlock(statement: ParsedStatement, parse: Parse): BlockContent {
  const { node } = statement;
  if (node === undefined || !('DoStmt' in node)) return NOTHING;
  const body = bodyOf(statement, definitions(node.DoStmt.args));
  if (body?.language !== 'plpgsql') return { inner: [], runsUnknownCode: true };
  const { statements, runsUnknownCode } = readPlpgsql(body.string.value);
  return { inner: statements.flatMap((embedded) => placed(embedded, body.string, parse)), runsUnknownCode };
}

/** EXECUTE may be given several statements in one string. What does not parse is left to `checkBody`. */
function placed(embedded: EmbeddedStatement, body: StringValue, parse: Parse): InnerStatement[] {
  return split(embedded.text)
    .filter((piece) => piece.kind === 'statement')
    .map((piece) => ({
      parsed: parse(embedded.text.slice(piece.start, piece.end)),
      toOuter: (offset: number) => body.toOuter(embedded.toBody(piece.start + offset)),
      conditional: embedded.conditional,
    }))
    .filter((inner) => inner.parsed.error === undefined);
}

/**
 * Syntax errors in the body of a function, procedure or DO block in PL/pgSQL or SQL: the first, as Postgres would
 * report it at CREATE. Silent about other languages and about text with templates in it.
 */
export function checkBody(statement: ParsedStatement, parse: Parse): readonly BodyError[] {
  const { node } = statement;
  if (node === undefined || statement.templated) return [];
  let body: Body | undefined;
  if ('DoStmt' in node) body = bodyOf(statement, definitions(node.DoStmt.args));
  if ('CreateFunctionStmt' in node) body = bodyOf(statement, definitions(node.CreateFunctionStmt.options));
  if (body === undefined || TEMPLATE.test(body.string.value)) return [];
  if (body.language === 'sql') return sqlErrors(body, parse);
  return body.language === 'plpgsql' ? plpgsqlErrors(statement, body, parse) : [];
}

const TEMPLATE = /\$\{|\{\{|\{%|%\(\w+\)|\{[A-Za-z_]\w*\}/;

interface Body {
  readonly language: string;
  readonly string: StringValue;
  /** The literal, quotes and all. */
  readonly token: Token;
}

function definitions(nodes: readonly object[] | undefined): DefElem[] {
  return (nodes ?? []).flatMap((node) => ('DefElem' in node ? [node.DefElem as DefElem] : []));
}

/** The body written as a string. Undefined where there is none (BEGIN ATOMIC, C) or it cannot be read exactly. */
function bodyOf(statement: ParsedStatement, options: readonly DefElem[]): Body | undefined {
  const as = options.find((option) => option.defname === 'as');
  const language = options.find((option) => option.defname === 'language')?.arg;
  if (as === undefined) return undefined;
  const from = as.location ?? 0;
  const token = statement.tokens.find((candidate) => candidate.kind === 'string' && candidate.start >= from);
  const string = token === undefined ? undefined : readString(statement.sql, token);
  if (token === undefined || string === undefined) return undefined;
  const name = language !== undefined && 'String' in language ? language.String.sval : 'plpgsql';
  return { language: (name ?? '').toLowerCase(), string, token };
}

function sqlErrors(body: Body, parse: Parse): BodyError[] {
  for (const piece of split(body.string.value)) {
    const { error } = parse(body.string.value.slice(piece.start, piece.end));
    if (error !== undefined) return [errorAt(error.message, piece.start + error.offset, body)];
  }
  return [];
}

/** Finds with our own reading of the block where PL/pgSQL's own parser, which gives no place, sees an error. */
function plpgsqlErrors(statement: ParsedStatement, body: Body, parse: Parse): BodyError[] {
  const message = plpgsqlMessage(statement.sql);
  if (message === undefined) return [];
  for (const embedded of readPlpgsql(body.string.value).statements) {
    const { error } = parse(embedded.text);
    if (error?.message === message) return [errorAt(message, embedded.toBody(error.offset), body)];
  }
  const near = /at or near "([\s\S]*)"$/.exec(message)?.[1];
  const offset = near === undefined ? undefined : offsetOfToken(statement.sql, body, near, message);
  return [errorAt(message, offset ?? body.string.value.trimEnd().length, body)];
}

/**
 * What PL/pgSQL's parser says of the statement's syntax. All else that libpg-query may say is left out: without a
 * catalog it cannot resolve types and gives up on some ("Not implemented").
 */
function plpgsqlMessage(sql: string): string | undefined {
  try {
    parsePlPgSQLSync(sql);
    return undefined;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    return /^(syntax error|unterminated|missing|mismatched)/.test(message) ? message : undefined;
  }
}

/** More places than this are not tried. */
const MOST_PLACES = 30;

/** The parser stops at the token it names: a body cut after the right one draws the same message, cut earlier another. */
function offsetOfToken(sql: string, body: Body, near: string, message: string): number | undefined {
  const { value } = body.string;
  let at = value.indexOf(near);
  for (let i = 0; at >= 0 && i < MOST_PLACES; i++) {
    const end = body.string.toOuter(at + near.length);
    const close = body.token.end - closingLength(sql, body.token);
    if (plpgsqlMessage(`${sql.slice(0, end)} ${sql.slice(close)}`) === message) return at;
    at = value.indexOf(near, at + 1);
  }
  return undefined;
}

function closingLength(sql: string, token: Token): number {
  const mark = /^\$[^$]*\$/.exec(sql.slice(token.start, token.end));
  return mark === null ? 1 : mark[0].length;
}

/** The error on the word, or at least one character, at `offset` of the body. */
function errorAt(message: string, offset: number, body: Body): BodyError {
  const at = Math.min(offset, Math.max(body.string.value.length - 1, 0));
  const length = /^[\w$]+/.exec(body.string.value.slice(at))?.[0].length ?? 1;
  const start = body.string.toOuter(at);
  return { message, span: { start, end: Math.max(body.string.toOuter(at + length), start + 1) } };
}
