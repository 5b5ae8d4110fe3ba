import type { Span } from '../sql/span.ts';
import { assembled, type StringResult } from './formatting.ts';
import { type MappedText, mappedTo } from './mappedText.ts';
import { methodOf, plainCall } from './methods.ts';
import { operate } from './operators.ts';
import type { CallExpression, Expression, FunctionDefinition, Parameter, StringPart } from './syntax.ts';
import {
  type CallArguments,
  type CallValue,
  type FunctionValue,
  type Item,
  isPlain,
  isTrue,
  type KeywordArgument,
  stringOf,
  truth,
  type UnknownValue,
  type Value,
} from './value.ts';

/** Names of things from outside a file, and what they are: "sqlalchemy" for `sa`. */
export type ExternalNames = ReadonlyMap<string, string>;

/** What expressions are evaluated in. */
export interface Surroundings {
  called(call: CallValue): Value | undefined;
  attribute(of: Value, name: string): Value | undefined;
  lookUp(name: string): Value | undefined;
  assign(name: string, value: Value): void;
  functionOf(
    parameters: readonly Parameter[],
    definition: FunctionDefinition | undefined,
    body: Expression | undefined,
  ): FunctionValue;
}

/** Works out what expressions are worth. */
export class Evaluator {
  private readonly text: string;
  private readonly surroundings: Surroundings;
  /** The first module of `from … import *`: where names come from that nobody else defines. */
  private openModule: string | undefined;
  /** What `externalNamesIn` has found so far; undefined once there was something else. */
  private externals: Map<string, string> | undefined;

  constructor(text: string, surroundings: Surroundings) {
    this.text = text;
    this.surroundings = surroundings;
  }

  importAll(module: string): void {
    this.openModule ??= module;
  }

  evaluate(expression: Expression): Value {
    switch (expression.kind) {
      case 'name':
        return this.lookedUp(expression.name);
      case 'attribute':
        return this.attribute(this.evaluate(expression.of), expression.name);
      case 'item':
        return this.item(this.evaluate(expression.of), this.itemFor(expression.index), expression.span);
      case 'call':
        return this.call(expression);
      case 'string':
        return this.string(expression.parts);
      case 'number':
        return numberOf(expression.text);
      case 'constant':
        return expression.value === null ? { kind: 'constant', value: null } : truth(expression.value);
      case 'list':
      case 'tuple':
      case 'set':
        return this.sequence(expression.kind, expression.items, expression.span);
      case 'dict':
        return this.dict(expression);
      case 'unary':
        return operate(expression.operator, [this.itemFor(expression.operand)]);
      case 'binary':
        return this.binary(expression);
      case 'conditional': {
        const holds = isTrue(this.evaluate(expression.condition));
        if (holds !== undefined) return this.evaluate(holds ? expression.then : expression.otherwise);
        return this.unknown(expression.span, [expression.then, expression.otherwise]);
      }
      case 'comprehension':
        return this.comprehension(expression);
      case 'lambda':
        this.externals = undefined;
        return this.surroundings.functionOf(expression.parameters, undefined, expression.body);
      case 'starred':
        return this.evaluate(expression.of);
      case 'assignment': {
        const value = this.evaluate(expression.value);
        this.assign(expression.name, value);
        return value;
      }
      case 'other':
        return this.unknown(expression.span, expression.inside);
    }
  }

  /** What a name is worth here. */
  named(name: string): Value {
    return this.surroundings.lookUp(name) ?? this.fromElsewhere(name);
  }

  /**
   * Does `work`, and gives the names that it looked up, where all of them are of things from outside the file and it
   * made nothing inside: then the same text does the same wherever they mean that. Else undefined.
   */
  externalNamesIn(work: () => void): ExternalNames | undefined {
    const around = this.externals;
    this.externals = new Map();
    try {
      work();
      return this.externals;
    } finally {
      this.externals = around;
    }
  }

  private lookedUp(name: string): Value {
    const value = this.named(name);
    if (value.kind === 'external') this.externals?.set(name, value.path);
    else this.externals = undefined;
    return value;
  }

