import type { Node } from '@pgsql/types';
import { formatDialect, postgresql } from 'sql-formatter';
import { tokenize } from './lexer.ts';
import { kindOf, parseStatement } from './parser.ts';
import type { ParsedStatement } from './statement.ts';
import { PLACES } from './textOffsets.ts';

/** Lines are as long as this before a statement is broken into several, in UTF-16 code units. */
const WIDTH = 80;

const INDENT = '  ';

/**
 * The kinds of statements whose lines are laid out anew, and when several lines become one: `short` where that fits.
 * The others keep their lines; sql-formatter does not know their grammar.
 */
const LAYOUT: Readonly<Record<string, 'short' | 'broken'>> = {
  SelectStmt: 'short',
  InsertStmt: 'short',
  UpdateStmt: 'short',
  DeleteStmt: 'short',
  MergeStmt: 'broken',
  CreateStmt: 'broken',
  ViewStmt: 'broken',
  CreateTableAsStmt: 'broken',
  AlterTableStmt: 'short',
  IndexStmt: 'short',
};

/**
 * A statement as it is written well: keywords in upper case, clauses on lines of their own where one line is too
 * short. Gives undefined where no form was found that says the same to Postgres, comments included. A form is never
 * changed again by another run. `parsed` has a tree and nothing masked; lines end with `\n`.
 */
export function formatStatement(parsed: ParsedStatement): string | undefined {
  if (parsed.node === undefined || parsed.templated) return undefined;
  for (const form of [laidOut, withKeywords]) {
    const once = form(parsed);
    const again = once === undefined ? undefined : parseStatement(once);
    if (once === undefined || again === undefined || !saysTheSame(parsed, again)) continue;
    if (form(again) === once) return once;
  }
  return undefined;
}

/** Whether two statements are one to Postgres, and have the same comments. Places do not count. */
export function saysTheSame(a: ParsedStatement, b: ParsedStatement): boolean {
  if (a === b) return true;
  if (a.node === undefined || b.node === undefined) return false;
  return withoutPlaces(a.node) === withoutPlaces(b.node) && comments(a.text) === comments(b.text);
}

function withoutPlaces(node: Node): string {
  return JSON.stringify(node, (key, value: unknown) =>
    PLACES.has(key) || key === 'stmt_len' ? undefined : value,
  );
}

/** All comments, one after the other, however they are indented. */
function comments(text: string): string {
  return gaps(text)
    .map(({ start, end }) => text.slice(start, end).trim())
    .filter((gap) => gap !== '')
    .map((gap) => gap.replace(/\s+/g, ' '))
    .join('\n');
}

/** What stands between the tokens of a text: white space and comments. */
function gaps(text: string): { start: number; end: number }[] {
  const tokens = tokenize(text);
  return [...tokens, { start: text.length, end: text.length }].map(({ start }, i) => {
    return { start: tokens[i - 1]?.end ?? 0, end: start };
  });
}

function laidOut(parsed: ParsedStatement): string | undefined {
  const kind = parsed.node === undefined ? '' : kindOf(parsed.node);
  const layout = LAYOUT[kind];
  if (layout === undefined || isPartition(parsed.node)) return undefined;
  const text = broken(withKeywords(parsed));
  if (text === undefined) return undefined;
  if (kind === 'CreateStmt') return listOnLines(text);
  const line = layout === 'short' ? oneLine(text) : undefined;
  if (line !== undefined) return line;
  // The actions of ALTER TABLE belong to it.
  return kind === 'AlterTableStmt' ? text.replaceAll('\n', `\n${INDENT}`) : text;
}

/** sql-formatter takes the VALUES of a partition's bound for those of an INSERT. */
function isPartition(node: Node | undefined): boolean {
  return node !== undefined && 'CreateStmt' in node && node.CreateStmt.partbound !== undefined;
}

