import type { AlterTableCmd, Constraint as ConstraintNode } from '@pgsql/types';
import { constraintKind } from '../../catalog/addConstraint.ts';
import {
  type Catalog,
  type Column,
  type Constraint,
  columnOf,
  constraintOf,
  indexOf,
  tableOf,
  writtenName,
} from '../../catalog/catalog.ts';
import { columnConstraints } from '../../catalog/defineTable.ts';
import { expressionOf } from '../../catalog/expression.ts';
import { objectKeyParts, stringsOf } from '../../catalog/resolve.ts';
import type { Step } from '../../replay/step.ts';
import { quoteLiteral, quoteName } from '../../sql/names.ts';
import type { Span } from '../../sql/span.ts';
import { alterTableCommands } from '../../sql/spans/alterTable.ts';
import type { ColumnSpans } from '../../sql/spans/columnSpans.ts';
import { tableElements } from '../../sql/spans/createTable.ts';
import { unnamed } from '../alterTableText.ts';
import { afterStep, constraintName } from '../constraintName.ts';
import { type Trace, tracesOf } from './lineage.ts';

/** A statement that brings something back, with the place among the origins of the one that made it. */
export interface Piece {
  readonly at: number;
  readonly text: string;
}

/** Statements that make a whole object as it is, as they were once written; undefined where the history does not show its making. */
export function objectPieces(origins: readonly Step[], key: string): readonly Piece[] | undefined {
  const traces = [...tracesOf(origins, key)];
  if (traces.at(-1)?.makes !== true) return undefined;
  return traces.map(({ step, at }) => ({ at, text: step.statement.text })).reverse();
}

/**
 * Statements that add a column as it is, without keys, checks and foreign keys: those are pieces of their own. `filler`
 * is a default for the time of the adding, where the rows that are there would have no value.
 */
export function columnPieces(
  origins: readonly Step[],
  table: string,
  column: Column,
  filler: string | undefined,
): readonly Piece[] | undefined {
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const name = quoteName(column.name);
  const later: Piece[] = [];
  for (const trace of tracesOf(origins, table, column.name)) {
    const { step, at } = trace;
    const source = columnSource(trace);
    if (source !== undefined) {
      const added = `${alter} ADD COLUMN ${name} ${source}${filler === undefined ? '' : ` DEFAULT ${filler}`}`;
      const cleared =
        filler === undefined ? [] : [{ at, text: `${alter} ALTER COLUMN ${name} DROP DEFAULT` }];
      return [{ at, text: added }, ...cleared, ...later.reverse()];
    }
    for (const { command, span, name: place } of [...alterTableCommands(step.statement)].reverse()) {
      if (command.name !== trace.part || !ofColumn(command) || place === undefined) continue;
      const { text } = step.statement;
      const written = text.slice(span.start, place.start) + name + text.slice(place.end, span.end);
      later.push({ at, text: `${alter} ${written}` });
    }
    if ('CommentStmt' in step.node && step.node.CommentStmt.objtype === 'OBJECT_COLUMN') {
      const about = step.node.CommentStmt.object;
      if (about === undefined || !('List' in about) || stringsOf(about.List.items).at(-1) !== trace.part)
        continue;
      later.push({
        at,
        text: commentOn(`COLUMN ${writtenName(table)}.${name}`, step.node.CommentStmt.comment),
      });
    }
  }
  return undefined;
}

/** COMMENT ON an object; without a comment it takes the one that is there away. */
export function commentOn(object: string, comment: string | undefined): string {
  return `COMMENT ON ${object} IS ${comment === undefined || comment === '' ? 'NULL' : quoteLiteral(comment)}`;
}

/** Whether a command says something about the column that it names. */
export function ofColumn({ subtype }: AlterTableCmd): boolean {
  return COLUMN_COMMANDS.has(subtype ?? '');
}

const COLUMN_COMMANDS: ReadonlySet<string> = new Set([
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AlterColumnType',
  'AT_SetStatistics',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_SetStorage',
  'AT_SetCompression',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
  'AT_SetExpression',
  'AT_DropExpression',
]);

