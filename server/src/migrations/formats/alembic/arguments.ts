import {
  type CallArguments,
  type Item,
  isTrue,
  type KeywordArgument,
  stringOf,
  type Value,
} from '../../../python/value.ts';

/** The arguments of a call by the names of their parameters. */
export interface Bound {
  /** Undefined where it is not given, or given as None. */
  get(name: string): Item | undefined;
  /** Also given as None. */
  given(name: string): Item | undefined;
  /** Positional arguments behind the named ones. */
  readonly rest: readonly Item[];
  readonly keywords: readonly KeywordArgument[];
}

/** Binds arguments to `parameters`, in the order in which they may be given without their names. */
export function bind({ args, keywords }: CallArguments, parameters: readonly string[]): Bound {
  const byName = new Map<string, Item>(keywords.map((each) => [each.name, each]));
  for (const [i, name] of parameters.entries()) {
    const item = args[i];
    if (item !== undefined && !byName.has(name)) byName.set(name, item);
  }
  return {
    get(name) {
      const item = byName.get(name);
      return item === undefined || isNone(item.value) ? undefined : item;
    },
    given: (name) => byName.get(name),
    rest: args.slice(parameters.length),
    keywords,
  };
}

export function isNone(value: Value): boolean {
  return value.kind === 'constant' && value.value === null;
}

/** The place of an argument that switches something on: with its keyword, where it has one. */
export function switchedOn(bound: Bound, name: string): Item['span'] | undefined {
  const item = bound.get(name);
  if (item === undefined || isTrue(item.value) !== true) return undefined;
  return wholeOf(bound, name) ?? item.span;
}

/** An argument that is False. */
export function switchedOff(bound: Bound, name: string): Item['span'] | undefined {
  const item = bound.get(name);
  if (item === undefined || isTrue(item.value) !== false) return undefined;
  return wholeOf(bound, name) ?? item.span;
}

/** A keyword argument with its keyword. */
export function wholeOf(bound: Bound, name: string): Item['span'] | undefined {
  return bound.keywords.find((each) => each.name === name)?.whole;
}

/** The items of a list; one that is no list counts as its only item, as alembic takes a string for a column. */
export function listOf(item: Item | undefined): readonly Item[] {
  if (item === undefined) return [];
  return item.value.kind === 'sequence' ? item.value.items : [item];
}

/** The name of something of SQLAlchemy, or of another library, however it was imported: "Column", "JSONB". */
function libraryName(value: Value): { readonly name: string; readonly path: string } | undefined {
  if (value.kind !== 'external') return undefined;
  return { name: value.path.slice(value.path.lastIndexOf('.') + 1), path: value.path };
}

/** A class of SQLAlchemy that is called, or named without a call: `sa.Integer()`, `sa.Integer`. */
export interface Construct extends CallArguments {
  readonly name: string;
  readonly path: string;
}

const NO_ARGUMENTS: CallArguments = { args: [], keywords: [], complete: true };

export function constructOf(value: Value): Construct | undefined {
  const library = libraryName(value.kind === 'call' ? value.callee : value);
  if (library === undefined) return undefined;
  const { name, path } = library;
  const { args, keywords, complete } = value.kind === 'call' ? value : NO_ARGUMENTS;
  return { name, path, args, keywords, complete };
}

/** A method called on something: `sa.JSON().with_variant(…)`. */
export interface MethodCall extends CallArguments {
  readonly of: Value;
  readonly name: string;
}

export function methodCallOf(value: Value): MethodCall | undefined {
  if (value.kind !== 'call' || value.callee.kind !== 'attribute') return undefined;
  const { args, keywords, complete, callee } = value;
  return { of: callee.of, name: callee.name, args, keywords, complete };
}

export function stringArgument(bound: Bound, name: string): string | undefined {
  return stringOf(bound.get(name)?.value);
}
