import { assembled, braceFormat } from './formatting.ts';
import { concat, joined, type MappedText, mappedTo, slice, unmapped } from './mappedText.ts';
import { type CallArguments, type Item, isTrue, NONE, stringOf, truth, type Value } from './value.ts';

/** What a method of a plain value gives; undefined where it is not known here. */
export function methodOf(of: Value, name: string, args: CallArguments): Value | undefined {
  if (!args.complete) return undefined;
  if (of.kind === 'string') return stringMethod(of, name, args);
  if (of.kind === 'sequence') return sequenceMethod(of.items, name, args);
  if (of.kind === 'dict') return dictMethod(of.entries, name, args);
  return undefined;
}

type StringValue = Extract<Value, { kind: 'string' }>;

function stringMethod(of: StringValue, name: string, { args, keywords }: CallArguments): Value | undefined {
  const { text } = of;
  const [first] = args;
  const argument = stringOf(first?.value);
  switch (name) {
    case 'format':
      return braceFormat(of, args, keywords);
    case 'strip':
    case 'lstrip':
    case 'rstrip': {
      if (first !== undefined) return undefined;
      const start = name === 'rstrip' ? 0 : text.text.length - text.text.trimStart().length;
      const end = name === 'lstrip' ? text.text.length : text.text.trimEnd().length;
      return { ...of, text: slice(text, Math.min(start, end), end) };
    }
    case 'join': {
      const items = first?.value.kind === 'sequence' ? first.value.items : undefined;
      if (items === undefined) return undefined;
      const parts = items.map((item) => assembled([{ field: item }]));
      const certain = of.certain && parts.every((part) => part.certain);
      const texts = parts.map((part) => part.text);
      return { kind: 'string', text: joined(texts, text.text), certain };
    }
    case 'startswith':
      return of.certain && argument !== undefined ? truth(text.text.startsWith(argument)) : undefined;
    case 'endswith':
      return of.certain && argument !== undefined ? truth(text.text.endsWith(argument)) : undefined;
    case 'lower':
      return recased(of, text.text.toLowerCase());
    case 'upper':
      return recased(of, text.text.toUpperCase());
    case 'replace': {
      const by = stringOf(args[1]?.value);
      if (argument === undefined || by === undefined || argument === '') return undefined;
      return { ...of, text: replaced(text, argument, by) };
    }
    case 'split':
      return of.certain && args.length < 2
        ? splitAt(text, first === undefined ? /\s+/ : argument)
        : undefined;
    default:
      return undefined;
  }
}

function recased(of: StringValue, text: string): StringValue | undefined {
  return text.length === of.text.text.length ? { ...of, text: { ...of.text, text } } : undefined;
}

function replaced(text: MappedText, wanted: string, by: string): MappedText {
  const parts: MappedText[] = [];
  let at = 0;
  for (let found = text.text.indexOf(wanted); found >= 0; found = text.text.indexOf(wanted, at)) {
    const origin = slice(text, found, found + wanted.length).pieces[0]?.origin;
    parts.push(slice(text, at, found), origin === undefined ? unmapped(by) : mappedTo(by, origin));
    at = found + wanted.length;
  }
  return concat([...parts, slice(text, at)]);
}

function splitAt(text: MappedText, separator: RegExp | string | undefined): Value | undefined {
  if (separator === undefined) return undefined;
  let at = 0;
  const items = text.text.split(separator).flatMap((word): Item[] => {
    const start = text.text.indexOf(word, at);
    at = start + word.length;
    if (word === '' && typeof separator !== 'string') return [];
    const part = slice(text, start, at);
    const span = part.pieces[0]?.origin ?? { start: 0, end: 0 };
    return [{ value: { kind: 'string', text: part, certain: true }, span }];
  });
  return { kind: 'sequence', type: 'list', items };
}

/** Lists are changed in place. */
function sequenceMethod(items: Item[], name: string, { args }: CallArguments): Value | undefined {
  const [first] = args;
  if (first === undefined) return undefined;
  if (name === 'append' || name === 'add') items.push(first);
  else if (name === 'extend' && first.value.kind === 'sequence') items.push(...first.value.items);
  else return undefined;
  return NONE;
}