  private assign(name: string, value: Value): void {
    this.externals = undefined;
    this.surroundings.assign(name, value);
  }

  /** The items that a loop over a value goes through; undefined where they are not known. */
  itemsOf(value: Value): readonly Item[] | undefined {
    if (value.kind === 'sequence') return value.items;
    if (value.kind === 'dict') return value.entries.map(({ key }) => key);
    return undefined;
  }

  /** A keyword as a string. */
  nameItem({ name, whole }: KeywordArgument): Item {
    return { value: { kind: 'string', text: mappedTo(name, whole), certain: true }, span: whole };
  }

  private fromElsewhere(name: string): Value {
    const module = BUILTINS.has(name) ? 'builtins' : this.openModule;
    return { kind: 'external', path: module === undefined ? name : `${module}.${name}` };
  }

  private itemFor(expression: Expression): Item {
    return { value: this.evaluate(expression), span: expression.span };
  }

  private attribute(of: Value, name: string): Value {
    const known = this.surroundings.attribute(of, name);
    if (known !== undefined) return known;
    if (of.kind === 'external') return { kind: 'external', path: `${of.path}.${name}` };
    return { kind: 'attribute', of, name };
  }

  private item(of: Value, index: Item, span: Span): Value {
    if (of.kind === 'sequence' && index.value.kind === 'number') {
      return of.items.at(index.value.value)?.value ?? this.unknown(span, []);
    }
    const key = stringOf(index.value);
    if (of.kind === 'dict' && key !== undefined) {
      const entry = of.entries.findLast((each) => stringOf(each.key.value) === key);
      return entry?.value.value ?? this.unknown(span, []);
    }
    return isPlain(of) ? this.unknown(span, []) : { kind: 'item', of, index };
  }

  private call(expression: CallExpression): Value {
    const { callee: calleeExpression, span } = expression;
    const callee = this.evaluate(calleeExpression);
    const args = this.argumentsOf(expression);
    if (callee.kind === 'function') return callee.call(args);
    if (callee.kind === 'attribute' && (isPlain(callee.of) || callee.of.kind === 'unknown')) {
      const result = methodOf(callee.of, callee.name, args);
      if (result !== undefined) return result;
    }
    if (callee.kind === 'external') {
      const result = plainCall(callee.path, args, (value) => this.itemsOf(value));
      if (result !== undefined) return result;
    }
    const call: CallValue = { kind: 'call', callee, span, calleeSpan: calleeExpression.span, ...args };
    return this.surroundings.called(call) ?? call;
  }

  private argumentsOf({ args }: CallExpression): CallArguments {
    const positional: Item[] = [];
    const keywords: KeywordArgument[] = [];
    let complete = true;
    for (const { keyword, unpacks, value: expression, span } of args) {
      const item = this.itemFor(expression);
      const { value } = item;
      if (keyword !== undefined) keywords.push({ name: keyword, ...item, whole: span });
      else if (unpacks === undefined) positional.push(item);
      else if (unpacks === 'list' && value.kind === 'sequence') positional.push(...value.items);
      else if (unpacks === 'dict' && value.kind === 'dict') {
        for (const entry of value.entries) {
          const name = stringOf(entry.key.value);
          if (name === undefined) complete = false;
          else keywords.push({ name, ...entry.value, whole: entry.value.span });
        }
      } else complete = false;
    }
    return { args: positional, keywords, complete };
  }

  private string(parts: readonly StringPart[]): StringResult {
    return assembled(
      parts.map((part): MappedText | { field: Item } => {
        if (part.kind === 'text') return part.text;
        const { span } = part;
        if (part.kind === 'unknown') return { field: { value: this.unknown(span, []), span } };
        const value = this.evaluate(part.value);
        return { field: { value: part.plain ? value : this.unknown(span, []), span } };
      }),
    );
  }

