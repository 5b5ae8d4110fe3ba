import { tableOf } from '../catalog/catalog.ts';
import type { Step } from '../replay/step.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';

/** The step's ALTER TABLE without some of its commands; undefined where none is left. */
export function withoutCommands(step: Step, out: readonly AlterTableCommandSpans[]): string | undefined {
  const commands = alterTableCommands(step.statement);
  const { text } = step.statement;
  const kept = commands.filter((each) => !out.includes(each));
  const [first] = commands;
  if (first === undefined || kept.length === 0) return undefined;
  // What stands between two commands goes with the later one.
  const parts = kept.map(({ span }) => text.slice(span.start, span.end));
  return `${text.slice(0, first.span.start)}${parts.join(', ')}`;
}

/** The step's ALTER TABLE with other texts in place of some of its commands. */
export function withCommands(
  step: Step,
  changed: readonly { readonly spans: AlterTableCommandSpans; readonly text: string }[],
): string {
  let { text } = step.statement;
  for (const { spans, text: command } of [...changed].sort(
    (a, b) => b.spans.span.start - a.spans.span.start,
  )) {
    text = text.slice(0, spans.span.start) + command + text.slice(spans.span.end);
  }
  return text;
}

/** Whether ONLY keeps the ALTER TABLE away from tables below: said later it would mean something else. */
export function leavesOutChildren(step: Step, table: string): boolean {
  if (!('AlterTableStmt' in step.node)) return false;
  const only = step.node.AlterTableStmt.relation?.inh !== true;
  return only && (tableOf(step.before, table)?.children.length ?? 0) > 0;
}
