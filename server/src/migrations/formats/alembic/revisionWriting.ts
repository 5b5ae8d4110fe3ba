import type { RevisionNaming } from '../../../config/alembicConfig.ts';
import type { Span } from '../../../sql/span.ts';
import type { Allocate, Change, FileEdits, NewMigration, TextEdit } from '../../change.ts';
import type { MigrationFile } from '../../migration.ts';
import { folderOf } from '../../paths.ts';
import { lineEnd, newlineOf } from '../../textLines.ts';
import { dateInWords, revisionFileName, wallTime } from './revisionFileName.ts';
import type { RevisionSettings } from './revisionSettings.ts';

/** Whether a change can be written in a revision: SQL is not written into Python. */
export function isWritable(change: Change): boolean {
  switch (change.kind) {
    case 'editText':
    case 'setParents':
    case 'newRevisionId':
      return true;
    case 'newMigration':
      return change.migration.up.length + change.migration.down.length === 0;
    default:
      return false;
  }
}

/** Writes changes of a revision's place in the graph; see MigrationFormat.apply. Others are passed over. */
export function writeRevision(
  changes: readonly Change[],
  file: MigrationFile,
  files: readonly MigrationFile[],
  allocate: Allocate,
  { naming }: RevisionSettings,
): FileEdits {
  const edits: TextEdit[] = [];
  const creates: { path: string; text: string }[] = [];
  const edit = (span: Span, newText: string) => edits.push({ path: file.path, span, newText });
  const taken = new Set(files.flatMap(({ revision }) => revision?.id ?? []));
  for (const change of changes) {
    if (change.kind === 'editText') edit(change.span, change.text);
    if (change.kind === 'setParents') {
      for (const { span, text } of parentEdits(file, change.parents)) edit(span, text);
    }
    if (change.kind === 'newRevisionId') {
      const id = newId(`${file.path} ${allocate.now().toISOString()}`, taken);
      for (const { span, text } of idEdits(file, id)) edit(span, text);
    }
    if (change.kind === 'newMigration' && isWritable(change)) {
      creates.push(newRevision(change.migration, file, allocate.now(), taken, naming));
    }
  }
  return { edits: edits.sort((a, b) => a.span.start - b.span.start), creates, renames: [] };
}

interface Edit {
  readonly span: Span;
  readonly text: string;
}

function parentEdits(file: MigrationFile, parents: readonly string[]): Edit[] {
  const { text, revisionSpans } = file;
  const literal = literalOf(parents, quoteOf(file));
  const { id, downRevisions } = revisionSpans ?? {};
  const inDocstring = docstringEdit(file, 'Revises', parents.join(', '));
  if (downRevisions !== undefined) return [...inDocstring, { span: downRevisions, text: literal }];
  const at = id === undefined ? text.length : lineEnd(text, id.end);
  const line = `${newlineOf(text)}down_revision = ${literal}`;
  return [...inDocstring, { span: { start: at, end: at }, text: line }];
}

function idEdits(file: MigrationFile, id: string): Edit[] {
  const span = file.revisionSpans?.id;
  if (span === undefined) return [];
  return [...docstringEdit(file, 'Revision ID', id), { span, text: literalOf([id], quoteOf(file)) }];
}

/** The line of the docstring that says the same to people, where there is one. */
function docstringEdit({ text, revisionSpans }: MigrationFile, title: string, value: string): Edit[] {
  const line = new RegExp(`^${title}:[^\\r\\n]*`, 'm').exec(text);
  if (line === null || line.index >= (revisionSpans?.id?.start ?? 0)) return [];
  const span = { start: line.index, end: line.index + line[0].length };
  return [{ span, text: `${title}: ${value}`.trimEnd() }];
}

/** None, a string, or a tuple of strings. */
function literalOf(ids: readonly string[], quote: string): string {
  const [first, ...others] = ids.map((id) => quote + id + quote);
  if (first === undefined) return 'None';
  return others.length === 0 ? first : `(${[first, ...others].join(', ')})`;
}

/** The quote that the file uses for its id. */
function quoteOf({ text, revisionSpans }: MigrationFile): string {
  const { start = 0, end = 0 } = revisionSpans?.id ?? {};
  return text.slice(start, end).includes("'") ? "'" : '"';
}

/** A revision that does nothing: a merge. */
function newRevision(
  { name, parents = [] }: NewMigration,
  file: MigrationFile,
  now: Date,
  taken: ReadonlySet<string>,
  naming: RevisionNaming,
): { path: string; text: string } {
  const date = wallTime(now, naming.timezone);
  const id = newId(`${parents.join(' ')} ${now.toISOString()}`, taken);
  const quote = quoteOf(file);
  const lines = [
    `"""${name.replaceAll('_', ' ')}`,
    '',
    `Revision ID: ${id}`,
    `Revises: ${parents.join(', ')}`.trimEnd(),
    `Create Date: ${dateInWords(date)}`,
    '"""',
    `revision = ${literalOf([id], quote)}`,
    `down_revision = ${literalOf(parents, quote)}`,
    'branch_labels = None',
    'depends_on = None',
    '',
    '',
    'def upgrade() -> None:',
    '    pass',
    '',
    '',
    'def downgrade() -> None:',
    '    pass',
    '',
  ];
  const baseName = revisionFileName(naming, id, name, date);
  return { path: folderOf(file.path) + baseName, text: lines.join(newlineOf(file.text)) };
}

/** Twelve hexadecimal digits, as alembic makes them, that follow from `seed` and that nobody has. */
function newId(seed: string, taken: ReadonlySet<string>): string {
  for (let round = 0; ; round++) {
    const id = hash(`${seed} ${round}`).toString(16).padStart(16, '0').slice(0, 12);
    if (!taken.has(id)) return id;
  }
}

/** FNV-1a, 64 bits. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (const character of text) {
    value = BigInt.asUintN(64, (value ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return value;
}
