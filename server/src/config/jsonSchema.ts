import type { Span } from '../sql/span.ts';
import type { JsonNode } from './jsonWithComments.ts';

/** The part of JSON Schema (draft 7) that skein.schema.json is written in. */
export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** `false`: no keys but those in `properties`; a schema: what the others must be. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
}

export interface SchemaProblem {
  readonly kind: 'unknown-key' | 'wrong-value';
  readonly message: string;
  readonly span: Span;
}

/** What in `node` is not as `schema` says, in the order of the text. */
export function* validate(node: JsonNode, schema: JsonSchema, name = 'skein.json'): Generator<SchemaProblem> {
  const expected = mismatch(node, schema);
  if (expected !== undefined) {
    yield { kind: 'wrong-value', message: `${name} must be ${expected}`, span: node.span };
  } else if (node.kind === 'object') {
    yield* validateMembers(node, schema, name);
  } else if (node.kind === 'array' && schema.items) {
    for (const [index, item] of node.items.entries())
      yield* validate(item, schema.items, `${name}[${index}]`);
  }
}

function* validateMembers(
  node: JsonNode & { kind: 'object' },
  schema: JsonSchema,
  name: string,
): Generator<SchemaProblem> {
  for (const member of node.members) {
    const own = Object.hasOwn(schema.properties ?? {}, member.key)
      ? schema.properties?.[member.key]
      : undefined;
    const described = own ?? schema.additionalProperties;
    if (described === false) {
      const known = Object.keys(schema.properties ?? {}).filter((key) => key !== '$schema');
      const message = `${JSON.stringify(member.key)} is no key of ${name}; its keys are ${known.join(', ')}`;
      yield { kind: 'unknown-key', message, span: member.keySpan };
    } else if (typeof described === 'object') {
      yield* validate(member.node, described, member.key);
    }
  }
  for (const key of schema.required ?? []) {
    if (node.members.some((member) => member.key === key)) continue;
    yield { kind: 'wrong-value', message: `${name} lacks the key ${JSON.stringify(key)}`, span: node.span };
  }
}

/** What the node should be, in words, when it is not. */
function mismatch(node: JsonNode, schema: JsonSchema): string | undefined {
  const value = node.kind === 'value' ? node.value : undefined;
  if (schema.enum) {
    const allowed = schema.enum.map((choice) => JSON.stringify(choice)).join(', ');
    return typeof value === 'string' && schema.enum.includes(value) ? undefined : `one of ${allowed}`;
  }
  switch (schema.type) {
    case 'object':
      return node.kind === 'object' ? undefined : 'an object';
    case 'array':
      return node.kind === 'array' ? undefined : 'an array';
    case 'string':
      return typeof value === 'string' ? undefined : 'a string';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'integer': {
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
      const fits = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
      return fits ? undefined : `a whole number from ${minimum} to ${maximum}`;
    }
    default:
      return undefined;
  }
}
