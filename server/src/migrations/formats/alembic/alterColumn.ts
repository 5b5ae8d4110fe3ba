import { type MappedText, mappedTo } from '../../../python/mappedText.ts';
import { type Item, isTrue } from '../../../python/value.ts';
import { type Bound, type Construct, constructOf, isNone, wholeOf } from './arguments.ts';
import { identityClause } from './columns.ts';
import { tableName } from './constraints.ts';
import { defaultOf } from './expressions.ts';
import { keyword, literal, nameOf, sql, textOf, words } from './sqlText.ts';
import { enumCheck } from './tables.ts';
import { type ColumnType, typeOf } from './types.ts';

/** `op.alter_column(…)`: a statement for each thing that changes, in alembic's order (1.20, ddl/postgresql.py, ddl/impl.py). */
export function alterColumn(bound: Bound): MappedText[] {
  const column = bound.get('column_name');
  if (column === undefined) return [];
  const table = tableName(bound.get('table_name'), bound.get('schema'));
  const name = nameOf(column);
  const alter = (text: MappedText | string) => words('ALTER TABLE', table, 'ALTER COLUMN', name, text);
  const type = optional(bound.get('type_'), typeOf);
  const existing = optional(bound.get('existing_type'), typeOf);
  const renamed = bound.get('new_column_name');
  return [
    ...(type === undefined ? [] : dropCheck(existing, table)),
    ...(type === undefined ? [] : [alter(typeChange(type, bound))]),
    ...nullability(bound).map(alter),
    ...defaultChange(bound).map(alter),
    ...commentChange(bound, table, name),
    ...(renamed === undefined ? [] : [words('ALTER TABLE', table, 'RENAME', name, 'TO', nameOf(renamed))]),
    ...(type === undefined ? [] : addCheck(column, type, table)),
  ];
}

function optional<T>(item: Item | undefined, work: (item: Item) => T): T | undefined {
  return item && work(item);
}

function typeChange(type: ColumnType, bound: Bound): MappedText {
  const using = bound.get('postgresql_using');
  return words('TYPE', type.text, using === undefined ? undefined : sql`USING ${textOf(using)}`);
}

function nullability(bound: Bound): MappedText[] {
  const given = bound.get('nullable');
  const allows = given && isTrue(given.value);
  if (given === undefined || allows === undefined) return [];
  return [keyword(allows ? 'DROP NOT NULL' : 'SET NOT NULL', wholeOf(bound, 'nullable') ?? given.span)];
}

/** False says nothing, None drops the default; an identity is no default but takes its place. */
function defaultChange(bound: Bound): MappedText[] {
  const given = bound.given('server_default');
  if (given === undefined || isFlag(given)) return [];
  const place = wholeOf(bound, 'server_default') ?? given.span;
  const existing = identityOf(bound.get('existing_server_default'));
  if (isNone(given.value)) {
    return [mappedTo(existing === undefined ? 'DROP DEFAULT' : 'DROP IDENTITY', place)];
  }
  const identity = identityOf(given);
  if (identity !== undefined) {
    const clause = identityClause(identity);
    return [existing === undefined ? sql`ADD ${clause}` : mappedTo(setIdentity(clause.text), place)];
  }
  const value = defaultOf(given);
  return value === undefined ? [] : [words('SET DEFAULT', value)];
}

/** True or False, which stand for "as it is". */
function isFlag({ value }: Item): boolean {
  return value.kind === 'constant' && value.value !== null;
}

function identityOf(item: Item | undefined): Construct | undefined {
  const construct = item && constructOf(item.value);
  return construct?.name === 'Identity' ? construct : undefined;
}

/** `GENERATED ALWAYS AS IDENTITY (START WITH 3)` as what ALTER COLUMN says: `SET GENERATED ALWAYS SET START WITH 3`. */
function setIdentity(clause: string): string {
  const [, when = '', options = ''] =
    /^GENERATED (ALWAYS|BY DEFAULT) AS IDENTITY(?: \((.*)\))?$/.exec(clause) ?? [];
  const each = options.match(/(?:INCREMENT BY|START WITH|MINVALUE|MAXVALUE|CACHE) -?\d+|NO \w+|CYCLE/g) ?? [];
  return [`SET GENERATED ${when}`, ...each.map((option) => `SET ${option}`)].join(' ');
}

function commentChange(bound: Bound, table: MappedText, column: MappedText): MappedText[] {
  const given = bound.given('comment');
  if (given === undefined || isFlag(given)) return [];
  const place = wholeOf(bound, 'comment') ?? given.span;
  const text = isNone(given.value) ? keyword('NULL', place) : literal(textOf(given));
  return [sql`COMMENT ON COLUMN ${table}.${column} IS ${text}`];
}

/** The CHECK that came with an enum which is no type of its own. */
function dropCheck(existing: ColumnType | undefined, table: MappedText): MappedText[] {
  const enumeration = existing?.enumeration;
  if (enumeration === undefined || enumeration.native || !enumeration.checked) return [];
  return [words('ALTER TABLE', table, 'DROP CONSTRAINT', enumeration.name)];
}

function addCheck(column: Item, type: ColumnType, table: MappedText): MappedText[] {
  return enumCheck(column, type).map((check) => words('ALTER TABLE', table, 'ADD', check));
}
