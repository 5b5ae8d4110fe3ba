import type { Span } from '../sql/span.ts';
import { concat, type MappedText, mappedTo, placedAt, slice } from './mappedText.ts';
import type { Item, Value } from './value.ts';

/** A string that may have placeholders. */
export type StringResult = Extract<Value, { kind: 'string' }>;

/**
 * Stands for what is not known, in braces: a template's mark, which the SQL parser reads as a name. As long as what is
 * written at `span`, so that what follows keeps its place.
 */
export function placeholder(span: Span): MappedText {
  return mappedTo(`{${'_'.repeat(Math.max(1, span.end - span.start - 2))}}`, span);
}

/** The text of a value put into another text, as `str()` gives it; undefined where it is not known. */
function shown({ value, span }: Item): MappedText | undefined {
  if (value.kind === 'string') return placedAt(value.text, span);
  if (value.kind === 'number') return mappedTo(value.text, span);
  if (value.kind === 'constant') {
    return mappedTo(value.value === null ? 'None' : value.value ? 'True' : 'False', span);
  }
  return undefined;
}

/** Puts strings together. A part that is no string is a replacement field: its value at its place. */
export function assembled(parts: readonly (MappedText | { readonly field: Item })[]): StringResult {
  let certain = true;
  const texts = parts.map((part) => {
    if ('text' in part) return part;
    const text = shown(part.field);
    if (text === undefined || (part.field.value.kind === 'string' && !part.field.value.certain)) {
      certain = false;
    }
    return text ?? placeholder(part.field.span);
  });
  return { kind: 'string', text: concat(texts), certain };
}

const PERCENT = /%(?:\((\w+)\))?([-#0 +]*\d*(?:\.\d+)?)([a-zA-Z%])/g;

/** `template % values` (Python library, printf-style formatting). Conversions with a width or precision stay open. */
export function percentFormat(template: StringResult, values: Item): StringResult {
  const positional =
    values.value.kind === 'sequence' && values.value.type === 'tuple' ? values.value.items : [values];
  let next = 0;
  return filled(template, PERCENT, ([, name, flags, letter]) => {
    if (letter === '%') return 'percent';
    const value = name === undefined ? positional[next++] : entryOf(values.value, name);
    return flags === '' && /[sdi]/.test(letter ?? '') ? value : undefined;
  });
}

const BRACES = /\{\{|\}\}|\{([\w]*)([^{}]*)\}/g;

/** `template.format(…)`. Fields with attributes, conversions or formats stay open. */
export function braceFormat(
  template: StringResult,
  args: readonly Item[],
  keywords: readonly (Item & { readonly name: string })[],
): StringResult {
  let next = 0;
  return filled(template, BRACES, ([found, name = '', rest = '']) => {
    if (found === '{{' || found === '}}') return found === '{{' ? 'open' : 'close';
    const value = /^\d*$/.test(name)
      ? args[name === '' ? next++ : Number(name)]
      : keywords.find((keyword) => keyword.name === name);
    return rest === '' ? value : undefined;
  });
}

const LITERAL = { percent: '%', open: '{', close: '}' } as const;

/** The template with each match of `fields` replaced: by a value, by a character, or by a placeholder. */
function filled(
  template: StringResult,
  fields: RegExp,
  replacement: (match: readonly (string | undefined)[]) => Item | keyof typeof LITERAL | undefined,
): StringResult {
  const parts: (MappedText | { readonly field: Item })[] = [];
  let at = 0;
  for (const match of template.text.text.matchAll(fields)) {
    const end = match.index + match[0].length;
    parts.push(slice(template.text, at, match.index));
    at = end;
    const field = slice(template.text, match.index, end);
    const origin = field.pieces[0]?.origin;
    const span =
      origin === undefined
        ? { start: 0, end: 0 }
        : { start: origin.start, end: field.pieces.at(-1)?.origin.end ?? origin.end };
    const value = replacement(match);
    if (typeof value === 'string') parts.push(mappedTo(LITERAL[value], span));
    else parts.push({ field: { value: value?.value ?? { kind: 'unknown', source: '' }, span } });
  }
  parts.push(slice(template.text, at));
  const result = assembled(parts);
  return { ...result, certain: result.certain && template.certain };
}

function entryOf(value: Value, name: string): Item | undefined {
  if (value.kind !== 'dict') return undefined;
  return value.entries.findLast(({ key }) => key.value.kind === 'string' && key.value.text.text === name)
    ?.value;
}
