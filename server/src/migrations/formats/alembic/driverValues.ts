import { placeholder } from '../../../python/formatting.ts';
import {
  concat,
  type MappedText,
  mappedTo,
  placedAt,
  slice,
  spanInDocument,
} from '../../../python/mappedText.ts';
import type { CallArguments, Item } from '../../../python/value.ts';
import { entriesOf, parameterText } from './expressions.ts';

/*
 * SQL that goes to the driver as it is, and the values that the driver puts in: psycopg's `%s` and `%(name)s`. SQLAlchemy
 * sends so what exec_driver_sql is given, and until 1.4 each string that a connection is.
 */

/** What a call gives beside the SQL: one value, `(a, b)` or `{"name": a}`, or (until 1.4) each as one of its own. */
export function driverValues(call: CallArguments): readonly Item[] {
  const { args, keywords } = call;
  return [...args.slice(1), ...keywords.filter(({ name }) => name === 'parameters')];
}

/** psycopg's marks for values, and what stands for a percent sign where there are values. */
const MARK = /%%|%(?:\((\w+)\))?s/g;

/**
 * SQL with the values at their marks, or placeholders where they are not known. Without a mark it is taken as it stands:
 * other drivers have marks that PostgreSQL reads itself (`$1`).
 */
export function withDriverValues({ value, span }: Item, values: readonly Item[]): MappedText {
  if (value.kind !== 'string') return placeholder(span);
  const { text } = value;
  const marks = [...text.text.matchAll(MARK)];
  if (values.length === 0 || marks.every(([found]) => found === '%%')) return text;
  const { positional, named } = rowOf(values);
  const parts: MappedText[] = [];
  let [at, next] = [0, 0];
  for (const { 0: found, 1: name, index } of marks) {
    const end = index + found.length;
    parts.push(slice(text, at, index));
    at = end;
    const origin = spanInDocument(text, { start: index, end }) ?? span;
    if (found === '%%') parts.push(mappedTo('%', origin));
    else {
      const given = name === undefined ? positional[next++] : named.find((each) => each.name === name);
      parts.push(given === undefined ? placeholder(origin) : placedAt(parameterText(given), origin));
    }
  }
  return concat([...parts, slice(text, at)]);
}

/** The values of one execution. Of many rows at once none is known. */
function rowOf(values: readonly Item[]) {
  const [first, ...more] = values;
  if (first === undefined || more.length > 0) return { positional: values, named: [] };
  if (first.value.kind === 'dict') return { positional: [], named: entriesOf(first) };
  if (first.value.kind !== 'sequence') return { positional: values, named: [] };
  const { items } = first.value;
  const isMany = /^(sequence|dict)$/.test(items[0]?.value.kind ?? '');
  return { positional: isMany ? [] : items, named: [] };
}
