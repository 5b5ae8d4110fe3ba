import { placeholder } from '../../../python/formatting.ts';
import { concat, joined, type MappedText, mappedTo, placedAt, slice } from '../../../python/mappedText.ts';
import {
  type CallArguments,
  type Item,
  type KeywordArgument,
  stringOf,
  type Value,
} from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';
import { bind, constructOf, isNone, listOf, type MethodCall, methodCallOf, switchedOn } from './arguments.ts';
import { commaList, literal, nameOf, sql, textOf, words } from './sqlText.ts';
import { arrayOf, typedValue } from './typedValue.ts';
import { typeOf } from './types.ts';

/* SQLAlchemy's expression language as SQL, as far as migrations use it. */

/** How columns are written: `name`, or `table.name` in UPDATE and DELETE. */
export type Qualifier = MappedText | undefined;

/** A condition or a default: a string is SQL there, a construct is put into words. */
export function sqlOf(item: Item, table?: Qualifier): MappedText {
  if (item.value.kind === 'string') return textOf(item);
  return expression(item, table).text;
}

/** A value to be stored, in a column of `type` where that is known: a string is a literal. */
export function storedValue(item: Item, table?: Qualifier, type?: Item): MappedText {
  return (type && ofType(item, type, table)) ?? expression(item, table).text;
}

/** A value that a column is set to: an operation in parentheses. */
export function assignedValue(item: Item, table: Qualifier, type?: Item): MappedText {
  const { text, binds } = expression(item, table);
  return (type && ofType(item, type, table)) ?? (binds < ATOM ? sql`(${text})` : text);
}

function ofType(item: Item, type: Item, table: Qualifier): MappedText | undefined {
  return typedValue(item, type, (each) => storedValue(each, table));
}

/**
 * `text(…)`: its SQL, with the values of its parameters put in: those `given`, and those of bindparams and params.
 * Undefined for other constructs.
 */
export function textClause(item: Item, given: readonly BoundValue[] = []): MappedText | undefined {
  const method = methodCallOf(item.value);
  if (method !== undefined) {
    return textClause({ value: method.of, span: item.span }, [...given, ...boundValues(method)]);
  }
  const construct = constructOf(item.value);
  const [first] = construct?.args ?? [];
  if (construct === undefined || first === undefined || !/^(text|DDL)$/.test(construct.name))
    return undefined;
  if (!/^(sqlalchemy|alembic)\b/.test(construct.path)) return undefined;
  return construct.name === 'text' ? withParameters(first, given) : textOf(first);
}

/** The values that `bindparams(…)` or `params(…)` gives parameters; none of other methods. */
export function boundValues(method: MethodCall): readonly BoundValue[] {
  if (method.name === 'params') return [...method.keywords, ...method.args.flatMap(entriesOf)];
  if (method.name !== 'bindparams') return [];
  const named = parametersIn(method).flatMap(({ value, ...parameter }): BoundValue[] =>
    value === undefined ? [] : [{ ...parameter, ...value, whole: value.span }],
  );
  return [...method.keywords, ...named];
}

/** Values given with the statement, each as the `bindparam` of its name in `text` declares it. */
export function declaredValues(text: Value, values: readonly KeywordArgument[]): readonly BoundValue[] {
  const declared: Parameter[] = [];
  let at = text;
  for (let method = methodCallOf(at); method !== undefined; method = methodCallOf(at)) {
    if (method.name === 'bindparams') declared.push(...parametersIn(method));
    at = method.of;
  }
  return values.map((each) => {
    const { type, expands } = declared.find(({ name }) => name === each.name) ?? {};
    return { ...each, type, ...(expands && { expands }) };
  });
}

/** A `bindparam(…)`. */
interface Parameter extends Pick<BoundValue, 'type' | 'expands'> {
  readonly name: string;
  readonly value: Item | undefined;
}

function parametersIn({ args }: CallArguments): readonly Parameter[] {
  return args.flatMap(({ value }) => {
    const construct = constructOf(value);
    if (construct?.name !== 'bindparam') return [];
    const bound = bind(construct, ['key', 'value', 'type_']);
    const name = stringOf(bound.get('key')?.value);
    const expands = switchedOn(bound, 'expanding') !== undefined;
    return name === undefined ? [] : [{ name, value: bound.get('value'), type: bound.get('type_'), expands }];
  });
}

/** A value for a parameter of `text()`. */
export interface BoundValue extends KeywordArgument {
  readonly type?: Item | undefined;
  /** As many values as there are, for IN. */
  readonly expands?: boolean;
}

