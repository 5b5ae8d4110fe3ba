import { type MappedText, mappedTo } from '../../../python/mappedText.ts';
import { type Item, isTrue, stringOf, type Value } from '../../../python/value.ts';
import { bind, constructOf } from './arguments.ts';
import { commaList, literal, sql } from './sqlText.ts';
import { typeOf } from './types.ts';

/**
 * A value as SQLAlchemy sends it for a column or a parameter of a type: JSON as Python's json writes it, a list as an
 * array. `element` writes the values of an array. Undefined where the type says nothing of how a value is written, and
 * for what is no plain value.
 */
export function typedValue(
  item: Item,
  type: Item,
  element: (item: Item) => MappedText,
): MappedText | undefined {
  const { text } = typeOf(type).text;
  if (/^JSONB?$/.test(text)) {
    if (item.value.kind === 'constant' && item.value.value === null && noneIsNull(type)) return undefined;
    const json = jsonOf(item.value);
    return json === undefined ? undefined : literal(mappedTo(json, item.span));
  }
  if (!text.endsWith('[]') || item.value.kind !== 'sequence') return undefined;
  return item.value.items.length === 0 ? sql`CAST(ARRAY[] AS ${text})` : arrayOf(item.value.items, element);
}

/** `ARRAY[…]`, of several dimensions where lists are in the list. */
export function arrayOf(items: readonly Item[], element: (item: Item) => MappedText): MappedText {
  const parts = items.map((each) =>
    each.value.kind === 'sequence' ? arrayOf(each.value.items, element) : element(each),
  );
  return sql`ARRAY[${commaList(parts)}]`;
}

/** Else None is JSON's null. */
function noneIsNull(type: Item): boolean {
  const construct = constructOf(type.value);
  const given = construct && bind(construct, ['none_as_null']).get('none_as_null');
  return given !== undefined && isTrue(given.value) === true;
}

/** What `json.dumps` gives. */
function jsonOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.certain ? ascii(JSON.stringify(value.text.text)) : undefined;
    case 'number':
      return /^-?\d+$/.test(value.text) ? value.text : floatOf(value.value);
    case 'constant':
      return String(value.value);
    case 'sequence': {
      const items = value.items.map((each) => jsonOf(each.value));
      return value.type === 'set' || items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
    }
    case 'dict': {
      const entries = value.entries.map(({ key, value: of }) => {
        const name = stringOf(key.value);
        const json = jsonOf(of.value);
        return name === undefined || json === undefined
          ? undefined
          : `${ascii(JSON.stringify(name))}: ${json}`;
      });
      return entries.includes(undefined) ? undefined : `{${entries.join(', ')}}`;
    }
    default:
      return undefined;
  }
}

/** A float as Python writes it: 1e3 is 1000.0. */
function floatOf(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Python writes other characters as escapes. */
function ascii(json: string): string {
  return json.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
