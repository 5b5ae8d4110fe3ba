import type { MappedText } from '../../../python/mappedText.ts';
import {
  type CallArguments,
  type Item,
  type KeywordArgument,
  stringOf,
  type Value,
} from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';
import { bind, constructOf, listOf, type MethodCall, methodCallOf, switchedOn } from './arguments.ts';
import { ifExists, ifNotExists } from './clauses.ts';
import {
  assignedValue,
  boundValues,
  declaredValues,
  entriesOf,
  isFunctionCall,
  PARAMETER,
  sqlOf,
  storedValue,
  textClause,
  withParameters,
} from './expressions.ts';
import { commaList, nameOf, qualified, sql, words } from './sqlText.ts';

/**
 * What `execute` is given: SQL as somebody wrote it, which may be several statements; a construct that is one; or one
 * that only reads, or changes rows that cannot be seen. Undefined where it could be anything.
 */
export type Executable =
  | { readonly kind: 'text' | 'construct'; readonly sql: MappedText }
  | { readonly kind: 'reads' }
  | { readonly kind: 'rows' }
  | undefined;

/** The values that a call of `execute` gives parameters. */
export interface GivenValues {
  /** Those with names. */
  readonly values: readonly KeywordArgument[];
  /** What comes behind the SQL, as it comes. */
  readonly inOrder: readonly Item[];
  /** Whether there are no others. */
  readonly complete: boolean;
}

/** In a dictionary; before SQLAlchemy 2 as arguments with their names too. */
export function valuesGiven(call: CallArguments, parameters: Item | undefined): GivenValues {
  const named = call.keywords.filter(({ name }) => !OWN_ARGUMENTS.has(name));
  const isDict = parameters === undefined || parameters.value.kind === 'dict';
  const behind = call.args.slice(1);
  return {
    values: [...entriesOf(parameters), ...named],
    inOrder: behind.length > 0 || parameters === undefined ? behind : [parameters],
    complete: call.complete && call.args.length <= 2 && isDict,
  };
}

/** What `execute` of operations, connections and sessions names itself. */
const OWN_ARGUMENTS: ReadonlySet<string> = new Set([
  'sqltext',
  'statement',
  'sql',
  'parameters',
  'params',
  'execution_options',
  'bind_arguments',
]);

/** What `op.execute(item)` or `connection.execute(item, …)` sends with these values. */
export function executableOf(item: Item, { values }: GivenValues): Executable {
  const { value } = item;
  const given = declaredValues(value, values);
  const text = value.kind === 'string' ? withParameters(item, given) : textClause(item, given);
  if (text !== undefined) return { kind: 'text', sql: text };
  const known = dataStatement(item) ?? schemaStatement(item);
  if (known !== undefined) return { kind: 'construct', sql: known };
  if (isFunctionCall(value)) return { kind: 'construct', sql: words('SELECT', storedValue(item)) };
  if (chainOf(value) !== undefined) return { kind: 'rows' };
  return readsOnly(value) ? { kind: 'reads' } : undefined;
}

/** A parameter that nothing gives a value: SQLAlchemy refuses to send the text. */
export interface OpenParameter {
  readonly name: string;
  readonly text: MappedText;
  /** In the text, from the colon on. */
  readonly span: Span;
  /** Whether all values that are given are known. */
  readonly certain: boolean;
}

/** The parameters without a value in what `execute` is given. */
export function openParameters(item: Item, { values, complete }: GivenValues): readonly OpenParameter[] {
  const given = new Set(values.map(({ name }) => name));
  let certain = complete;
  let { value } = item;
  for (let method = methodCallOf(value); method !== undefined; method = methodCallOf(value)) {
    for (const { name } of boundValues(method)) given.add(name);
    // `bindparams(…)` may declare what is not known, `params(**values)` give it.
    certain &&= !/^(bind)?params$/.test(method.name) || (method.complete && method.args.length === 0);
    value = method.of;
  }
  const construct = constructOf(value);
  const text = construct?.name === 'text' ? construct.args[0]?.value : value;
  if (text?.kind !== 'string') return [];
  const wholly = certain && text.certain;
  return [...text.text.text.matchAll(PARAMETER)].flatMap(({ index, 0: all, 1: name = '' }) => {
    if (given.has(name)) return [];
    const span = { start: index, end: index + all.length };
    return { name, text: text.text, span, certain: wholly };
  });
}

