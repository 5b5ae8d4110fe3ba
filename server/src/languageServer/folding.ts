import { foldingsOf } from '../analysis/foldings.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { type FoldingRange, FoldingRangeKind } from './lsp.ts';

/** What can be folded in a migration. One range for each line it begins at: the longest. */
export function foldingRanges(path: string, history: FolderHistory): FoldingRange[] {
  const file = history.migration(path);
  if (!file) return [];
  const lines = history.lines(path);
  const ranges = new Map<number, FoldingRange>();
  for (const { span, kind } of foldingsOf(file)) {
    const startLine = lines.position(span.start).line;
    const endLine = lines.position(span.end).line;
    if (endLine <= startLine || (ranges.get(startLine)?.endLine ?? 0) >= endLine) continue;
    ranges.set(startLine, { startLine, endLine, ...(kind && { kind: FoldingRangeKind.Comment }) });
  }
  return [...ranges.values()].sort((a, b) => a.startLine - b.startLine);
}
