import { concat, joined, type MappedText, mappedTo } from '../../../python/mappedText.ts';
import { type Item, stringOf } from '../../../python/value.ts';
import { type Bound, bind, type Construct, constructOf, listOf, switchedOn, wholeOf } from './arguments.ts';
import { ifNotExists } from './clauses.ts';
import {
  type Column,
  columnChecks,
  columnOf,
  columnSpecification,
  foreignKeyConstraint,
  indexName,
} from './columns.ts';
import { columnsOfArguments, primaryKey, tableConstraint, tableName, unique } from './constraints.ts';
import { createIndex, createNamedIndex, storageOptions } from './indexes.ts';
import { commaList, keyword, literal, NOTHING, nameOf, sql, textOf, words } from './sqlText.ts';
import { type ColumnType, createEnum, type EnumType } from './types.ts';

/** What `op.create_table(…)` and its like say. */
export interface Table {
  readonly name: Item;
  readonly schema: Item | undefined;
  readonly options: Bound;
  readonly columns: readonly Column[];
  /** Constraints and indexes among the columns, in order. */
  readonly others: readonly Construct[];
  /** What is neither: it could be anything. */
  readonly unknown: readonly Item[];
}

export function readTable(name: Item, items: readonly Item[], options: Bound): Table {
  const columns: Column[] = [];
  const others: Construct[] = [];
  const unknown: Item[] = [];
  for (const item of items) {
    const column = columnOf(item);
    const construct = constructOf(item.value);
    if (column !== undefined) columns.push(column);
    else if (construct !== undefined && /^(Index|\w+Constraint)$/.test(construct.name))
      others.push(construct);
    else unknown.push(item);
  }
  return { name, schema: options.get('schema'), options, columns, others, unknown };
}

/** The enums that were made before, by their names in SQL. */
export interface EnumsMade {
  has(name: string): boolean;
  add(name: string): unknown;
}

/** CREATE TABLE, with the statements that SQLAlchemy puts before it (enums) and behind it (indexes, comments). */
export function createTable(table: Table, knownEnums: EnumsMade): MappedText[] {
  const name = tableName(table.name, table.schema);
  const { options, columns, others } = table;
  const indexes = others.filter((each) => each.name === 'Index');
  return [
    ...columns.flatMap(({ type }) => enumCreation(type?.enumeration, knownEnums)),
    words('CREATE', prefixes(options), 'TABLE', ifNotExists(options), name, body(table)),
    ...indexes.map((each) => createIndex(each, name)),
    ...columns.flatMap((column) => columnIndex(column, table.name, table.schema, name)),
    ...comments(table, name),
  ];
}

function enumCreation(enumeration: EnumType | undefined, known: EnumsMade): MappedText[] {
  if (enumeration?.createsType !== true || known.has(enumeration.name.text)) return [];
  known.add(enumeration.name.text);
  return [createEnum(enumeration)];
}

function prefixes(options: Bound): MappedText | undefined {
  const given = listOf(options.get('prefixes'));
  return given.length === 0 ? undefined : words(...given.map(textOf));
}

function body(table: Table): MappedText {
  const { columns, others, unknown } = table;
  const key = others.find((each) => each.name === 'PrimaryKeyConstraint');
  const keyColumns = new Set(
    key === undefined
      ? columns.filter((column) => column.primaryKey)
      : columns.filter((column) => column.primaryKey || isNamedBy(key, column)),
  );
  const counting = countingColumn([...keyColumns]);
  const lines = columns.map((column) =>
    words(columnSpecification(column, keyColumns.has(column), column === counting), columnChecks(column)),
  );
  // What is not known stands where a column would.
  for (const item of unknown) lines.push(textOf(item));
  lines.push(...constraints(table, key, keyColumns, counting));
  const inner = lines.filter(({ text }) => text !== '').map((line) => sql`\n\t${line}`);
  return concat([sql`(${joined(inner, ', ')}\n)`, tableOptions(table.options)]);
}

function isNamedBy(key: Construct, { name }: Column): boolean {
  const names = key.args.flatMap((item) => listOf(item)).map(({ value }) => stringOf(value));
  return names.includes(stringOf(name.value));
}

/** The column of the key that counts up by itself (SQLAlchemy: PrimaryKeyConstraint._autoincrement_column). */
export function countingColumn(key: readonly Column[]): Column | undefined {
  const asked = key.find((column) => switchedOn(column.options, 'autoincrement') !== undefined);
  if (asked !== undefined) return asked;
  const [only] = key;
  return key.length === 1 && only !== undefined && countsByItself(only) ? only : undefined;
}

function countsByItself({ options, foreignKeys, type, fromSequence }: Column): boolean {
  const auto = options.get('autoincrement');
  const mayCount = auto === undefined || /^(auto|ignore_fk)$/.test(stringOf(auto.value) ?? '');
  const ignoresKeys = stringOf(auto?.value) === 'ignore_fk';
  const hasDefault = options.get('server_default') !== undefined || options.get('default') !== undefined;
  return (
    mayCount &&
    !hasDefault &&
    !fromSequence &&
    type?.serial !== undefined &&
    (ignoresKeys || foreignKeys.length === 0)
  );
}

