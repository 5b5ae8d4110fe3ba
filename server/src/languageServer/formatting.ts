import { formatMigration } from '../analysis/formatMigration.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { type Range, TextEdit } from './lsp.ts';

/** Edits that format a migration, or the statements that `range` touches; and what to tell the person, if anything. */
export function formatDocument(
  path: string,
  history: FolderHistory,
  range?: Range,
): { edits: TextEdit[]; refusal: string | undefined } {
  const file = history.migration(path);
  // Python has formatters of its own.
  if (!file || file.tool === 'alembic') return { edits: [], refusal: undefined };
  const lines = history.lines(path);
  const span = range && { start: lines.offset(range.start), end: lines.offset(range.end) };
  const { edits, refused } = formatMigration(history.format, file, span);
  const places = refused.map((statement) => lines.position(statement.span.start).line + 1);
  return {
    edits: edits.map((edit) => TextEdit.replace(lines.range(edit.span), edit.newText)),
    refusal: places.length === 0 ? undefined : refusalInWords(places),
  };
}

const mostNamed = 5;

function refusalInWords(lines: readonly number[]): string {
  const named = lines.slice(0, mostNamed).join(', ');
  const more = lines.length > mostNamed ? ' …' : '';
  return lines.length === 1
    ? `Skein left the statement at line ${named} as it is: formatting it would change what it does.`
    : `Skein left ${lines.length} statements as they are (lines ${named}${more}): formatting them would change what they do.`;
}
