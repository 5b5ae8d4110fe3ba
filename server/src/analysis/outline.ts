import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import { kindOf } from '../sql/parser.ts';
import type { Span } from '../sql/span.ts';
import { statementHead } from '../sql/spans/statementHead.ts';
import type { ParsedStatement, Statement } from '../sql/statement.ts';

/** What a person jumps to: a section of a migration, or a statement. */
export interface OutlineItem {
  readonly name: string;
  readonly kind: OutlineKind;
  /** All of it, in the document. */
  readonly span: Span;
  /** Where it is named, within `span`. */
  readonly nameSpan: Span;
  readonly children: readonly OutlineItem[];
}

export type OutlineKind =
  | 'section'
  | 'table'
  | 'index'
  | 'view'
  | 'type'
  | 'routine'
  | 'sequence'
  | 'schema'
  | 'trigger'
  | 'data'
  | 'other';

/** The sections and statements of a migration. Tools without sections in a file have the statements alone. */
export function outlineOf(file: MigrationFile): OutlineItem[] {
  const scripts = file.down === undefined ? [file.up] : [file.up, file.down];
  const sections = scripts
    .map((script) => ({ script, children: statementsOf(script).map(item) }))
    .filter(({ script, children }) => children.length > 0 || script.span.end > script.span.start);
  if (file.tool !== 'goose') return sections.flatMap(({ children }) => children);
  return sections
    .map(({ script, children }) => sectionItem(script, children, file.text))
    .sort((a, b) => a.span.start - b.span.start);
}

function sectionItem(script: Script, children: readonly OutlineItem[], text: string): OutlineItem {
  const end = script.span.start + text.slice(script.span.start, script.span.end).trimEnd().length;
  const span = { start: script.span.start, end: Math.max(end, script.span.start) };
  const name = script.direction === 'up' ? 'Up' : 'Down';
  return { name, kind: 'section', span, nameSpan: { start: span.start, end: span.start }, children };
}

function item(statement: Statement): OutlineItem {
  const { parsed, span, terminatedEnd } = statement;
  const named = statementHead(parsed)?.name;
  const at = named ?? { start: 0, end: parsed.tokens[0]?.end ?? 0 };
  return {
    name: nameOf(parsed),
    kind: kindFor(parsed),
    span: { start: span.start, end: terminatedEnd },
    nameSpan: statement.spanInDocument(at),
    children: [],
  };
}

const longestName = 80;

/** "CREATE TABLE orders": the statement up to its object's name; its first line where it has none. */
function nameOf(parsed: ParsedStatement): string {
  const head = statementHead(parsed);
  const { text } = parsed;
  const words =
    head?.name === undefined
      ? (text.slice(0, 4 * longestName).split('\n', 1)[0] ?? '')
      : `${text.slice(0, head.kindEnd)} ${text.slice(head.name.start, head.name.end)}`;
  const name = words.trim().replace(/\s+/g, ' ');
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name || 'statement';
}

/** By the last word of what a statement makes, changes or drops: "materialized view", "unique index". */
const OBJECTS: Readonly<Record<string, OutlineKind>> = {
  table: 'table',
  index: 'index',
  view: 'view',
  type: 'type',
  domain: 'type',
  function: 'routine',
  procedure: 'routine',
  aggregate: 'routine',
  routine: 'routine',
  sequence: 'sequence',
  schema: 'schema',
  database: 'schema',
  extension: 'schema',
  trigger: 'trigger',
  rule: 'trigger',
  policy: 'trigger',
};

const DATA: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'TruncateStmt',
]);

function kindFor(parsed: ParsedStatement): OutlineKind {
  if (parsed.node !== undefined && DATA.has(kindOf(parsed.node))) return 'data';
  const words = parsed.text.slice(0, statementHead(parsed)?.kindEnd ?? 0).toLowerCase();
  const object = /[a-z]+$/.exec(words)?.[0] ?? '';
  return Object.hasOwn(OBJECTS, object) ? (OBJECTS[object] ?? 'other') : 'other';
}
