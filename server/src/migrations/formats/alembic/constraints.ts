import { type MappedText, mappedTo } from '../../../python/mappedText.ts';
import { type Item, isTrue } from '../../../python/value.ts';
import { type Bound, bind, type Construct, listOf, switchedOn, wholeOf } from './arguments.ts';
import { clause } from './clauses.ts';
import { columnNames, indexedExpression, sqlOf } from './expressions.ts';
import { commaList, keyword, NOTHING, nameOf, qualified, quoted, sql, textOf, words } from './sqlText.ts';

/* Constraints as SQLAlchemy's PostgreSQL dialect writes them (2.1, DDLCompiler and PGDDLCompiler). */

export function primaryKey(name: Item | undefined, columns: MappedText, options: Bound): MappedText {
  return words(preamble(name), sql`PRIMARY KEY (${columns})`, include(options), deferrability(options));
}

export function unique(name: Item | undefined, columns: MappedText, options: Bound): MappedText {
  return words(
    preamble(name),
    words('UNIQUE', nullsNotDistinct(options), sql`(${columns})`),
    include(options),
    deferrability(options),
  );
}

export function check(name: Item | undefined, condition: Item | undefined, options: Bound): MappedText {
  const text = condition === undefined ? NOTHING : sqlOf(condition);
  return words(preamble(name), sql`CHECK (${text})`, deferrability(options), notValid(options));
}

/** What a foreign key points at. */
export interface Referent {
  readonly table: MappedText;
  readonly columns: MappedText;
}

export function foreignKey(
  name: Item | undefined,
  columns: MappedText,
  referent: Referent,
  options: Bound,
): MappedText {
  const key = sql`FOREIGN KEY(${columns}) REFERENCES ${referent.table} (${referent.columns})`;
  return words(preamble(name), key, actions(options), notValid(options));
}

/** What stands behind REFERENCES: MATCH, ON DELETE, ON UPDATE, DEFERRABLE. */
export function actions(options: Bound): MappedText {
  return words(
    phrase('MATCH', options, 'match'),
    phrase('ON DELETE', options, 'ondelete'),
    phrase('ON UPDATE', options, 'onupdate'),
    deferrability(options),
  );
}

/** The parts of an exclusion constraint are tuples: what is compared, and the operator. */
export function exclusion(name: Item | undefined, elements: readonly Item[], options: Bound): MappedText {
  const parts = elements.map((element) => {
    const [column, operator] = listOf(element);
    if (column === undefined || operator === undefined) return textOf(element);
    return words(indexedExpression(column), 'WITH', textOf(operator));
  });
  const using = options.get('using');
  const where = options.get('where');
  return words(
    preamble(name),
    words('EXCLUDE USING', using === undefined ? 'gist' : lowerCase(using), sql`(${commaList(parts)})`),
    where === undefined ? undefined : sql`WHERE (${sqlOf(where)})`,
    deferrability(options),
  );
}

export function lowerCase(item: Item): MappedText {
  const text = textOf(item);
  return { ...text, text: text.text.toLowerCase() };
}

function preamble(name: Item | undefined): MappedText {
  return name === undefined ? NOTHING : sql`CONSTRAINT ${nameOf(name)}`;
}

/** The columns of a constraint that is made of them: `UniqueConstraint('a', 'b')`. */
export function columnsOfArguments({ args }: Construct): MappedText {
  return commaList(args.map((each) => columnNames(each)));
}

/** "schema.table.column", as a ForeignKey names its target. */
export function referentOf(targets: readonly Item[]): Referent {
  const split = targets.map((target) => {
    const text = textOf(target);
    const parts = text.text.split('.');
    const at = (part: string | undefined) => quoted(mappedTo(part ?? '', target.span));
    const schema = parts.length > 2 ? parts.slice(0, -2).join('.') : undefined;
    const table = at(parts.at(-2));
    return {
      column: at(parts.at(-1)),
      table: schema === undefined ? table : sql`${at(schema)}.${table}`,
    };
  });
  return {
    table: split[0]?.table ?? NOTHING,
    columns: commaList(split.map(({ column }) => column)),
  };
}

/** A table of another schema, as arguments name it. */
export function tableName(table: Item | undefined, schema: Item | undefined): MappedText {
  return table === undefined ? NOTHING : qualified(schema, nameOf(table));
}

function phrase(word: string, options: Bound, name: string): MappedText | undefined {
  const item = options.get(name);
  return item === undefined ? undefined : words(word, textOf(item));
}

function deferrability(options: Bound): MappedText {
  const deferrable = options.get('deferrable');
  const place = wholeOf(options, 'deferrable') ?? deferrable?.span;
  const word = deferrable && (isTrue(deferrable.value) === true ? 'DEFERRABLE' : 'NOT DEFERRABLE');
  return words(
    word === undefined || place === undefined ? undefined : keyword(word, place),
    phrase('INITIALLY', options, 'initially'),
  );
}

function notValid(options: Bound): MappedText | undefined {
  return clause(options, 'postgresql_not_valid', 'NOT VALID');
}

export function nullsNotDistinct(options: Bound): MappedText | undefined {
  const given = options.get('postgresql_nulls_not_distinct');
  if (given === undefined) return undefined;
  const word = isTrue(given.value) === true ? 'NULLS NOT DISTINCT' : 'NULLS DISTINCT';
  return keyword(word, wholeOf(options, 'postgresql_nulls_not_distinct') ?? given.span);
}

export function include(options: Bound): MappedText | undefined {
  const columns = options.get('postgresql_include');
  if (columns === undefined || listOf(columns).length === 0) return undefined;
  return sql`INCLUDE (${columnNames(columns)})`;
}

/** A constraint that stands among the columns of a table; undefined for anything else. */
export function tableConstraint(construct: Construct): MappedText | undefined {
  const options = bind(construct, []);
  const name = options.get('name');
  switch (construct.name) {
    case 'PrimaryKeyConstraint':
      return primaryKey(name, columnsOfArguments(construct), options);
    case 'UniqueConstraint':
      return unique(name, columnsOfArguments(construct), options);
    case 'CheckConstraint': {
      const bound = bind(construct, ['sqltext', 'name', 'deferrable', 'initially']);
      return check(bound.get('name'), bound.get('sqltext'), bound);
    }
    case 'ForeignKeyConstraint': {
      const bound = bind(construct, ['columns', 'refcolumns', 'name', 'onupdate', 'ondelete']);
      // It is left to an ALTER TABLE of its own, which alembic does not emit.
      if (switchedOn(bound, 'use_alter') !== undefined) return NOTHING;
      const referent = referentOf(listOf(bound.get('refcolumns')));
      return foreignKey(bound.get('name'), columnNames(bound.get('columns')), referent, bound);
    }
    case 'ExcludeConstraint':
      return exclusion(name, construct.args, options);
    default:
      return undefined;
  }
}
