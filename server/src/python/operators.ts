import { assembled, percentFormat } from './formatting.ts';
import { concat, placedAt } from './mappedText.ts';
import { type Item, isEqual, isPlain, isTrue, stringOf, truth, type Value } from './value.ts';

/** What an operator makes of its operands. Of symbols it is a symbol: `column > 5` is SQL for somebody else to read. */
export function operate(operator: string, operands: readonly Item[]): Value {
  const [first, second] = operands;
  if (first === undefined) return { kind: 'unknown', source: '' };
  return (
    (second === undefined ? unary(operator, first.value) : binary(operator, first, second)) ?? {
      kind: 'operation',
      operator,
      operands,
    }
  );
}

function unary(operator: string, value: Value): Value | undefined {
  if (operator === 'not') {
    const holds = isTrue(value);
    return holds === undefined ? undefined : truth(!holds);
  }
  if (value.kind !== 'number' || (operator !== '-' && operator !== '+')) return undefined;
  return operator === '-' ? { kind: 'number', value: -value.value, text: `-${value.text}` } : value;
}

function binary(operator: string, left: Item, right: Item): Value | undefined {
  switch (operator) {
    case '+':
      return sum(left, right);
    case '%':
      return left.value.kind === 'string' ? percentFormat(left.value, right) : undefined;
    case '==':
    case 'is':
      return known(isEqual(left.value, right.value));
    case '!=':
    case 'is not':
      return known(isEqual(left.value, right.value), true);
    case 'in':
      return known(contains(right.value, left.value));
    case 'not in':
      return known(contains(right.value, left.value), true);
    default:
      return arithmetic(operator, left.value, right.value);
  }
}

function sum(left: Item, right: Item): Value | undefined {
  const [a, b] = [left.value, right.value];
  if (a.kind === 'string' && b.kind === 'string') {
    const text = concat([placedAt(a.text, left.span), placedAt(b.text, right.span)]);
    return { kind: 'string', text, certain: a.certain && b.certain };
  }
  // A string with something unknown: what is known of it stays.
  if (a.kind === 'string' || b.kind === 'string') return assembled([{ field: left }, { field: right }]);
  if (a.kind === 'sequence' && b.kind === 'sequence') {
    return { kind: 'sequence', type: a.type, items: [...a.items, ...b.items] };
  }
  return arithmetic('+', a, b);
}

function arithmetic(operator: string, a: Value, b: Value): Value | undefined {
  if (a.kind !== 'number' || b.kind !== 'number') return undefined;
  const result = NUMBERS[operator]?.(a.value, b.value);
  if (typeof result === 'boolean') return truth(result);
  return result === undefined ? undefined : { kind: 'number', value: result, text: String(result) };
}

const NUMBERS: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function contains(whole: Value, part: Value): boolean | undefined {
  const [text, wanted] = [stringOf(whole), stringOf(part)];
  if (text !== undefined && wanted !== undefined) return text.includes(wanted);
  if (whole.kind !== 'sequence' && whole.kind !== 'dict') return undefined;
  const items = whole.kind === 'sequence' ? whole.items : whole.entries.map(({ key }) => key);
  const found = items.map(({ value }) => isEqual(value, part));
  if (found.includes(true)) return true;
  return found.includes(undefined) || !isPlain(part) ? undefined : false;
}

function known(holds: boolean | undefined, negated = false): Value | undefined {
  return holds === undefined ? undefined : truth(holds !== negated);
}