  private sequence(type: 'list' | 'tuple' | 'set', expressions: readonly Expression[], span: Span): Value {
    const items: Item[] = [];
    for (const expression of expressions) {
      const item = this.itemFor(expression);
      if (expression.kind !== 'starred') items.push(item);
      else {
        const unpacked = this.itemsOf(item.value);
        if (unpacked === undefined) return this.unknown(span, []);
        items.push(...unpacked);
      }
    }
    return { kind: 'sequence', type, items };
  }

  private dict(expression: Extract<Expression, { kind: 'dict' }>): Value {
    const entries: { key: Item; value: Item }[] = [];
    for (const { key, value } of expression.entries) {
      const item = this.itemFor(value);
      if (key !== undefined) entries.push({ key: this.itemFor(key), value: item });
      else if (item.value.kind === 'dict') entries.push(...item.value.entries);
      else return this.unknown(expression.span, []);
    }
    return { kind: 'dict', entries };
  }

  /** `and` and `or` look at their right side only where they have to. */
  private binary(expression: Extract<Expression, { kind: 'binary' }>): Value {
    const { operator, left, right } = expression;
    const first = this.itemFor(left);
    if (operator === 'and' || operator === 'or') {
      const holds = isTrue(first.value);
      if (holds !== undefined) return holds === (operator === 'or') ? first.value : this.evaluate(right);
      const second = this.evaluate(right);
      // Whatever the left side is, this decides.
      const decided = isTrue(second);
      return decided === (operator === 'or') ? truth(decided) : this.unknown(expression.span, []);
    }
    return operate(operator, [first, this.itemFor(right)]);
  }

  private comprehension(expression: Extract<Expression, { kind: 'comprehension' }>): Value {
    const items: Item[] = [];
    const entries: { key: Item; value: Item }[] = [];
    const { element, value, clauses } = expression;
    const walk = (at: number): boolean => {
      const clause = clauses[at];
      if (clause === undefined) {
        const item = this.itemFor(element);
        items.push(item);
        if (value !== undefined) entries.push({ key: item, value: this.itemFor(value) });
        return items.length <= MOST_ITEMS;
      }
      if (clause.kind === 'if') {
        const holds = isTrue(this.evaluate(clause.condition));
        return holds === undefined ? false : !holds || walk(at + 1);
      }
      const over = this.itemsOf(this.evaluate(clause.iterable));
      return over?.every((item) => this.bindTarget(clause.target, item) && walk(at + 1)) ?? false;
    };
    if (!walk(0)) return this.unknown(expression.span, []);
    return value === undefined ? { kind: 'sequence', type: 'list', items } : { kind: 'dict', entries };
  }

  private bindTarget(target: Expression, item: Item): boolean {
    if (target.kind === 'name') {
      this.assign(target.name, item.value);
      return true;
    }
    const items = this.itemsOf(item.value);
    if (target.kind !== 'tuple' || items?.length !== target.items.length) return false;
    return target.items.every((each, i) => {
      const part = items[i];
      return part !== undefined && this.bindTarget(each, part);
    });
  }

  /** Something unknown, with what stands inside it evaluated for what it does. */
  private unknown(span: Span, inside: readonly Expression[]): UnknownValue {
    for (const each of inside) this.evaluate(each);
    return { kind: 'unknown', source: this.text.slice(span.start, span.end) };
  }
}

const MOST_ITEMS = 1000;

/** A number, its `text` in decimal digits: what Python writes as 5_000 or 0x10 is nothing that SQL or JSON can read. */
function numberOf(source: string): Value {
  const digits = source.replaceAll('_', '');
  const value = Number(digits);
  if (Number.isNaN(value)) return { kind: 'unknown', source };
  const text = /^0[xob]/i.test(digits) ? BigInt(digits).toString() : digits;
  return { kind: 'number', value, text };
}

/** Built-in names that migrations use; all others come from the module that was imported whole, if there is one. */
const BUILTINS: ReadonlySet<string> = new Set(
  'exit quit globals range enumerate zip list tuple set dict str int float bool len sorted reversed print isinstance getattr hasattr map filter any all min max sum open iter next repr type object super Exception NotImplementedError RuntimeError ValueError'.split(
    ' ',
  ),
);