/** Of a type that nobody names the driver decides: psycopg sends a tuple as what IN looks through, a list as an array. */
export function parameterText(given: Item & Pick<BoundValue, 'type' | 'expands'>): MappedText {
  const { value, type, expands = false } = given;
  if (value.kind !== 'sequence' || type !== undefined) return storedValue(given, undefined, type);
  if (expands || value.type === 'tuple') return listed(given, undefined);
  return value.items.length === 0
    ? mappedTo("'{}'", given.span)
    : arrayOf(value.items, (each) => storedValue(each));
}

/** `{'name': value}` as the keywords of a call. */
export function entriesOf(item: Item | undefined): readonly KeywordArgument[] {
  if (item?.value.kind !== 'dict') return [];
  return item.value.entries.flatMap(({ key, value }) => {
    const name = stringOf(key.value);
    return name === undefined ? [] : [{ name, ...value, whole: value.span }];
  });
}

/** A parameter in the text of `text()` (SQLAlchemy 2.1, sql/elements.py: TextClause._bind_params_regex; Python's \w). */
export const PARAMETER = /(?<![:\p{L}\p{N}_\\]):([\p{L}\p{N}_]+)(?!:)/gu;

/** The same, and an escaped colon. */
const COLON = new RegExp(`\\\\:|${PARAMETER.source}`, 'gu');

/** A string as `text()` takes it: `\:` is a colon, `:name` the literal of its value, or what `open` makes of its place. */
export function withParameters(
  item: Item,
  values: readonly BoundValue[],
  open: (origin: Span) => MappedText = placeholder,
): MappedText {
  if (item.value.kind !== 'string') return placeholder(item.span);
  const { text } = item.value;
  const parts: MappedText[] = [];
  let at = 0;
  for (const { 0: found, 1: name, index } of text.text.matchAll(COLON)) {
    const end = index + found.length;
    parts.push(slice(text, at, index));
    if (name === undefined) parts.push(slice(text, end - 1, end));
    else {
      const origin = slice(text, index, end).pieces[0]?.origin ?? item.span;
      const value = values.find((each) => each.name === name);
      parts.push(value === undefined ? open(origin) : placedAt(parameterText(value), origin));
    }
    at = end;
  }
  return at === 0 ? text : concat([...parts, slice(text, at)]);
}

/** SQL with how tightly its outermost operator binds. */
interface Expression {
  readonly text: MappedText;
  readonly binds: number;
}

const OR = 1;
const AND = 2;
const NOT = 3;
const COMPARES = 4;
const SUM = 6;
const PRODUCT = 7;
const ATOM = 9;

function expression(item: Item, table: Qualifier): Expression {
  return known(item, table) ?? { text: placeholder(item.span), binds: ATOM };
}

function known(item: Item, table: Qualifier): Expression | undefined {
  const { value, span } = item;
  switch (value.kind) {
    case 'string':
      return atom(literal(textOf(item)));
    case 'number':
      return atom(textOf(item));
    case 'constant':
      return atom(mappedTo(value.value === null ? 'NULL' : String(value.value), span));
    case 'operation':
      return operation(value.operator, value.operands, table);
    case 'attribute':
    case 'item':
      return columnOf(value, span, table);
    default:
      return construct(item, table);
  }
}

function atom(text: MappedText): Expression {
  return { text, binds: ATOM };
}

/** `table.c.name`, `table.c["name"]`. */
function columnOf(value: Value, span: Item['span'], table: Qualifier): Expression | undefined {
  let name: MappedText | undefined;
  if (value.kind === 'attribute' && isColumns(value.of)) {
    name = nameOf({ value: { kind: 'string', text: mappedTo(value.name, span), certain: true }, span });
  } else if (value.kind === 'item' && isColumns(value.of)) name = nameOf(value.index);
  if (name === undefined) return undefined;
  return atom(table === undefined ? name : sql`${table}.${name}`);
}

function isColumns(value: Value): boolean {
  return value.kind === 'attribute' && (value.name === 'c' || value.name === 'columns');
}

const OPERATORS: Readonly<Record<string, { readonly text: string; readonly binds: number }>> = {
  '==': { text: '=', binds: COMPARES },
  '!=': { text: '!=', binds: COMPARES },
  '<': { text: '<', binds: COMPARES },
  '<=': { text: '<=', binds: COMPARES },
  '>': { text: '>', binds: COMPARES },
  '>=': { text: '>=', binds: COMPARES },
  '+': { text: '+', binds: SUM },
  '-': { text: '-', binds: SUM },
  '*': { text: '*', binds: PRODUCT },
  '/': { text: '/', binds: PRODUCT },
  '&': { text: 'AND', binds: AND },
  '|': { text: 'OR', binds: OR },
};