function dictMethod(
  entries: readonly { readonly key: Item; readonly value: Item }[],
  name: string,
  { args }: CallArguments,
): Value | undefined {
  const list = (items: Item[]): Value => ({ kind: 'sequence', type: 'list', items });
  switch (name) {
    case 'items':
      return list(entries.map(({ key, value }) => ({ value: tuple([key, value]), span: key.span })));
    case 'keys':
      return list(entries.map(({ key }) => key));
    case 'values':
      return list(entries.map(({ value }) => value));
    case 'get': {
      const wanted = stringOf(args[0]?.value);
      if (wanted === undefined) return undefined;
      const found = entries.findLast(({ key }) => stringOf(key.value) === wanted);
      return found?.value.value ?? args[1]?.value ?? NONE;
    }
    default:
      return undefined;
  }
}

function tuple(items: Item[]): Value {
  return { kind: 'sequence', type: 'tuple', items };
}

const LONGEST_RANGE = 1000;

/** What a built-in function gives of plain values; undefined where it is not known here. */
export function plainCall(
  path: string,
  { args, complete }: CallArguments,
  itemsOf: (value: Value) => readonly Item[] | undefined,
): Value | undefined {
  const [first] = args;
  if (!complete || first === undefined) return undefined;
  const items = itemsOf(first.value);
  const { span } = first;
  switch (path) {
    case 'builtins.range': {
      const numbers = args.map(({ value }) => (value.kind === 'number' ? value.value : Number.NaN));
      const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers;
      const length = Math.ceil((stop - start) / step);
      if (Number.isNaN(length) || length > LONGEST_RANGE) return undefined;
      const count = Array.from({ length: Math.max(0, length) }, (_, i) => start + i * step);
      return sequence(count.map((value) => ({ value: numberValue(value), span })));
    }
    case 'builtins.enumerate': {
      const from = args[1]?.value.kind === 'number' ? args[1].value.value : 0;
      return items && sequence(items.map((item, i) => pair({ value: numberValue(i + from), span }, item)));
    }
    case 'builtins.zip': {
      const lists = args.map(({ value }) => itemsOf(value));
      const length = Math.min(...lists.map((list) => list?.length ?? Number.NaN));
      if (Number.isNaN(length)) return undefined;
      const row = (i: number) => lists.flatMap((list) => list?.[i] ?? []);
      return sequence(
        Array.from({ length }, (_, i) => ({ value: tuple(row(i)), span: row(i)[0]?.span ?? span })),
      );
    }
    case 'builtins.list':
    case 'builtins.tuple':
    case 'builtins.set':
      return items && sequence([...items]);
    case 'builtins.reversed':
      return items && sequence([...items].reverse());
    case 'builtins.sorted': {
      const texts = items?.map(({ value }) => stringOf(value));
      if (items === undefined || args.length > 1 || texts?.includes(undefined)) return undefined;
      const key = (item: Item) => stringOf(item.value) ?? '';
      return sequence([...items].sort((a, b) => (key(a) < key(b) ? -1 : 1)));
    }
    case 'builtins.str': {
      const text = assembled([{ field: first }]);
      return text.certain ? text : undefined;
    }
    case 'builtins.len':
      return items && numberValue(items.length);
    case 'builtins.bool': {
      const holds = isTrue(first.value);
      return holds === undefined ? undefined : truth(holds);
    }
    // Leading blanks mean nothing in SQL.
    case 'textwrap.dedent':
    case 'inspect.cleandoc':
      return first.value;
    default:
      return undefined;
  }
}

function sequence(items: Item[]): Value {
  return { kind: 'sequence', type: 'list', items };
}

function pair(a: Item, b: Item): Item {
  return { value: tuple([a, b]), span: b.span };
}

function numberValue(value: number): Value {
  return { kind: 'number', value, text: String(value) };
}
