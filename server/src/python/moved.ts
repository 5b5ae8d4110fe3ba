import { shift } from '../sql/span.ts';
import type { MappedText } from './mappedText.ts';
import type { CallArguments, CallValue, Item, Value } from './value.ts';

/* What the same code is worth where it stands `by` code units further on. */

/** A text whose places move. */
export function movedText({ text, pieces }: MappedText, by: number): MappedText {
  return { text, pieces: pieces.map((piece) => ({ ...piece, origin: shift(piece.origin, by) })) };
}

/** A call all of which moves. */
export function movedCall(call: CallValue, by: number): CallValue {
  return {
    ...call,
    ...movedArguments(call, by),
    callee: movedValue(call.callee, by),
    span: shift(call.span, by),
    calleeSpan: shift(call.calleeSpan, by),
  };
}

function movedArguments({ args, keywords, complete }: CallArguments, by: number): CallArguments {
  return {
    args: movedItems(args, by),
    keywords: keywords.map((each) => ({
      ...each,
      value: movedValue(each.value, by),
      span: shift(each.span, by),
      whole: shift(each.whole, by),
    })),
    complete,
  };
}

function movedItems(items: readonly Item[], by: number): Item[] {
  return items.map((item) => movedItem(item, by));
}

function movedItem({ value, span }: Item, by: number): Item {
  return { value: movedValue(value, by), span: shift(span, by) };
}

function movedValue(value: Value, by: number): Value {
  switch (value.kind) {
    case 'string':
      return { ...value, text: movedText(value.text, by) };
    case 'sequence':
      return { ...value, items: movedItems(value.items, by) };
    case 'dict': {
      const entries = value.entries.map(({ key, value: of }) => ({
        key: movedItem(key, by),
        value: movedItem(of, by),
      }));
      return { ...value, entries };
    }
    case 'attribute':
      return { ...value, of: movedValue(value.of, by) };
    case 'item':
      return { ...value, of: movedValue(value.of, by), index: movedItem(value.index, by) };
    case 'operation':
      return { ...value, operands: movedItems(value.operands, by) };
    case 'call':
      return movedCall(value, by);
    case 'constant':
    case 'number':
    case 'external':
    case 'function':
    case 'unknown':
      return value;
  }
}
