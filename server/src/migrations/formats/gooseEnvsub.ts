import { goParseInt, goTrim } from './goStrings.ts';

/** Looks up an environment variable: undefined when it is not set. */
export type Environment = (name: string) => string | undefined;

/**
 * Puts environment variables into a line as goose does between ENVSUB ON and OFF (the package
 * github.com/mfridman/interpolate): `$V ${V} ${V:-d} ${V-d} ${V:offset:length} ${V?message}`, nested in defaults.
 * Says in the package's words what it refuses; a line is read to its end before any value is looked up.
 */
export function expandVariables(line: string, env: Environment): { text: string } | { error: string } {
  const reader = new ExpansionReader(line);
  const template = reader.template('');
  if (reader.error !== undefined) return { error: reader.error };
  return expand(template, env);
}

type Template = readonly (string | Expansion)[];

type Expansion =
  | { readonly kind: 'value'; readonly name: string }
  | {
      readonly kind: 'defaultIfEmpty' | 'defaultIfUnset' | 'required';
      readonly name: string;
      readonly word: Template;
    }
  | { readonly kind: 'part'; readonly name: string; readonly offset: number; readonly length?: number };

const letter = /\p{L}/u;
const identifierPart = /[\p{L}\p{N}_]/u;

/** Recursive descent over one line. After an error `error` is set and all results are void. */
class ExpansionReader {
  error: string | undefined;
  private at = 0;
  private readonly line: string;

  constructor(line: string) {
    this.line = line;
  }

  /** Text and expansions up to `stop` (not consumed) or the end. */
  template(stop: string): Template {
    const items: (string | Expansion)[] = [];
    while (this.error === undefined && this.at < this.line.length && this.peek() !== stop) {
      const two = this.line.slice(this.at, this.at + 2);
      if (two === '\\$' || two === '$$' || two === '\\\\' || two === '$(') {
        items.push(two === '\\$' || two === '$$' ? '$' : two);
        this.at += 2;
      } else if (two.length === 2 && two[0] === '$') {
        items.push(this.expansion());
      } else {
        const first = this.next();
        items.push(first + this.until((c) => c === '$' || c === '\\' || c === stop));
      }
    }
    return items;
  }

  private expansion(): Expansion {
    this.next();
    if (this.peek() !== '{') return { kind: 'value', name: this.identifier() };
    this.next();
    const name = this.identifier();
    if (this.peek() === '}') {
      this.next();
      return { kind: 'value', name };
    }
    const expansion = this.operation(name);
    const end = this.next();
    if (end !== '}') this.fail(`Expected brace expansion to end with }, got ${shown(end)}`);
    return expansion;
  }

  private operation(name: string): Expansion {
    const operator = this.next();
    if (operator === '-') return { kind: 'defaultIfUnset', name, word: this.template('}') };
    if (operator === '?') return { kind: 'required', name, word: this.template('}') };
    if (operator !== ':') this.fail(`Expected an operator, got ${shown(operator)}`);
    if (this.peek() === '-') {
      this.next();
      return { kind: 'defaultIfEmpty', name, word: this.template('}') };
    }
    const offset = this.integer('offset', (c) => c === ':' || c === '}');
    if (this.peek() === '}') return { kind: 'part', name, offset };
    this.next();
    return { kind: 'part', name, offset, length: this.integer('length', (c) => c === '}') };
  }

  private identifier(): string {
    const first = this.peek();
    if (!letter.test(first)) this.fail(`Expected identifier to start with a letter, got ${shown(first)}`);
    return this.until((c) => !identifierPart.test(c));
  }

  private integer(what: 'offset' | 'length', ends: (c: string) => boolean): number {
    const value = goParseInt(goTrim(this.until(ends)), 'Atoi');
    if (typeof value === 'bigint') return Number(value);
    this.fail(`Unable to parse ${what}: ${value.error}`);
    return 0;
  }

  private until(ends: (c: string) => boolean): string {
    const start = this.at;
    while (this.at < this.line.length && !ends(this.peek())) this.next();
    return this.line.slice(start, this.at);
  }

  /** The character (code point) at hand; empty at the end. */
  private peek(): string {
    const code = this.line.codePointAt(this.at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  private next(): string {
    const character = this.peek();
    this.at += character.length;
    return character;
  }

  private fail(message: string): void {
    this.error ??= message;
  }
}

/** Go prints the end of the input, rune -1, as U+FFFD. */
function shown(character: string): string {
  return character === '' ? '\ufffd' : character;
}

function expand(template: Template, env: Environment): { text: string } | { error: string } {
  let text = '';
  for (const item of template) {
    const result = typeof item === 'string' ? { text: item } : expandOne(item, env);
    if ('error' in result) return result;
    text += result.text;
  }
  return { text };
}

function expandOne(expansion: Expansion, env: Environment): { text: string } | { error: string } {
  const value = env(expansion.name);
  switch (expansion.kind) {
    case 'value':
      return { text: value ?? '' };
    case 'defaultIfEmpty':
      return value === undefined || value === '' ? expand(expansion.word, env) : { text: value };
    case 'defaultIfUnset':
      return value === undefined ? expand(expansion.word, env) : { text: value };
    case 'part':
      return { text: byteSlice(value ?? '', expansion.offset, expansion.length) };
    case 'required': {
      if (value !== undefined) return { text: value };
      const message = expand(expansion.word, env);
      if ('error' in message) return message;
      return { error: `$${expansion.name}: ${message.text === '' ? 'not set' : message.text}` };
    }
  }
}

/** Offset and length count bytes; negative ones count from the end. */
function byteSlice(value: string, offset: number, length: number | undefined): string {
  const bytes = new TextEncoder().encode(value);
  const size = bytes.length;
  const from = Math.min(Math.max(offset < 0 ? offset + size : offset, 0), size);
  const to = length === undefined ? size : length >= 0 ? from + length : Math.max(length + size, from);
  return new TextDecoder().decode(bytes.subarray(from, Math.min(to, size)));
}