function operation(operator: string, operands: readonly Item[], table: Qualifier): Expression | undefined {
  const [left, right] = operands;
  if (left === undefined) return undefined;
  if (right === undefined) {
    if (operator === '~') return { text: sql`NOT ${within(left, NOT, table)}`, binds: NOT };
    return operator === '-' ? { text: sql`-${within(left, PRODUCT, table)}`, binds: PRODUCT } : undefined;
  }
  if (isNone(right.value) && (operator === '==' || operator === '!=')) {
    const test = operator === '==' ? 'IS NULL' : 'IS NOT NULL';
    return { text: words(within(left, COMPARES, table), mappedTo(test, right.span)), binds: COMPARES };
  }
  const sign = OPERATORS[operator];
  if (sign === undefined) return undefined;
  const text = words(within(left, sign.binds, table), sign.text, within(right, sign.binds, table));
  return { text, binds: sign.binds };
}

/** An operand, in parentheses where it binds less tightly than what it stands in. */
function within(item: Item, binds: number, table: Qualifier): MappedText {
  const inner = expression(item, table);
  return inner.binds < binds ? sql`(${inner.text})` : inner.text;
}

/** SQL functions that are written without parentheses (SQLAlchemy: AnsiFunction). */
const BARE_FUNCTIONS =
  /^(current_date|current_time|current_timestamp|current_user|localtime|localtimestamp|session_user|user)$/i;

/** `func.name`, `func.schema.name`. */
const FUNCTION = /(?:^|\.)func\.(.+)$/;

/** Whether a value is a call of a function of SQL: `func.now()`. */
export function isFunctionCall(value: Value): boolean {
  return value.kind === 'call' && FUNCTION.test(constructOf(value)?.path ?? '');
}

function construct(item: Item, table: Qualifier): Expression | undefined {
  const method = methodCallOf(item.value);
  if (method !== undefined) return methodOn({ value: method.of, span: item.span }, method, item, table);
  const found = constructOf(item.value);
  if (found === undefined) return undefined;
  const { name, path, args } = found;
  const [first] = args;
  const called = FUNCTION.exec(path)?.[1];
  if (called !== undefined) {
    const place = item.value.kind === 'call' ? item.value.calleeSpan : item.span;
    if (BARE_FUNCTIONS.test(called)) return atom(mappedTo(called.toUpperCase(), place));
    return atom(sql`${mappedTo(called, place)}(${commaList(args.map((each) => storedValue(each, table)))})`);
  }
  if (!/^(sqlalchemy|alembic|sqlmodel)\b/.test(path)) return undefined;
  switch (name) {
    case 'true':
    case 'false':
    case 'null':
      return atom(mappedTo(name === 'null' ? 'NULL' : name, item.span));
    case 'and_':
      return junction('AND', AND, args, table);
    case 'or_':
      return junction('OR', OR, args, table);
    case 'current_timestamp':
      return atom(mappedTo('CURRENT_TIMESTAMP', item.span));
  }
  if (first === undefined) return undefined;
  switch (name) {
    case 'text':
      // The compiler of DDL has NULL for what nothing gave a value (SQLAlchemy 1.4 and 2.1), also inside quotes.
      return atom(withParameters(first, [], (origin) => mappedTo('NULL', origin)));
    case 'literal_column':
      return atom(textOf(first));
    case 'column':
    case 'Column':
    case 'quoted_name':
      return atom(nameOf(first));
    case 'literal':
    case 'inline_literal':
      return atom(storedValue(first, table));
    case 'bindparam': {
      const bound = bind(found, ['key', 'value', 'type_']);
      const given = bound.get('value');
      return given && atom(storedValue(given, table, bound.get('type_')));
    }
    case 'not_':
      return { text: sql`NOT ${within(first, NOT, table)}`, binds: NOT };
    case 'cast': {
      const type = args[1];
      return type && atom(sql`CAST(${storedValue(first, table, type)} AS ${typeOf(type).text})`);
    }
    case 'desc':
    case 'asc':
      return { text: words(indexedExpression(first), name.toUpperCase()), binds: OR };
    default:
      return undefined;
  }
}

