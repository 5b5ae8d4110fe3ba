import { readGooseFile, regionsOf } from '../migrations/formats/gooseLayout.ts';
import { type MigrationFile, statementsOf } from '../migrations/migration.ts';
import { lineStart } from '../migrations/textLines.ts';
import type { Span } from '../sql/span.ts';

/** What can be folded in a document: from the line of its start, which stays in view, to the line of its end. */
export interface Folding {
  readonly span: Span;
  readonly kind?: 'comment';
}

/** Sections, blocks, statements, the bodies of functions, and comments, of several lines each. */
export function foldingsOf(file: MigrationFile): Folding[] {
  const { text } = file;
  const scripts = file.down === undefined ? [file.up] : [file.up, file.down];
  const spans = [
    ...(file.tool === 'goose' ? gooseFoldings(file) : []),
    ...scripts.flatMap((script) =>
      statementsOf(script).flatMap((statement) => [
        { start: statement.span.start, end: statement.terminatedEnd },
        ...statement.parsed.tokens
          .filter(({ kind }) => kind === 'string')
          .map((span) => statement.spanInDocument(span)),
      ]),
    ),
  ];
  const severalLines = ({ start, end }: Span) => text.slice(start, end).includes('\n');
  return [
    ...spans.filter(severalLines).map((span) => ({ span })),
    ...commentBlocks(text).map((span) => ({ span, kind: 'comment' as const })),
  ];
}

/** Sections from the line of their annotation on, and the blocks between StatementBegin and StatementEnd. */
function gooseFoldings(file: MigrationFile): Span[] {
  const { text } = file;
  const scripts = file.down === undefined ? [file.up] : [file.up, file.down];
  const sections = scripts
    .filter(({ span }) => span.start > 0 && span.end > span.start)
    .map(({ span }) => ({
      start: lineStart(text, span.start - 1),
      end: span.start + text.slice(span.start, span.end).trimEnd().length,
    }));
  const blocks = regionsOf(readGooseFile(text), text.length).flatMap(({ span, block }) =>
    block === undefined ? [] : [{ start: block.begin.start, end: block.end?.end ?? span.end }],
  );
  return [...sections, ...blocks];
}

/** Lines of `--` comments one below the other; those of the tool are no comments. */
function commentBlocks(text: string): Span[] {
  const blocks = text.matchAll(/^[ \t]*--(?!.*\+goose).*(?:\r?\n[ \t]*--(?!.*\+goose).*)+/gm);
  return [...blocks].map((match) => ({ start: match.index, end: match.index + match[0].trimEnd().length }));
}