/** What follows the column's name where it was made, without its keys, checks and foreign keys. */
function columnSource({ step, key, part }: Trace): string | undefined {
  for (const { constraints, spans, span } of columnsWritten(step, key)) {
    if (spans === undefined || constraints.name !== part) continue;
    return withoutConstraints(step.statement.text, constraints.nodes, spans, span);
  }
  return undefined;
}

interface WrittenColumn {
  readonly constraints: { readonly name: string; readonly nodes: readonly ConstraintNode[] };
  readonly spans: ColumnSpans | undefined;
  readonly span: Span;
}

/** The columns that a CREATE TABLE or ALTER TABLE of this table adds, as they are written. */
function columnsWritten(step: Step, table: string): readonly WrittenColumn[] {
  if ('CreateStmt' in step.node) {
    if (!step.mentions.some(({ role, key }) => role === 'makes' && key === table)) return [];
    return tableElements(step.statement).flatMap(({ element, column, span }) =>
      'ColumnDef' in element
        ? {
            constraints: {
              name: element.ColumnDef.colname ?? '',
              nodes: columnConstraints(element.ColumnDef),
            },
            spans: column,
            span,
          }
        : [],
    );
  }
  return alterTableCommands(step.statement).flatMap(({ command: { subtype, def }, column, span }) =>
    subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def
      ? {
          constraints: { name: def.ColumnDef.colname ?? '', nodes: columnConstraints(def.ColumnDef) },
          spans: column,
          span,
        }
      : [],
  );
}

/** Properties of a key or foreign key, written behind it. */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'CONSTR_ATTR_DEFERRABLE',
  'CONSTR_ATTR_NOT_DEFERRABLE',
  'CONSTR_ATTR_DEFERRED',
  'CONSTR_ATTR_IMMEDIATE',
  'CONSTR_ATTR_ENFORCED',
  'CONSTR_ATTR_NOT_ENFORCED',
]);

function withoutConstraints(
  text: string,
  nodes: readonly ConstraintNode[],
  spans: ColumnSpans,
  span: Span,
): string {
  let result = '';
  let from = spans.name.end;
  for (const [i, node] of nodes.entries()) {
    const kind = constraintKind(node);
    const goes = (kind !== undefined && kind !== 'notNull') || ATTRIBUTES.has(node.contype ?? '');
    const place = spans.constraints[i];
    if (!goes || place === undefined) continue;
    result += text.slice(from, place.start).trimEnd();
    from = place.end;
  }
  return (result + text.slice(from, span.end)).trim();
}

/** The statements that add a constraint as it is; undefined where the history does not show how it was written. */
export function constraintPieces(
  origins: readonly Step[],
  catalog: Catalog,
  table: string,
  constraint: Constraint,
): readonly Piece[] | undefined {
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const name = quoteName(constraint.name);
  const later: Piece[] = [];
  for (const trace of tracesOf(origins, table, constraint.name)) {
    const { step, at, key, part = '' } = trace;
    const source = constraintSource(step, key, part);
    if (source !== undefined) {
      if (source.usingIndex !== undefined) {
        const schema = objectKeyParts(key).schema;
        const index = objectPieces(origins.slice(0, at), `${schema}\u0000${source.usingIndex}`);
        if (index === undefined) return undefined;
        return [...index, { at, text: `${alter} ADD CONSTRAINT ${name} ${source.text}` }, ...later.reverse()];
      }
      const validity = /\s+not\s+valid\s*$/i;
      const written = constraint.validated ? source.text.replace(validity, '') : source.text;
      const unproven = !constraint.validated && !validity.test(written) && catalog === step.before;
      const text = `${alter} ADD CONSTRAINT ${name} ${written}${unproven ? ' NOT VALID' : ''}`;
      return [{ at, text }, ...later.reverse()];
    }
    for (const { command, span, name: place } of alterTableCommands(step.statement)) {
      if (command.subtype !== 'AT_AlterConstraint' || place === undefined) continue;
      const { text } = step.statement;
      if (text.slice(place.start, place.end) !== quoteName(part)) continue;
      later.push({ at, text: `${alter} ALTER CONSTRAINT ${name}${text.slice(place.end, span.end)}` });
    }
    if ('CommentStmt' in step.node && step.node.CommentStmt.objtype === 'OBJECT_TABCONSTRAINT') {
      const about = step.node.CommentStmt.object;
      if (about === undefined || !('List' in about) || stringsOf(about.List.items).at(-1) !== part) continue;
      later.push({
        at,
        text: commentOn(`CONSTRAINT ${name} ON ${writtenName(table)}`, step.node.CommentStmt.comment),
      });
    }
  }
  return undefined;
}

