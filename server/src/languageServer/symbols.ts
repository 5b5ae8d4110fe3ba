import { type OutlineItem, type OutlineKind, outlineOf } from '../analysis/outline.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { type DocumentSymbol, SymbolKind } from './lsp.ts';

const kinds: Readonly<Record<OutlineKind, SymbolKind>> = {
  section: SymbolKind.Module,
  table: SymbolKind.Struct,
  index: SymbolKind.Key,
  view: SymbolKind.Interface,
  type: SymbolKind.Enum,
  routine: SymbolKind.Function,
  sequence: SymbolKind.Number,
  schema: SymbolKind.Namespace,
  trigger: SymbolKind.Event,
  data: SymbolKind.Array,
  other: SymbolKind.Object,
};

/** The outline of a migration. */
export function documentSymbols(path: string, history: FolderHistory): DocumentSymbol[] {
  const file = history.migration(path);
  if (!file) return [];
  const lines = history.lines(path);
  const symbol = ({ name, kind, span, nameSpan, children }: OutlineItem): DocumentSymbol => ({
    name,
    kind: kinds[kind],
    range: lines.range(span),
    selectionRange: lines.range(nameSpan),
    children: children.map(symbol),
  });
  return outlineOf(file).map(symbol);
}