/** The columns of a table, each on a line of its own also where all would fit on one. */
function listOnLines(text: string): string {
  const tokens = tokenize(text);
  const open = tokens.findIndex(({ value }) => value === '(');
  let depth = 0;
  const marks: number[] = [];
  for (const { value, end } of tokens.slice(Math.max(open, 0))) {
    if (value === '(') depth++;
    else if (value === ')') depth--;
    if ((value === '(' && depth === 1) || (value === ',' && depth === 1)) marks.push(end);
    if (depth > 0) continue;
    const list = text.slice(marks[0], end);
    if (marks.length < 2 || list.includes('\n')) return text;
    const items = marks.map((mark, i) => text.slice(mark, marks[i + 1] ?? end - 1).trim());
    return `${text.slice(0, marks[0])}\n${items.map((item) => INDENT + item).join('\n')}\n${text.slice(end - 1)}`;
  }
  return text;
}

function broken(text: string): string | undefined {
  try {
    return formatDialect(text, {
      dialect: postgresql,
      tabWidth: INDENT.length,
      expressionWidth: WIDTH,
      keywordCase: 'preserve',
      dataTypeCase: 'preserve',
      functionCase: 'preserve',
      identifierCase: 'preserve',
    });
  } catch {
    // Not all that Postgres takes is known to sql-formatter.
    return undefined;
  }
}

/** The text on one line; undefined where it is too long for that, or a string or a comment has lines of its own. */
function oneLine(text: string): string | undefined {
  let line = '';
  let at = 0;
  for (const { start, end } of tokenize(text)) {
    const gap = text.slice(at, start);
    if (gap.trim() !== '') return undefined;
    const token = text.slice(start, end);
    const tight = gap === '' || (gap.includes('\n') && (line.endsWith('(') || token.startsWith(')')));
    line += tight ? token : ` ${token}`;
    if (line.length > WIDTH || token.includes('\n')) return undefined;
    at = end;
  }
  return line;
}

/**
 * The statement with its keywords in upper case. A word is a name, or the name of a type, where the tree has it for
 * one; only words of Postgres's grammar are left, and of those types keep their case.
 */
function withKeywords({ text, tokens, node }: ParsedStatement): string {
  const names = new Set<string>();
  if (node !== undefined) collectNames(node, names);
  let result = '';
  let at = 0;
  let type = false;
  let last = '';
  for (const { kind, start, end, value } of tokens) {
    type = TYPE_WORDS.has(value) || (type && TYPE_CONTINUATIONS.has(value));
    const named = names.has(value) && !(value === 'key' && KEYED.has(last));
    const keyword = kind === 'word' && !type && !named && /^[a-z_]+$/.test(value);
    result += withoutTrailingBlanks(text.slice(at, start));
    result += keyword ? value.toUpperCase() : text.slice(start, end);
    at = end;
    last = value;
  }
  return result + withoutTrailingBlanks(text.slice(at));
}

function withoutTrailingBlanks(gap: string): string {
  return gap.replace(/[ \t]+(?=\n)/g, '');
}

/** Types that the grammar has words of its own for: the tree calls them by other names (PostgreSQL manual, 8.1). */
const TYPE_WORDS: ReadonlySet<string> = new Set([
  ...['bigint', 'int', 'integer', 'smallint', 'boolean', 'bit', 'char', 'character', 'nchar', 'varchar'],
  ...['dec', 'decimal', 'numeric', 'float', 'double', 'real', 'interval', 'time', 'timestamp'],
]);

/** Before KEY, which tables of settings have as the name of a column. */
const KEYED: ReadonlySet<string> = new Set(['primary', 'foreign']);

/** What may follow in the name of such a type: "timestamp with time zone", "bit varying". */
const TYPE_CONTINUATIONS: ReadonlySet<string> = new Set([
  ...['varying', 'precision', 'with', 'without', 'zone', '(', ')', '0', '1', '2', '3', '4', '5', '6'],
]);

/** Keys of the tree under which a word of the grammar stands, not a name. */
const WORDS_OF_GRAMMAR: ReadonlySet<string> = new Set(['defname', 'priv_name', 'cmd_name']);

function collectNames(value: unknown, names: Set<string>): void {
  if (typeof value === 'string') names.add(value);
  else if (Array.isArray(value)) for (const each of value) collectNames(each, names);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value))
      if (!WORDS_OF_GRAMMAR.has(key)) collectNames(each, names);
  }
}