function junction(word: string, binds: number, args: readonly Item[], table: Qualifier): Expression {
  const parts = args.map((each) => within(each, binds + 1, table));
  return { text: joined(parts, ` ${word} `), binds };
}

/** Methods of columns that are an operator, a test or an order. */
const AFTER: Readonly<Record<string, string>> = {
  asc: 'ASC',
  desc: 'DESC',
  nullsfirst: 'NULLS FIRST',
  nulls_first: 'NULLS FIRST',
  nullslast: 'NULLS LAST',
  nulls_last: 'NULLS LAST',
};

const BETWEEN_OPERANDS: Readonly<Record<string, string>> = {
  is_: 'IS',
  is_not: 'IS NOT',
  isnot: 'IS NOT',
  in_: 'IN',
  not_in: 'NOT IN',
  notin_: 'NOT IN',
  like: 'LIKE',
  ilike: 'ILIKE',
  notlike: 'NOT LIKE',
  not_like: 'NOT LIKE',
  concat: '||',
};

function methodOn(
  of: Item,
  { name, args }: MethodCall,
  item: Item,
  table: Qualifier,
): Expression | undefined {
  const after = Object.hasOwn(AFTER, name) ? AFTER[name] : undefined;
  if (after !== undefined) return { text: words(within(of, OR, table), after), binds: OR };
  const [first] = args;
  const sign = Object.hasOwn(BETWEEN_OPERANDS, name) ? BETWEEN_OPERANDS[name] : undefined;
  if (sign !== undefined && first !== undefined) {
    const right = sign.endsWith('IN') ? listed(first, table) : within(first, COMPARES, table);
    return { text: words(within(of, COMPARES, table), sign, right), binds: COMPARES };
  }
  const second = args[1];
  if (name === 'between' && first !== undefined && second !== undefined) {
    const text = words(
      within(of, COMPARES, table),
      'BETWEEN',
      within(first, COMPARES, table),
      'AND',
      within(second, COMPARES, table),
    );
    return { text, binds: COMPARES };
  }
  if (name === 'label' || name === 'bindparams' || name === 'self_group') {
    const text = textClause(item);
    return text === undefined ? known(of, table) : atom(text);
  }
  return customOperator(item, table);
}

/** What IN looks through. PostgreSQL knows no list of nothing: SQLAlchemy writes one that nothing is in. */
function listed(item: Item, table: Qualifier): MappedText {
  if (item.value.kind !== 'sequence') return known(item, table)?.text ?? sql`(${placeholder(item.span)})`;
  const { items } = item.value;
  return items.length === 0
    ? sql`(NULL) AND (1 != 1)`
    : sql`(${commaList(items.map((each) => storedValue(each, table)))})`;
}

/** `column.op('&&')(value)`: a call of what `op` gives. */
function customOperator({ value }: Item, table: Qualifier): Expression | undefined {
  if (value.kind !== 'call') return undefined;
  const made = methodCallOf(value.callee);
  const [sign] = made?.args ?? [];
  const [right] = value.args;
  if (made?.name !== 'op' || sign === undefined || right === undefined) return undefined;
  const left = { value: made.of, span: value.calleeSpan };
  const text = words(within(left, SUM, table), textOf(sign), within(right, SUM, table));
  return { text, binds: COMPARES };
}

/** What a column is set to where nothing else is said: `server_default`. A string is a literal there. */
export function defaultOf(item: Item): MappedText | undefined {
  const construct = constructOf(item.value);
  if (construct?.name === 'DefaultClause') {
    const [first] = construct.args;
    return first === undefined ? undefined : defaultOf(first);
  }
  if (construct?.name === 'FetchedValue') return undefined;
  if (construct?.name === 'Sequence') return undefined;
  return storedValue(item);
}

/** The columns of an index, a constraint: their names, or the expressions in their place. */
export function indexedExpression(item: Item): MappedText {
  if (item.value.kind === 'string') return nameOf(item);
  const text = textClause(item);
  if (text !== undefined) return text;
  const inner = expression(item, undefined);
  const isOperation = inner.binds < ATOM && inner.binds > OR;
  return isOperation ? sql`(${inner.text})` : inner.text;
}

/** The items of a list of columns. */
export function columnNames(item: Item | undefined): MappedText {
  return commaList(listOf(item).map((each) => nameOf(columnName(each))));
}

/** A column given as itself: its name. */
function columnName(item: Item): Item {
  const construct = constructOf(item.value);
  const [first] = construct?.args ?? [];
  return first !== undefined && /^[cC]olumn$/.test(construct?.name ?? '') ? first : item;
}
