import type { Span } from '../sql/span.ts';
import type { MappedText } from './mappedText.ts';
import type { FunctionDefinition, Parameter } from './syntax.ts';

/**
 * What an expression is worth, as far as the file alone tells. Things from elsewhere (`sqlalchemy.Column`, and what
 * calling them gives) stay symbols: who knows them says what they mean.
 */
export type Value =
  | { readonly kind: 'constant'; readonly value: true | false | null }
  /** `text` in decimal digits. */
  | { readonly kind: 'number'; readonly value: number; readonly text: string }
  /** Without `certain` there are placeholders in the text for what is not known. */
  | { readonly kind: 'string'; readonly text: MappedText; readonly certain: boolean }
  /** Lists are changed in place, as in Python. */
  | { readonly kind: 'sequence'; readonly type: 'list' | 'tuple' | 'set'; readonly items: Item[] }
  | { readonly kind: 'dict'; readonly entries: { readonly key: Item; readonly value: Item }[] }
  | FunctionValue
  | SymbolicValue
  | UnknownValue;

/** A value with the expression that gave it: a variable's value is written elsewhere than where it is used. */
export interface Item {
  readonly value: Value;
  readonly span: Span;
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly parameters: readonly Parameter[];
  readonly definition: FunctionDefinition | undefined;
  readonly call: (args: CallArguments) => Value;
}

export type SymbolicValue =
  /** Imported or built in: "sqlalchemy.Column", "builtins.print". */
  | { readonly kind: 'external'; readonly path: string }
  | { readonly kind: 'attribute'; readonly of: Value; readonly name: string }
  | { readonly kind: 'item'; readonly of: Value; readonly index: Item }
  | CallValue
  | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly Item[] };

/** A call of something from elsewhere. */
export interface CallValue extends CallArguments {
  readonly kind: 'call';
  readonly callee: Value;
  /** All of the call, in the document. */
  readonly span: Span;
  readonly calleeSpan: Span;
}

export interface CallArguments {
  readonly args: readonly Item[];
  readonly keywords: readonly KeywordArgument[];
  /** False where `*args` or `**kwargs` of unknown content are among them. */
  readonly complete: boolean;
}

export interface KeywordArgument extends Item {
  readonly name: string;
  /** With its keyword. */
  readonly whole: Span;
}

/** `source` is how it is written. */
export interface UnknownValue {
  readonly kind: 'unknown';
  readonly source: string;
}

export const NONE: Value = { kind: 'constant', value: null };

export function truth(value: boolean): Value {
  return { kind: 'constant', value };
}

/** Whether a condition holds; undefined where that is not known. */
export function isTrue(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'constant':
      return value.value === true;
    case 'number':
      return value.value !== 0;
    case 'string':
      return value.certain ? value.text.text !== '' : undefined;
    case 'sequence':
      return value.items.length > 0;
    case 'dict':
      return value.entries.length > 0;
    case 'function':
      return true;
    default:
      return undefined;
  }
}

/** The text of a string that is wholly known. */
export function stringOf(value: Value | undefined): string | undefined {
  return value?.kind === 'string' && value.certain ? value.text.text : undefined;
}

/** Whether two values are equal; undefined where that is not known. */
export function isEqual(a: Value, b: Value): boolean | undefined {
  if (!isPlain(a) || !isPlain(b)) return undefined;
  if (a.kind === 'string' || b.kind === 'string') {
    const texts = [stringOf(a), stringOf(b)];
    if (a.kind === b.kind) return texts.includes(undefined) ? undefined : texts[0] === texts[1];
    return false;
  }
  if (a.kind === 'sequence' && b.kind === 'sequence') {
    if (a.items.length !== b.items.length) return false;
    const equal = a.items.map((item, i) => {
      const other = b.items[i];
      return other === undefined ? false : isEqual(item.value, other.value);
    });
    return equal.includes(false) ? false : equal.includes(undefined) ? undefined : true;
  }
  if (a.kind === 'number' && b.kind === 'number') return a.value === b.value;
  if (a.kind === 'constant' && b.kind === 'constant') return a.value === b.value;
  return a.kind === b.kind ? undefined : false;
}

type PlainValue = Extract<Value, { kind: 'constant' | 'number' | 'string' | 'sequence' | 'dict' }>;

/** Whether a value is no symbol. */
export function isPlain(value: Value): value is PlainValue {
  return /^(constant|number|string|sequence|dict)$/.test(value.kind);
}
