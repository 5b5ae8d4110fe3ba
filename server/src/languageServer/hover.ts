import { describeStep } from '../analysis/describeStep.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { type Hover, MarkupKind, type Position } from './lsp.ts';

/** What the statement at a place does, and what stands there before it. */
export function hover(path: string, history: FolderHistory, position: Position): Hover | null {
  const lines = history.lines(path);
  const offset = lines.offset(position);
  const found = history.statementAt(path, offset);
  if (!found) return null;
  const { statement, steps, postgresVersion } = found;
  const inside = statement.fromDocument(offset);
  // Of a DO block the statement inside it that is pointed at.
  const step = steps.findLast(
    ({ toTop, statement: { text } }) => toTop(0) <= inside && inside <= toTop(text.length),
  );
  if (!step) return null;
  const own = step.nested ? inside - step.toTop(0) : inside;
  const range = lines.range(
    statement.spanInDocument({ start: step.toTop(0), end: step.toTop(step.statement.text.length) }),
  );
  return { contents: { kind: MarkupKind.Markdown, value: describeStep(step, postgresVersion, own) }, range };
}
