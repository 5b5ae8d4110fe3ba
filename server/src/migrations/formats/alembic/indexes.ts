import type { MappedText } from '../../../python/mappedText.ts';
import { type Item, isTrue, stringOf } from '../../../python/value.ts';
import { type Bound, bind, type Construct, isNone } from './arguments.ts';
import { clause, ifExists, ifNotExists } from './clauses.ts';
import { include, lowerCase, nullsNotDistinct } from './constraints.ts';
import { indexedExpression, sqlOf } from './expressions.ts';
import { commaList, NOTHING, nameOf, sql, textOf, words } from './sqlText.ts';

/* Indexes as SQLAlchemy's PostgreSQL dialect writes them (2.1, PGDDLCompiler.visit_create_index). */

/** `sa.Index('name', 'column', …)` among the columns of a table. */
export function createIndex(construct: Construct, table: MappedText): MappedText {
  const options = bind(construct, ['name']);
  return indexStatement(options.get('name'), table, options.rest, options);
}

/** An index of one column, without options. */
export function createNamedIndex(
  name: MappedText,
  table: MappedText,
  column: MappedText,
  isUnique: MappedText | undefined,
): MappedText {
  return words('CREATE', isUnique, 'INDEX', name, 'ON', table, sql`(${column})`);
}

export function indexStatement(
  name: Item | undefined,
  table: MappedText,
  columns: readonly Item[],
  options: Bound,
): MappedText {
  const using = options.get('postgresql_using');
  const storage = options.get('postgresql_with');
  const tablespace = options.get('postgresql_tablespace');
  const where = options.get('postgresql_where');
  const expressions = columns.map((column) =>
    words(indexedExpression(column), operatorClass(column, options)),
  );
  return words(
    'CREATE',
    clause(options, 'unique', 'UNIQUE'),
    'INDEX',
    concurrently(options),
    ifNotExists(options),
    name === undefined ? NOTHING : nameOf(name),
    'ON',
    table,
    using === undefined ? undefined : words('USING', lowerCase(using)),
    sql`(${commaList(expressions)})`,
    include(options),
    nullsNotDistinct(options),
    storage === undefined ? undefined : sql`WITH (${storageOptions(storage)})`,
    tablespace === undefined ? undefined : sql`TABLESPACE ${nameOf(tablespace)}`,
    where === undefined ? undefined : sql`WHERE ${sqlOf(where)}`,
  );
}

export function dropIndex(name: MappedText, options: Bound): MappedText {
  return words('DROP INDEX', concurrently(options), ifExists(options), name);
}

function concurrently(options: Bound): MappedText | undefined {
  return clause(options, 'postgresql_concurrently', 'CONCURRENTLY');
}

/** `postgresql_ops={'column': 'text_pattern_ops'}`. */
function operatorClass(column: Item, options: Bound): MappedText | undefined {
  const classes = options.get('postgresql_ops')?.value;
  const name = stringOf(column.value);
  if (classes?.kind !== 'dict' || name === undefined) return undefined;
  const entry = classes.entries.find(({ key }) => stringOf(key.value) === name);
  return entry && textOf(entry.value);
}

/** `{'fillfactor': 50}` as `fillfactor = 50`. */
export function storageOptions(item: Item): MappedText {
  if (item.value.kind !== 'dict') return textOf(item);
  return commaList(
    item.value.entries.map(({ key, value }) => {
      if (isNone(value.value)) return textOf(key);
      const isSwitch = value.value.kind === 'constant';
      return sql`${textOf(key)} = ${isSwitch ? String(isTrue(value.value)) : textOf(value)}`;
    }),
  );
}