interface ConstraintSource {
  /** As a table's constraint, without its name. */
  readonly text: string;
  readonly usingIndex?: string;
}

/** How a step writes the constraint that it makes under this name. */
function constraintSource(step: Step, table: string, name: string): ConstraintSource | undefined {
  const { text } = step.statement;
  if (constraintOf(tableOf(step.before, table), name) !== undefined) return undefined;
  for (const { command, constraint, span } of alterTableCommands(step.statement)) {
    const { subtype, def } = command;
    if (subtype !== 'AT_AddConstraint' || def === undefined || !('Constraint' in def)) continue;
    const node = def.Constraint;
    if ((node.conname ?? node.indexname ?? constraintName(step, table, node)) !== name) continue;
    return {
      text: unnamed(text.slice((constraint ?? span).start, span.end)),
      ...(node.indexname === undefined ? {} : { usingIndex: node.indexname }),
    };
  }
  const made = constraintOf(tableOf(afterStep(step), table), name);
  if (made === undefined) return undefined;
  for (const { constraints, spans } of columnsWritten(step, table)) {
    for (const [i, node] of constraints.nodes.entries()) {
      if (spans === undefined || !isThat(node, [constraints.name], made)) continue;
      return { text: asTableConstraint(text, node, constraints, spans, i) };
    }
  }
  for (const { element, span } of 'CreateStmt' in step.node ? tableElements(step.statement) : []) {
    if (!('Constraint' in element)) continue;
    const node = element.Constraint;
    if (isThat(node, stringsOf(node.keys ?? node.fk_attrs), made)) {
      return { text: unnamed(text.slice(span.start, span.end)) };
    }
  }
  return undefined;
}

function isThat(node: ConstraintNode, columns: readonly string[], made: Constraint): boolean {
  if (constraintKind(node) !== made.kind) return false;
  if (node.conname !== undefined) return node.conname === made.name;
  if (made.kind === 'check') {
    return (
      node.raw_expr !== undefined && expressionOf(node.raw_expr).fingerprint === made.expression?.fingerprint
    );
  }
  return made.kind === 'exclude' || columns.join('\u0000') === made.columns.join('\u0000');
}

/** A constraint that stands with its column, as the table would have it. */
function asTableConstraint(
  text: string,
  node: ConstraintNode,
  { name, nodes }: WrittenColumn['constraints'],
  spans: ColumnSpans,
  at: number,
): string {
  const span = spans.constraints[at];
  const written = unnamed(text.slice(span?.start, span?.end));
  const attributes: string[] = [];
  for (let i = at + 1; i < nodes.length && ATTRIBUTES.has(nodes[i]?.contype ?? ''); i++) {
    const place = spans.constraints[i];
    attributes.push(text.slice(place?.start, place?.end));
  }
  const column = `(${quoteName(name)})`;
  const head =
    node.contype === 'CONSTR_FOREIGN'
      ? `FOREIGN KEY ${column} ${written}`
      : written.replace(
          /^(unique(?:\s+nulls\s+(?:not\s+)?distinct)?|primary\s+key)/i,
          (words) => `${words} ${column}`,
        );
  return [head, ...attributes].join(' ');
}

/** The statements that make an index as it is. */
export function indexPieces(
  origins: readonly Step[],
  catalog: Catalog,
  key: string,
): readonly Piece[] | undefined {
  const index = indexOf(catalog, key);
  if (index === undefined) return undefined;
  const later: Piece[] = [];
  for (const { step, at, makes, key: then } of tracesOf(origins, key)) {
    const { node } = step;
    const created = 'IndexStmt' in node && indexOf(afterStep(step), then) !== undefined;
    if (created && (makes || !step.before.relations.has(then))) {
      const text = indexText(step, index.name, index.table);
      return text === undefined ? undefined : [{ at, text }, ...later.reverse()];
    }
    if ('AlterTableStmt' in node) {
      for (const { span } of alterTableCommands(step.statement)) {
        const command = step.statement.text.slice(span.start, span.end);
        later.push({ at, text: `ALTER INDEX ${writtenName(key)} ${command}` });
      }
    }
    if ('CommentStmt' in node && node.CommentStmt.objtype === 'OBJECT_INDEX') {
      later.push({ at, text: commentOn(`INDEX ${writtenName(key)}`, node.CommentStmt.comment) });
    }
  }
  return undefined;
}

