import type { Span } from '../sql/span.ts';

/** A JSON value that remembers where it stands. Spans are UTF-16 code units in the text that was read. */
export type JsonNode =
  | { readonly kind: 'object'; readonly span: Span; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly span: Span; readonly items: readonly JsonNode[] }
  | { readonly kind: 'value'; readonly span: Span; readonly value: string | number | boolean | null };

export interface JsonMember {
  readonly key: string;
  readonly keySpan: Span;
  readonly node: JsonNode;
}

export interface JsonSyntaxError {
  readonly message: string;
  readonly span: Span;
}

/** Deeper than any configuration; keeps hostile input from exhausting the stack. */
const maxDepth = 100;

/**
 * Reads JSON in which `//` and block comments and trailing commas are allowed, as in VS Code's own settings.
 * Gives the tree or the first syntax error; never throws.
 */
export function parseJsonWithComments(text: string): JsonNode | JsonSyntaxError {
  try {
    return new JsonReader(text).readDocument();
  } catch (error) {
    if (error instanceof Unexpected) return error.problem;
    throw error;
  }
}

export function isSyntaxError(result: JsonNode | JsonSyntaxError): result is JsonSyntaxError {
  return 'message' in result;
}

/** The plain value of a tree. A key given twice has its last value, as in JSON.parse. */
export function plainValue(node: JsonNode): unknown {
  if (node.kind === 'value') return node.value;
  if (node.kind === 'array') return node.items.map(plainValue);
  return Object.fromEntries(node.members.map((member) => [member.key, plainValue(member.node)]));
}

class Unexpected extends Error {
  readonly problem: JsonSyntaxError;

  constructor(problem: JsonSyntaxError) {
    super(problem.message);
    this.problem = problem;
  }
}

class JsonReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  readDocument(): JsonNode {
    const node = this.readValue(0);
    this.skipBlank();
    if (this.at < this.text.length) this.fail('nothing may follow the value');
    return node;
  }

  private readValue(depth: number): JsonNode {
    this.skipBlank();
    if (depth > maxDepth) this.fail('nested too deeply');
    const start = this.at;
    const first = this.text[start];
    if (first === '{') return this.readObject(depth);
    if (first === '[') return this.readArray(depth);
    if (first === '"') {
      const value = this.readString();
      return { kind: 'value', value, span: { start, end: this.at } };
    }
    const word = /[^\s,:{}[\]"/]+/y;
    word.lastIndex = start;
    const literal = word.exec(this.text)?.[0];
    if (literal === undefined) this.fail('a value is expected here');
    this.at += literal.length;
    const span = { start, end: this.at };
    if (literal === 'true' || literal === 'false') return { kind: 'value', value: literal === 'true', span };
    if (literal === 'null') return { kind: 'value', value: null, span };
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(literal))
      return { kind: 'value', value: Number(literal), span };
    throw new Unexpected({ message: `${JSON.stringify(literal)} is no JSON value`, span });
  }

  private readObject(depth: number): JsonNode {
    const start = this.at++;
    const members: JsonMember[] = [];
    while (!this.closes('}')) {
      const keyStart = this.at;
      if (this.text[this.at] !== '"') this.fail('a key in double quotes is expected here');
      const key = this.readString();
      const keySpan = { start: keyStart, end: this.at };
      this.skipBlank();
      if (this.text[this.at] !== ':') this.fail('":" is expected here');
      this.at++;
      members.push({ key, keySpan, node: this.readValue(depth + 1) });
      this.separate('}');
    }
    return { kind: 'object', members, span: { start, end: this.at } };
  }

  private readArray(depth: number): JsonNode {
    const start = this.at++;
    const items: JsonNode[] = [];
    while (!this.closes(']')) {
      items.push(this.readValue(depth + 1));
      this.separate(']');
    }
    return { kind: 'array', items, span: { start, end: this.at } };
  }

  private closes(bracket: string): boolean {
    this.skipBlank();
    if (this.text[this.at] !== bracket) return false;
    this.at++;
    return true;
  }

  private separate(bracket: string): void {
    this.skipBlank();
    if (this.text[this.at] === ',') this.at++;
    else if (this.text[this.at] !== bracket) this.fail(`"," or "${bracket}" is expected here`);
  }

  private readString(): string {
    const string = /"(?:[^"\\\n\r]|\\.)*"/y;
    string.lastIndex = this.at;
    const raw = string.exec(this.text)?.[0];
    if (raw === undefined) this.fail('this string is not closed');
    try {
      const value: unknown = JSON.parse(raw);
      this.at += raw.length;
      return String(value);
    } catch {
      throw new Unexpected({
        message: 'this string has an escape or a character that JSON does not allow',
        span: { start: this.at, end: this.at + raw.length },
      });
    }
  }

  private skipBlank(): void {
    const blank = /(?:\s+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)*/y;
    blank.lastIndex = this.at;
    blank.exec(this.text);
    this.at = blank.lastIndex;
  }

  private fail(message: string): never {
    const end = Math.min(this.at + 1, this.text.length);
    throw new Unexpected({ message, span: { start: Math.min(this.at, end), end } });
  }
}
