import type { Query } from '../migrations/migration.ts';
import { tokenAt, tokenize } from '../sql/lexer.ts';
import { quoteLiteral } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';
import { codePointOffset } from '../sql/textOffsets.ts';
import { placeOfName } from './errorPlace.ts';
import type { ErrorPlace, PlannedStatement } from './plan.ts';

const SEPARATOR = ';\n';

/** What alembic sends for one call: a statement that it makes, or all that a string holds. */
export function alembicStatement(
  { span, statements, checked }: Query,
  autocommit: boolean,
): PlannedStatement {
  const text = statements.map(({ parsed }) => parsed.text).join(SEPARATOR);
  const [first] = statements;
  const condition = checked && first ? conditionOf(first.parsed.text) : undefined;
  return {
    text,
    span,
    autocommit,
    ...(condition !== undefined && { condition }),
    place: (position, names) =>
      position === undefined
        ? placeNamed(statements, span, names)
        : placeAt(statements, span, codePointOffset(text, position - 1)),
  };
}

/** The token at an offset of all that was sent. */
function placeAt(statements: readonly Statement[], whole: Span, offset: number): ErrorPlace {
  let left = offset;
  for (const statement of statements) {
    const { text } = statement.parsed;
    if (left <= text.length) {
      const end = left < text.length && /\S/.test(text[left] ?? '') ? tokenAt(text, left).end : left + 1;
      return { span: statement.spanInDocument({ start: left, end }), statement: text };
    }
    left -= text.length + SEPARATOR.length;
  }
  return { span: whole, statement: statements.at(-1)?.parsed.text ?? '' };
}

/** The first of the names that one of the statements holds; else the first statement's beginning. */
function placeNamed(statements: readonly Statement[], whole: Span, names: readonly string[]): ErrorPlace {
  const holds = ({ parsed }: Statement) => tokenize(parsed.text).some(({ value }) => names.includes(value));
  const statement = statements.find(holds) ?? statements[0];
  if (statement === undefined) return { span: whole, statement: '' };
  const { text } = statement.parsed;
  const start = placeOfName(text, names);
  return { span: statement.spanInDocument({ start, end: tokenAt(text, start).end }), statement: text };
}

/**
 * A query that gives a row where a CREATE or DROP with `checkfirst` is sent: SQLAlchemy looks for a type or a table that
 * is visible, or stands in the schema that is named (2.1, dialects/postgresql/base.py: has_type, has_table).
 */
function conditionOf(text: string): string | undefined {
  const [verb, object, ...rest] = tokenize(text);
  const creates = verb?.value === 'create';
  const names: string[] = [];
  for (const [i, { value }] of rest.entries()) {
    if (i % 2 === 0) names.unshift(value);
    else if (value !== '.') break;
  }
  const [name, schema] = names;
  if (name === undefined) return undefined;
  const isType = object?.value === 'type';
  const [catalogue, column, namespace, visible] = isType
    ? ['pg_type', 'typname', 'typnamespace', 'pg_type_is_visible']
    : ['pg_class', 'relname', 'relnamespace', 'pg_table_is_visible'];
  const where =
    schema === undefined
      ? `pg_catalog.${visible}(o.oid) AND n.nspname <> 'pg_catalog'`
      : `n.nspname = ${quoteLiteral(schema)}`;
  const kinds = isType ? '' : " AND o.relkind IN ('r', 'p', 'f', 'v', 'm')";
  const found =
    `SELECT 1 FROM pg_catalog.${catalogue} o JOIN pg_catalog.pg_namespace n ON n.oid = o.${namespace} ` +
    `WHERE o.${column} = ${quoteLiteral(name)} AND ${where}${kinds}`;
  return creates ? `SELECT 1 WHERE NOT EXISTS (${found})` : found;
}
