import type { FileEdits } from '../migrations/change.ts';
import type { MigrationFormat } from '../migrations/format.ts';
import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import { lineEnd, lineStart, newlineOf, startsItsLine } from '../migrations/textLines.ts';
import { formatStatement, saysTheSame } from '../sql/format.ts';
import { parseStatement } from '../sql/parser.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';

/** A migration, or a part of it, formatted. */
export interface FormattedMigration {
  /** In the document, in order. */
  readonly edits: readonly FormatEdit[];
  /** Statements that were left as they are: no other form of them means the same to Postgres and to their tool. */
  readonly refused: readonly Statement[];
}

export interface FormatEdit {
  readonly span: Span;
  readonly newText: string;
}

interface Candidate extends FormatEdit {
  readonly statement: Statement;
}

/** Where all together would change what the file does, so many are tried one by one. */
const MOST_TRIED = 200;

/**
 * Formats the statements of a migration that `range` (in the document) touches, or all. What stands between them stays
 * as it is: annotations, comments, psql lines, empty lines. What does not parse is left alone, and so is what shares
 * its lines with other statements: goose sends those together.
 */
export function formatMigration(
  format: MigrationFormat,
  file: MigrationFile,
  range: Span = { start: 0, end: file.text.length },
): FormattedMigration {
  const candidates: Candidate[] = [];
  const refused: Statement[] = [];
  const scripts = file.down === undefined ? [file.up] : [file.up, file.down];
  for (const statement of scripts.flatMap(aloneOnTheirLines(file.text))) {
    const touched = statement.span.start <= range.end && range.start <= statement.terminatedEnd;
    if (!touched || !isReadable(statement)) continue;
    const newText = formatted(file.text, statement);
    const span = { start: lineStart(file.text, statement.span.start), end: statement.terminatedEnd };
    if (newText === undefined) refused.push(statement);
    else if (file.text.slice(span.start, span.end) !== newText) candidates.push({ statement, span, newText });
  }
  const kept = harmless(format, file, candidates);
  for (const candidate of candidates) if (!kept.includes(candidate)) refused.push(candidate.statement);
  refused.sort((a, b) => a.span.start - b.span.start);
  return { edits: kept.map(({ span, newText }) => ({ span, newText })), refused };
}

/** What a fix makes of a folder, with its new files as formatting them would leave them. */
export function withFormattedFiles(edits: FileEdits, format: MigrationFormat): FileEdits {
  const creates = edits.creates.map(({ path, text }) => ({ path, text: formattedText(format, path, text) }));
  return { ...edits, creates };
}

/** The text of a migration that is to be written, as formatting it would leave it; the SQL in Python stays as it is. */
export function formattedText(format: MigrationFormat, path: string, text: string): string {
  if (!path.endsWith('.sql')) return text;
  const { edits } = formatMigration(format, format.read({ path, text, byteOrderMark: false }));
  return withEdits(text, edits);
}

/** Names that a template makes, or psql, are not known: what looks like a keyword may be one. */
function isReadable({ parsed, error }: Statement): boolean {
  return error === undefined && parsed.node !== undefined && !parsed.templated;
}

function aloneOnTheirLines(text: string): (script: Script) => Statement[] {
  return (script) => {
    const statements = statementsOf(script);
    return statements.filter((statement, i) => {
      const next = statements[i + 1];
      const last = lineEnd(text, statement.terminatedEnd);
      return startsItsLine(text, statement.span.start) && (next === undefined || next.span.start > last);
    });
  };
}

/** The statement with what ends it, as it should stand in the document. */
function formatted(text: string, { parsed, span, terminatedEnd }: Statement): string | undefined {
  const newline = newlineOf(text);
  const statement = parsed.text.includes('\r')
    ? parseStatement(parsed.text.replaceAll('\r\n', '\n'))
    : parsed;
  const sql = formatStatement(statement)?.replaceAll('\n', newline);
  if (sql === undefined) return undefined;
  const end = text.slice(span.end, terminatedEnd);
  return sql + (end.trim() === ';' ? ';' : end);
}

/** The edits after which the file is still the same to its tool and to Postgres. */
function harmless(
  format: MigrationFormat,
  file: MigrationFile,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  // Read as the edited ones are: without the byte order mark.
  const before = edited(format, file, []);
  if (candidates.length === 0 || isSame(before, edited(format, file, candidates))) return candidates;
  if (candidates.length > MOST_TRIED) return [];
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (isSame(before, edited(format, file, [...kept, candidate]))) kept.push(candidate);
  }
  return kept;
}

function edited(
  format: MigrationFormat,
  file: MigrationFile,
  candidates: readonly Candidate[],
): MigrationFile {
  return format.read({ path: file.path, text: withEdits(file.text, candidates), byteOrderMark: false });
}

function withEdits(text: string, edits: readonly FormatEdit[]): string {
  let out = '';
  let at = 0;
  for (const { span, newText } of edits) {
    out += text.slice(at, span.start) + newText;
    at = span.end;
  }
  return out + text.slice(at);
}

/** Whether two texts of a migration are one to its tool: what is sent together, what it complains about, every statement. */
function isSame(a: MigrationFile, b: MigrationFile): boolean {
  return (
    a.transactional === b.transactional &&
    complaints(a) === complaints(b) &&
    isSameScript(a.up, b.up) &&
    (a.down === undefined || b.down === undefined ? a.down === b.down : isSameScript(a.down, b.down))
  );
}

function complaints(file: MigrationFile): string {
  return file.problems.map(({ rule }) => rule).join();
}

function isSameScript(a: Script, b: Script): boolean {
  if (layoutOf(a) !== layoutOf(b)) return false;
  const others = statementsOf(b);
  return statementsOf(a).every(({ parsed }, i) => {
    const other = others[i]?.parsed;
    return other !== undefined && (parsed.text === other.text || saysTheSame(parsed, other));
  });
}

/** What is sent as one. */
function layoutOf({ units }: Script): string {
  return JSON.stringify(
    units.map(({ mode, queries }) => [mode, queries.map(({ statements }) => statements.length)]),
  );
}
