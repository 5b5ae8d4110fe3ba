import type { Span } from '../sql/span.ts';
import { type JsonSchema, validate } from './jsonSchema.ts';
import { isSyntaxError, type JsonNode, parseJsonWithComments, plainValue } from './jsonWithComments.ts';
import type { Severity } from './severity.ts';
import schema from './skein.schema.json';

/** skein.json as a value. Absent keys take the defaults that `rules.md` names. */
export interface SkeinConfig {
  /** Major version of the production server: 12 to 18. */
  readonly postgresVersion?: number;
  /** Folders whose tool detection cannot tell, relative to skein.json. */
  readonly folders?: readonly ConfiguredFolder[];
  readonly rules?: Readonly<Record<string, Severity | 'off'>>;
  readonly baseBranch?: string;
  readonly applied?: 'full' | 'errors' | 'off';
  /** Set where the migrating role carries lock_timeout and statement_timeout itself. */
  readonly timeoutsFromRole?: boolean;
  readonly forwardOnly?: boolean;
  readonly protectedDatabases?: readonly string[];
  /** The Python that has the project's alembic, relative to skein.json. */
  readonly python?: string;
}

export interface ConfiguredFolder {
  readonly path: string;
  readonly tool: string;
  readonly pairs?: boolean;
}

/** What is wrong with a skein.json. */
export interface ConfigProblem {
  readonly kind: 'syntax' | 'unknown-key' | 'unknown-rule' | 'wrong-value';
  readonly message: string;
  /** In the text of skein.json, UTF-16 code units. */
  readonly span: Span;
}

/** Whether a problem leaves the rest of what skein.json says certain. */
export function isHarmless({ kind }: Pick<ConfigProblem, 'kind'>): boolean {
  return kind === 'unknown-key' || kind === 'unknown-rule';
}

export interface ParsedConfig {
  /** What could be understood: keys with a problem are left out. */
  readonly config: SkeinConfig;
  readonly problems: readonly ConfigProblem[];
}

/** Reads the text of a skein.json (JSON, comments and trailing commas allowed). Never throws. */
export function parseConfig(text: string): ParsedConfig {
  const root = parseJsonWithComments(text);
  if (isSyntaxError(root)) return { config: {}, problems: [{ kind: 'syntax', ...root }] };
  const shape: JsonSchema = schema;
  const problems = [...validate(root, shape)];
  const sound = understood(root, problems);
  // What is left has been held against the schema: it has the type, once what only editors read is gone.
  const { $schema, ...config } = (sound ? plainValue(sound) : {}) as SkeinConfig & { $schema?: string };
  return { config, problems };
}

/** Where the level of a rule is set, for a message about a rule that does not exist. */
export function ruleSpans(text: string): ReadonlyMap<string, Span> {
  const root = parseJsonWithComments(text);
  const rules = isSyntaxError(root) ? undefined : memberOf(root, 'rules');
  if (rules?.kind !== 'object') return new Map();
  return new Map(rules.members.map((member) => [member.key, member.keySpan]));
}

/** The tree without what has a problem; an item of a list is kept whole or not at all. */
function understood(node: JsonNode, problems: readonly ConfigProblem[]): JsonNode | undefined {
  if (problems.some((problem) => problem.span === node.span)) return undefined;
  if (node.kind === 'array') {
    const sound = node.items.filter((item) => !problems.some(({ span }) => contains(item.span, span)));
    return { ...node, items: sound };
  }
  if (node.kind === 'value') return node;
  const members = node.members.flatMap((member) => {
    const unknown = problems.some((problem) => problem.span === member.keySpan);
    const value = unknown ? undefined : understood(member.node, problems);
    return value ? [{ ...member, node: value }] : [];
  });
  return { ...node, members };
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function memberOf(node: JsonNode, key: string): JsonNode | undefined {
  return node.kind === 'object' ? node.members.findLast((member) => member.key === key)?.node : undefined;
}
