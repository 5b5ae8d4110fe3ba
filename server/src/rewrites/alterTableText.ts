import { tableOf } from '../catalog/catalog.ts';
import type { Step } from '../replay/step.ts';
import { tokenize } from '../sql/lexer.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';
import type { ParsedStatement } from '../sql/statement.ts';

/** An ALTER TABLE without some of its commands; undefined where none is left. */
export function withoutCommands(
  statement: ParsedStatement,
  out: readonly AlterTableCommandSpans[],
): string | undefined {
  const commands = alterTableCommands(statement);
  const { text } = statement;
  const kept = commands.filter((each) => !out.includes(each));
  const [first] = commands;
  if (first === undefined || kept.length === 0) return undefined;
  const parts = kept.map(({ span }) => text.slice(span.start, span.end));
  return `${text.slice(0, first.span.start)}${parts.join(', ')}`;
}

/** An ALTER TABLE with other texts in place of some of its commands. */
export function withCommands(
  statement: ParsedStatement,
  changed: readonly { readonly spans: AlterTableCommandSpans; readonly text: string }[],
): string {
  let { text } = statement;
  for (const { spans, text: command } of [...changed].sort(
    (a, b) => b.spans.span.start - a.spans.span.start,
  )) {
    text = text.slice(0, spans.span.start) + command + text.slice(spans.span.end);
  }
  return text;
}

/** What an ADD CONSTRAINT says of it, without CONSTRAINT and its name. */
export function withoutName(
  { text }: ParsedStatement,
  { span, constraint = span }: AlterTableCommandSpans,
): string {
  return unnamed(text.slice(constraint.start, constraint.end));
}

/** A constraint of a column or table as it is written, without CONSTRAINT and its name. */
export function unnamed(constraint: string): string {
  const [first, , definition] = tokenize(constraint);
  const isNamed = first?.kind === 'word' && first.value === 'constraint' && definition !== undefined;
  return isNamed ? constraint.slice(definition.start) : constraint;
}

/** Whether ONLY keeps the ALTER TABLE away from tables below: said later it would mean something else. */
export function leavesOutChildren(step: Step, table: string): boolean {
  if (!('AlterTableStmt' in step.node)) return false;
  const only = step.node.AlterTableStmt.relation?.inh !== true;
  return only && (tableOf(step.before, table)?.children.length ?? 0) > 0;
}
