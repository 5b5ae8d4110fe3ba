import { placeholder } from '../../../python/formatting.ts';
import {
  concat,
  type MappedText,
  mappedTo,
  placedAt,
  slice,
  spanInDocument,
} from '../../../python/mappedText.ts';
import type { Item, KeywordArgument } from '../../../python/value.ts';
import { parameterText } from './expressions.ts';

/*
 * SQL that goes to the driver as it is, and the values that the driver puts in: psycopg's `%s` and `%(name)s`. SQLAlchemy
 * sends so what exec_driver_sql is given, and until 1.4 each string that a connection is.
 */

/** psycopg's marks for values, and what stands for a percent sign where there are values. */
const MARK = /%%|%(?:\((\w+)\))?s/g;

/**
 * SQL with the values at their marks, or placeholders where they are not known. Without a mark it is taken as it stands:
 * other drivers have marks that PostgreSQL reads itself (`$1`). `given` is what comes behind the SQL: one value, `(a, b)` or
 * a dictionary, or (until 1.4) each as one of its own; `named` are the values that have a name.
 */
export function withDriverValues(
  { value, span }: Item,
  given: readonly Item[],
  named: readonly KeywordArgument[],
): MappedText {
  if (value.kind !== 'string') return placeholder(span);
  const { text } = value;
  const marks = [...text.text.matchAll(MARK)];
  if (given.length + named.length === 0 || marks.every(([found]) => found === '%%')) return text;
  const positional = rowOf(given);
  const parts: MappedText[] = [];
  let [at, next] = [0, 0];
  for (const { 0: found, 1: name, index } of marks) {
    const end = index + found.length;
    parts.push(slice(text, at, index));
    at = end;
    const origin = spanInDocument(text, { start: index, end }) ?? span;
    if (found === '%%') parts.push(mappedTo('%', origin));
    else {
      const known = name === undefined ? positional[next++] : named.find((each) => each.name === name);
      parts.push(known === undefined ? placeholder(origin) : placedAt(parameterText(known), origin));
    }
  }
  return concat([...parts, slice(text, at)]);
}

/** The values of one execution that have no name. Of many rows at once none is known. */
function rowOf(values: readonly Item[]): readonly Item[] {
  const [first, ...more] = values;
  if (first?.value.kind === 'dict') return [];
  if (first?.value.kind !== 'sequence' || more.length > 0) return values;
  const { items } = first.value;
  return /^(sequence|dict)$/.test(items[0]?.value.kind ?? '') ? [] : items;
}
