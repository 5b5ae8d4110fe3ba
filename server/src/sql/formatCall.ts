import type { Token } from './lexer.ts';
import { quoteLiteral, quoteName } from './names.ts';
import { readString, type StringValue } from './stringLiteral.ts';

/** A conversion of format(): its place among the arguments, its kind. Widths are not read. */
const CONVERSION = /%(?:(\d+)\$)?([sIL%])|%/g;

/**
 * What `format('…', 'constant', …)` gives, where all its arguments are strings (PostgreSQL manual, String Functions:
 * format). `tokens` are those of the call in `text`; undefined when they are anything else.
 */
export function formatted(text: string, tokens: readonly Token[]): StringValue | undefined {
  const [name, open, ...inside] = tokens;
  if (name?.value !== 'format' || open?.value !== '(' || inside.pop()?.value !== ')') return undefined;
  const strings: StringValue[] = [];
  for (const [i, token] of inside.entries()) {
    if (i % 2 === 1 && token.value === ',') continue;
    const string = i % 2 === 0 && token.kind === 'string' ? readString(text, token) : undefined;
    if (string === undefined) return undefined;
    strings.push(string);
  }
  const [template, ...values] = strings;
  return template === undefined || inside.length % 2 === 0 ? undefined : filledIn(template, values);
}

function filledIn(template: StringValue, values: readonly StringValue[]): StringValue | undefined {
  let value = '';
  let read = 0;
  let next = 0;
  // Where a stretch that stands for itself begins, in the value and in the template.
  const runs = [{ value: 0, template: 0 }];
  for (const found of template.value.matchAll(CONVERSION)) {
    const [whole, place, kind] = found;
    if (kind === undefined) return undefined;
    value += template.value.slice(read, found.index);
    runs.push({ value: value.length, template: found.index });
    if (kind === '%') value += '%';
    else {
      next = place === undefined ? next : Number(place) - 1;
      const filling = values[next++]?.value;
      if (filling === undefined) return undefined;
      value += CONVERTED[kind]?.(filling) ?? filling;
    }
    read = found.index + whole.length;
    runs.push({ value: value.length, template: read });
  }
  return {
    value: value + template.value.slice(read),
    toOuter: (offset) => template.toOuter(placeIn(runs, offset)),
  };
}

const CONVERTED: Readonly<Record<string, (value: string) => string>> = { I: quoteName, L: quoteLiteral };

/** A place in what a conversion gave is that of the conversion, or its end. */
function placeIn(
  runs: readonly { readonly value: number; readonly template: number }[],
  offset: number,
): number {
  const at = runs.findLastIndex((run) => run.value <= offset);
  const run = runs[at] ?? { value: 0, template: 0 };
  return Math.min(run.template + offset - run.value, runs[at + 1]?.template ?? Number.POSITIVE_INFINITY);
}
