import { createHash } from 'node:crypto';
import { placeholder } from '../../../python/formatting.ts';
import { concat, joined, type MappedText, mappedTo, placedAt, unmapped } from '../../../python/mappedText.ts';
import type { Item } from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';

/* SQL put together from the arguments of a call, each piece with its place in the Python file. */

/** Template tag: SQL with texts put in as they are. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (MappedText | string)[]): MappedText {
  return concat(
    strings.flatMap((literal, i) => {
      const part = parts[i];
      const before = unmapped(literal);
      if (part === undefined) return [before];
      return [before, typeof part === 'string' ? unmapped(part) : part];
    }),
  );
}

export const NOTHING: MappedText = unmapped('');

/** The texts that are not empty, with blanks between them. */
export function words(...parts: readonly (MappedText | string | undefined)[]): MappedText {
  const texts = parts.map((part) => (typeof part === 'string' ? unmapped(part) : (part ?? NOTHING)));
  return joined(
    texts.filter(({ text }) => text !== ''),
    ' ',
  );
}

export function commaList(parts: readonly MappedText[]): MappedText {
  return joined(parts, ', ');
}

/** Keywords that stand for an argument: `nullable=False` is NOT NULL. */
export function keyword(text: string, place: Span): MappedText {
  return mappedTo(text, place);
}

/** An argument's text, where it is one; a placeholder for anything else. */
export function textOf({ value, span }: Item): MappedText {
  if (value.kind === 'string') return placedAt(value.text, span);
  if (value.kind === 'number') return mappedTo(value.text, span);
  return placeholder(span);
}

/** An argument as a name, in quotes where SQLAlchemy would write them. */
export function nameOf(item: Item): MappedText {
  return quoted(textOf(item));
}

/** A name in quotes, where SQLAlchemy's PostgreSQL dialect writes them (IdentifierPreparer, 2.1). */
export function quoted(name: MappedText): MappedText {
  // Placeholders stand for names that need none.
  const text = name.text.replace(/\{_+\}/g, '_');
  if (/^[a-z_][a-z0-9_$]*$/.test(text) && !RESERVED.has(text)) return name;
  return concat([unmapped('"'), escaped(name, '"'), unmapped('"')]);
}

/** The longest name that SQLAlchemy writes, in characters. */
export const LONGEST_NAME = 63;

/** A name that a convention gave, as SQLAlchemy shortens it (2.1, sql/compiler.py: _truncate_and_render_maxlen_name). */
export function conventionalName(name: MappedText): MappedText {
  const { text, pieces } = name;
  if ([...text].length <= LONGEST_NAME) return name;
  const [first, last] = [pieces[0]?.origin, pieces.at(-1)?.origin];
  const shortened = `${[...text].slice(0, LONGEST_NAME - 8).join('')}_${createHash('md5').update(text).digest('hex').slice(-4)}`;
  if (first === undefined || last === undefined) return unmapped(shortened);
  return mappedTo(shortened, { start: first.start, end: Math.max(first.end, last.end) });
}

/** `schema.name`. alembic takes dots in a schema for separators. */
export function qualified(schema: Item | undefined, name: MappedText): MappedText {
  if (schema === undefined) return name;
  const text = textOf(schema);
  const parts = text.text.split('.');
  const prefix = parts.length === 1 ? quoted(text) : joinedNames(parts, schema.span);
  return sql`${prefix}.${name}`;
}

function joinedNames(parts: readonly string[], place: Span): MappedText {
  return joined(
    parts.map((part) => quoted(mappedTo(part, place))),
    '.',
  );
}

/** A string literal. */
export function literal(text: MappedText): MappedText {
  return concat([unmapped("'"), escaped(text, "'"), unmapped("'")]);
}

/** The text with each `mark` doubled. */
function escaped(text: MappedText, mark: string): MappedText {
  if (!text.text.includes(mark)) return text;
  const doubled = text.text.replaceAll(mark, mark + mark);
  const first = text.pieces[0]?.origin;
  const last = text.pieces.at(-1)?.origin;
  if (first === undefined || last === undefined) return unmapped(doubled);
  return mappedTo(doubled, { start: first.start, end: Math.max(first.end, last.end) });
}

/** SQLAlchemy 2.1, dialects/postgresql/base.py: RESERVED_WORDS. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate ' +
    'column constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign ' +
    'freeze from full grant group having ilike in initially inner intersect into is isnull join leading left like ' +
    'limit localtime localtimestamp natural new not notnull null of off offset old on only or order outer over ' +
    'overlaps placing primary references returning right select session_user similar some symmetric table then to ' +
    'trailing true union unique user using variadic verbose when where window with'
  ).split(' '),
);

/** Whether a placeholder stands in SQL for what only the run will tell. */
export function isOpen(sql: string): boolean {
  return /\{_+\}/.test(sql);
}