/** In SQLAlchemy's order: the primary key, what was written as a constraint, then what columns bring along. */
function constraints(
  { columns, others }: Table,
  key: Construct | undefined,
  keyColumns: ReadonlySet<Column>,
  counting: Column | undefined,
): MappedText[] {
  const own = others
    .filter((each) => each.name !== 'Index' && each !== key)
    .map((each) => tableConstraint(each) ?? NOTHING);
  const brought = columns.flatMap((column) => [
    ...uniqueOf(column),
    ...column.foreignKeys.filter((each) => !each.useAlter).map((each) => foreignKeyConstraint(column, each)),
    ...enumCheck(column.name, column.type),
  ]);
  return [...keyConstraint(key, keyColumns, counting), ...own, ...brought];
}

function keyConstraint(
  key: Construct | undefined,
  keyColumns: ReadonlySet<Column>,
  counting: Column | undefined,
): MappedText[] {
  if (key !== undefined && columnsOfArguments(key).text !== '') return [tableConstraint(key) ?? NOTHING];
  if (keyColumns.size === 0) return [];
  const ordered = [...keyColumns].sort((a, b) => Number(b === counting) - Number(a === counting));
  const place = wholeOf(ordered[0]?.options ?? NO_OPTIONS, 'primary_key');
  const names = ordered.map(({ name }) => nameOf(name));
  const text = primaryKey(undefined, commaList(names), NO_OPTIONS);
  return [place === undefined ? text : mappedTo(text.text, place)];
}

const NO_OPTIONS = bind({ args: [], keywords: [], complete: true }, []);

/** `unique=True`, which with `index=True` makes a unique index instead. */
export function uniqueOf({ name, options }: Column): MappedText[] {
  const place = switchedOn(options, 'unique');
  if (place === undefined || switchedOn(options, 'index') !== undefined) return [];
  return [mappedTo(unique(undefined, nameOf(name), NO_OPTIONS).text, place)];
}

/** The CHECK of an enum that is no type of its own. */
export function enumCheck(name: Item, type: ColumnType | undefined): MappedText[] {
  const enumeration = type?.enumeration;
  if (enumeration === undefined || enumeration.native || !enumeration.checked) return [];
  const labels = enumeration.labels.map((label) => literal(textOf(label)));
  const condition = sql`CHECK (${nameOf(name)} IN (${commaList(labels)}))`;
  return [enumeration.name.text === '' ? condition : sql`CONSTRAINT ${enumeration.name} ${condition}`];
}

/** The index that `index=True` asks for. */
export function columnIndex(
  column: Column,
  table: Item,
  schema: Item | undefined,
  fullName: MappedText,
): MappedText[] {
  const place = switchedOn(column.options, 'index');
  if (place === undefined) return [];
  const isUnique = switchedOn(column.options, 'unique') !== undefined;
  const name = indexName(column, table, schema);
  return [
    createNamedIndex(name, fullName, nameOf(column.name), isUnique ? keyword('UNIQUE', place) : undefined),
  ];
}

function comments({ options, columns }: Table, name: MappedText): MappedText[] {
  const comment = options.get('comment');
  return [
    ...(comment === undefined ? [] : [sql`COMMENT ON TABLE ${name} IS ${literal(textOf(comment))}`]),
    ...columns.flatMap((column) => columnComment(column, name)),
  ];
}

export function columnComment({ name, options }: Column, table: MappedText): MappedText[] {
  const comment = options.get('comment');
  if (comment === undefined) return [];
  return [sql`COMMENT ON COLUMN ${table}.${nameOf(name)} IS ${literal(textOf(comment))}`];
}

/** What stands behind the parentheses (PGDDLCompiler.post_create_table). */
function tableOptions(options: Bound): MappedText {
  const inherits = options.get('postgresql_inherits');
  const partition = options.get('postgresql_partition_by');
  const using = options.get('postgresql_using');
  const storage = options.get('postgresql_with');
  const onCommit = options.get('postgresql_on_commit');
  const tablespace = options.get('postgresql_tablespace');
  const parts = [
    inherits && sql`INHERITS (${commaList(listOf(inherits).map(nameOf))})`,
    partition && sql`PARTITION BY ${textOf(partition)}`,
    using && sql`USING ${textOf(using)}`,
    storage && sql`WITH (${storageOptions(storage)})`,
    onCommit && sql`ON COMMIT ${textOf(onCommit).text.replaceAll('_', ' ').toUpperCase()}`,
    tablespace && sql`TABLESPACE ${nameOf(tablespace)}`,
  ];
  return concat(parts.flatMap((part) => (part === undefined ? [] : [sql`\n ${part}`])));
}