/** A CREATE INDEX under the names of now, in a transaction. */
function indexText({ statement, node }: Step, name: string, table: string): string | undefined {
  if (!('IndexStmt' in node)) return undefined;
  const { relation, unique } = node.IndexStmt;
  const { tokens, text } = statement;
  let at = tokens.findIndex(({ start }) => start === relation?.location);
  if (at < 0) return undefined;
  while (tokens[at + 1]?.value === '.') at += 2;
  const only = relation?.inh === true ? '' : 'ONLY ';
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoteName(name)} ON ${only}${writtenName(table)}${text.slice(tokens[at]?.end)}`;
}

/** The statements that made a trigger, a policy or a rule and altered it; undefined where that is not shown, or it was called otherwise. */
export function partPieces(
  origins: readonly Step[],
  kind: 'trigger' | 'policy' | 'rule',
  table: string,
  name: string,
): readonly Piece[] | undefined {
  const later: Piece[] = [];
  for (const { step, at, key, part } of tracesOf(origins, table, name)) {
    const { node, statement } = step;
    if (key !== table || part !== name) return undefined;
    const creates =
      (kind === 'trigger' && 'CreateTrigStmt' in node && node.CreateTrigStmt.trigname === name) ||
      (kind === 'policy' && 'CreatePolicyStmt' in node && node.CreatePolicyStmt.policy_name === name) ||
      (kind === 'rule' && 'RuleStmt' in node && node.RuleStmt.rulename === name);
    if (creates) return [{ at, text: statement.text }, ...later.reverse()];
    if ('AlterPolicyStmt' in node && node.AlterPolicyStmt.policy_name === name)
      later.push({ at, text: statement.text });
    if ('CommentStmt' in node && node.CommentStmt.objtype === `OBJECT_${kind.toUpperCase()}`) {
      const about = node.CommentStmt.object;
      if (about !== undefined && 'List' in about && stringsOf(about.List.items).at(-1) === name) {
        later.push({ at, text: statement.text });
      }
    }
    for (const { command, span } of alterTableCommands(statement)) {
      if (command.name !== name || !/Trig|Rule/.test(command.subtype ?? '')) continue;
      later.push({
        at,
        text: `ALTER TABLE ${writtenName(table)} ${statement.text.slice(span.start, span.end)}`,
      });
    }
  }
  return undefined;
}

/** The last command that said something of this kind about a column, under the column's name of now. */
export function lastCommand(
  origins: readonly Step[],
  table: string,
  column: string,
  subtypes: readonly string[],
): string | undefined {
  for (const { step, part, key } of tracesOf(origins, table, column)) {
    for (const { command, span, name } of [...alterTableCommands(step.statement)].reverse()) {
      if (command.name !== part || !subtypes.includes(command.subtype ?? '') || name === undefined) continue;
      const { text } = step.statement;
      return text.slice(span.start, name.start) + quoteName(column) + text.slice(name.end, span.end);
    }
    const [written] = columnsWritten(step, key).filter(({ constraints }) => constraints.name === part);
    if (written !== undefined) return undefined;
  }
  return undefined;
}

/** The default of a column as it was last written, an expression. */
export function defaultText(origins: readonly Step[], table: string, column: string): string | undefined {
  for (const { step, part, key } of tracesOf(origins, table, column)) {
    const { text } = step.statement;
    for (const { command, span, name } of [...alterTableCommands(step.statement)].reverse()) {
      if (command.name !== part || command.subtype !== 'AT_ColumnDefault' || name === undefined) continue;
      return command.def === undefined
        ? undefined
        : text.slice(name.end, span.end).replace(/^\s+set\s+default\s+/i, '');
    }
    for (const { constraints, spans } of columnsWritten(step, key)) {
      if (constraints.name !== part) continue;
      const at = constraints.nodes.findIndex(({ contype }) => contype === 'CONSTR_DEFAULT');
      const place = spans?.constraints[at];
      return place === undefined
        ? undefined
        : unnamed(text.slice(place.start, place.end)).replace(/^default\s+/i, '');
    }
  }
  return undefined;
}

/** A column's type as it was last written, with its collation. */
export function typeWritten(origins: readonly Step[], table: string, column: string): string | undefined {
  for (const { step, part, key } of tracesOf(origins, table, column)) {
    const { text } = step.statement;
    for (const { command, type, span } of [...alterTableCommands(step.statement)].reverse()) {
      if (command.name !== part || command.subtype !== 'AT_AlterColumnType' || type === undefined) continue;
      const rest = /^\s+collate\s+(?:"(?:[^"]|"")*"|[\w.]+)+/i.exec(text.slice(type.end, span.end));
      return text.slice(type.start, type.end) + (rest?.[0] ?? '');
    }
    for (const { constraints, spans } of columnsWritten(step, key)) {
      if (constraints.name !== part || spans?.type === undefined) continue;
      const rest = /^\s+collate\s+(?:"(?:[^"]|"")*"|[\w.]+)+/i.exec(text.slice(spans.type.end));
      return text.slice(spans.type.start, spans.type.end) + (rest?.[0] ?? '');
    }
  }
  return undefined;
}

/** A default that a NOT NULL column of this type can have while it is added to rows; undefined where none is known. */
export function fillerOf(catalog: Catalog, table: string, column: string): string | undefined {
  const known = columnOf(tableOf(catalog, table), column);
  if (known?.notNull !== true || known.default !== undefined || known.identity !== undefined)
    return undefined;
  if (known.generated !== undefined || known.type === undefined) return undefined;
  if (known.type.array) return "'{}'";
  const own = catalog.types.get(`${known.type.schema ?? 'public'}\u0000${known.type.name}`);
  if (own?.kind === 'enum') return own.values[0] === undefined ? undefined : quoteLiteral(own.values[0]);
  return own === undefined ? FILLERS.get(known.type.name) : undefined;
}

/** An empty value for each type that has one. */
const FILLERS: ReadonlyMap<string, string> = new Map([
  ...['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money', 'oid'].map(
    (type) => [type, '0'] as const,
  ),
  ...['text', 'varchar', 'bpchar', 'name', 'bytea', 'citext', 'xml'].map((type) => [type, "''"] as const),
  ...['json', 'jsonb'].map((type) => [type, "'{}'"] as const),
  ['bool', 'false'],
  ...['timestamptz', 'timestamp', 'date'].map((type) => [type, "'epoch'"] as const),
  ['time', "'00:00'"],
  ['timetz', "'00:00Z'"],
  ['interval', "'0'"],
  ['uuid', "'00000000-0000-0000-0000-000000000000'"],
  ['inet', "'0.0.0.0'"],
  ['cidr', "'0.0.0.0/32'"],
]);

/** A property of a column as it was last written: its identity or what generates it. */
export function propertyText(
  origins: readonly Step[],
  table: string,
  column: string,
  kind: 'CONSTR_IDENTITY' | 'CONSTR_GENERATED',
): string | undefined {
  const later = kind === 'CONSTR_IDENTITY' ? 'AT_AddIdentity' : 'AT_SetExpression';
  for (const { step, part, key } of tracesOf(origins, table, column)) {
    const { text } = step.statement;
    for (const { command, span, name } of [...alterTableCommands(step.statement)].reverse()) {
      if (command.name !== part || command.subtype !== later || name === undefined) continue;
      return text
        .slice(name.end, span.end)
        .replace(/^\s+add\s+/i, '')
        .trim();
    }
    for (const { constraints, spans } of columnsWritten(step, key)) {
      if (constraints.name !== part) continue;
      const at = constraints.nodes.findIndex(({ contype }) => contype === kind);
      const place = spans?.constraints[at];
      return place === undefined ? undefined : unnamed(text.slice(place.start, place.end));
    }
  }
  return undefined;
}