/** CREATE and DROP constructs of sqlalchemy.schema. */
function schemaStatement({ value }: Item): MappedText | undefined {
  const construct = constructOf(value);
  const [, verb, object] = /^(Create|Drop)(Sequence|Schema)$/.exec(construct?.name ?? '') ?? [];
  const [first] = construct?.args ?? [];
  if (construct === undefined || verb === undefined || first === undefined) return undefined;
  const options = bind(construct, []);
  const sequence = constructOf(first.value);
  const inner = sequence?.name === 'Sequence' ? bind(sequence, ['name']) : undefined;
  const named = inner?.get('name') ?? first;
  if (object === 'Sequence' && inner === undefined) return undefined;
  const name = qualified(inner?.get('schema'), nameOf(named));
  const guard = verb === 'Create' ? ifNotExists(options) : ifExists(options);
  const cascade = switchedOn(options, 'cascade') === undefined ? undefined : 'CASCADE';
  return words(verb.toUpperCase(), object?.toUpperCase(), guard, name, cascade);
}

/** A table as data statements see it. */
interface DataTable {
  readonly name: MappedText;
  /** In the table's own order. */
  readonly columns: readonly DataColumn[];
}

interface DataColumn {
  readonly name: string;
  readonly type: Item | undefined;
}

/** `sa.table(…)`, `sa.Table(…)`, or what `op.create_table(…)` gives. */
function dataTable(value: Value): DataTable | undefined {
  const construct = constructOf(value);
  const [first] = construct?.args ?? [];
  if (
    construct === undefined ||
    first === undefined ||
    !/^(table|Table|create_table)$/.test(construct.name)
  ) {
    return undefined;
  }
  const schema = bind(construct, []).get('schema');
  const columns = construct.args.flatMap((item) => {
    const column = constructOf(item.value);
    if (column === undefined || !/^[cC]olumn$/.test(column.name)) return [];
    const bound = bind(column, ['name', 'type_']);
    const name = stringOf(bound.get('name')?.value);
    return name === undefined ? [] : [{ name, type: bound.get('type_') }];
  });
  return { name: qualified(schema, nameOf(first)), columns };
}

/** INSERT, UPDATE or DELETE as a chain of calls: `sa.update(t).where(…).values(…)`. */
function dataStatement(item: Item): MappedText | undefined {
  const chain = chainOf(item.value);
  const table = chain && dataTable(chain.table);
  if (chain === undefined || table === undefined) return undefined;
  const where = chain.steps.filter(({ name }) => name === 'where').flatMap(({ args }) => args);
  const returning = chain.steps.filter(({ name }) => name === 'returning').flatMap(({ args }) => args);
  const values = chain.steps.filter(({ name }) => name === 'values');
  if (chain.steps.some(({ name }) => !/^(where|values|returning|inline|execution_options)$/.test(name))) {
    return undefined;
  }
  const condition =
    where.length === 0 ? undefined : sql`WHERE ${commaListAnd(where.map((each) => sqlOf(each, table.name)))}`;
  const suffix = words(
    condition,
    returning.length === 0
      ? undefined
      : sql`RETURNING ${commaList(returning.map((each) => sqlOf(each, table.name)))}`,
  );
  switch (chain.verb) {
    case 'delete':
      return words('DELETE FROM', table.name, suffix);
    case 'update': {
      const set = assignments(values, table);
      if (set === undefined) return undefined;
      const pairs = set.map(
        ({ name, column, value }) => sql`${column}=${assignedValue(value, table.name, typeIn(table, name))}`,
      );
      return words('UPDATE', table.name, 'SET', commaList(pairs), suffix);
    }
    case 'insert': {
      const rows = rowsOf(values, table);
      return rows === undefined ? undefined : words(insertRows(table, rows), suffix);
    }
  }
}

function commaListAnd(parts: readonly MappedText[]): MappedText {
  return words(...parts.flatMap((part, i) => (i === 0 ? [part] : ['AND', part])));
}

interface Chain {
  readonly verb: 'insert' | 'update' | 'delete';
  readonly table: Value;
  readonly steps: readonly MethodCall[];
}

/** Goes back from the last call to the statement it all hangs on. */
function chainOf(value: Value): Chain | undefined {
  const steps: MethodCall[] = [];
  for (let at = value; ; ) {
    const construct = constructOf(at);
    const [first] = construct?.args ?? [];
    if (construct !== undefined) {
      const verb = verbOf(construct.name);
      return verb && first && { verb, table: first.value, steps: steps.reverse() };
    }
    const method = methodCallOf(at);
    if (method === undefined) return undefined;
    const verb = verbOf(method.name);
    if (verb !== undefined)
      return { verb, table: method.of, steps: [...withArguments(method), ...steps.reverse()] };
    steps.push(method);
    at = method.of;
  }
}

/** `table.insert({…})` takes its values at once. */
function withArguments(method: MethodCall): MethodCall[] {
  return method.args.length === 0 ? [] : [{ ...method, name: method.name === 'delete' ? 'where' : 'values' }];
}

function verbOf(name: string): Chain['verb'] | undefined {
  return name === 'insert' || name === 'update' || name === 'delete' ? name : undefined;
}

interface Assignment {
  readonly name: string;
  readonly column: MappedText;
  readonly value: Item;
}

/** What `values(…)` assigns, in the order of the table's columns. */
function assignments(calls: readonly CallArguments[], table: DataTable): Assignment[] | undefined {
  const found: Assignment[] = [];
  for (const { args, keywords, complete } of calls) {
    if (!complete) return undefined;
    for (const item of args) {
      const row = rowOf(item);
      if (row === undefined) return undefined;
      found.push(...row);
    }
    for (const { name, whole, ...value } of keywords) {
      const key: Item = {
        value: { kind: 'string', text: { text: name, pieces: [] }, certain: true },
        span: whole,
      };
      found.push({ name, column: nameOf(key), value });
    }
  }
  return inOrder(found, table);
}

function inOrder(found: readonly Assignment[], { columns }: DataTable): Assignment[] {
  const place = ({ name }: Assignment) => {
    const at = columns.findIndex((each) => each.name === name);
    return at < 0 ? columns.length : at;
  };
  return [...found].sort((a, b) => place(a) - place(b));
}

/** A row as a dictionary: keys are names or columns. */
function rowOf({ value }: Item): Assignment[] | undefined {
  if (value.kind !== 'dict') return undefined;
  return value.entries.map(({ key, value: given }) => {
    const column = key.value.kind === 'string' ? nameOf(key) : sqlOf(key);
    return { name: stringOf(key.value) ?? column.text, column, value: given };
  });
}

function rowsOf(calls: readonly CallArguments[], table: DataTable): Assignment[][] | undefined {
  const [only] = calls;
  const list = only?.args[0];
  if (list?.value.kind === 'sequence') {
    const rows = list.value.items.map(rowOf);
    return rows.some((row) => row === undefined)
      ? undefined
      : rows.flatMap((row) => (row === undefined ? [] : [inOrder(row, table)]));
  }
  const row = assignments(calls, table);
  return row === undefined ? undefined : [row];
}

function typeIn({ columns }: DataTable, name: string): Item | undefined {
  return columns.find((each) => each.name === name)?.type;
}

function insertRows(table: DataTable, rows: readonly Assignment[][]): MappedText {
  const { name } = table;
  const [first = []] = rows;
  if (first.length === 0) return words('INSERT INTO', name, 'DEFAULT VALUES');
  const columns = commaList(first.map(({ column }) => column));
  const tuples = rows.map((row) => {
    const values = row.map((each) => storedValue(each.value, undefined, typeIn(table, each.name)));
    return sql`(${commaList(values)})`;
  });
  return words('INSERT INTO', name, sql`(${columns})`, 'VALUES', commaList(tuples));
}

/** `op.bulk_insert(table, rows)`: one INSERT for each row. Undefined where rows or table cannot be seen. */
export function bulkInsert(table: Item, rows: Item): MappedText[] | undefined {
  const known = dataTable(table.value);
  if (known === undefined || rows.value.kind !== 'sequence') return undefined;
  const found = listOf(rows).map(rowOf);
  if (found.includes(undefined)) return undefined;
  return found.flatMap((row) => (row === undefined ? [] : [insertRows(known, [inOrder(row, known)])]));
}

/** SELECT in any form. */
function readsOnly(value: Value): boolean {
  for (let at = value; ; ) {
    if (constructOf(at)?.name === 'select') return true;
    const method = methodCallOf(at);
    if (method === undefined) return false;
    if (method.name === 'select') return true;
    at = method.of;
  }
}
