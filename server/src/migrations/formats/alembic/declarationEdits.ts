import type { Edit } from '../../edits.ts';
import type { MigrationFile } from '../../migration.ts';
import { baseNameOf, folderOf } from '../../paths.ts';
import { lineEnd, newlineOf } from '../../textLines.ts';
import { quoteOf, tupleOf } from './revisionValues.ts';

/* What a file declares of its revision, changed. */

/** Has the revision come after others. */
export function parentEdits(file: MigrationFile, parents: readonly string[]): Edit[] {
  const { text, revisionSpans } = file;
  const literal = tupleOf(parents, quoteOf(file));
  const { id, downRevisions } = revisionSpans ?? {};
  const inDocstring = docstringEdit(file, 'Revises', parents.join(', '));
  if (downRevisions !== undefined) return [...inDocstring, { span: downRevisions, text: literal }];
  const at = id === undefined ? text.length : lineEnd(text, id.end);
  const line = `${newlineOf(text)}down_revision = ${literal}`;
  return [...inDocstring, { span: { start: at, end: at }, text: line }];
}

/** Gives the revision another id. */
export function idEdits(file: MigrationFile, id: string): Edit[] {
  const span = file.revisionSpans?.id;
  if (span === undefined) return [];
  return [...docstringEdit(file, 'Revision ID', id), { span, text: tupleOf([id], quoteOf(file)) }];
}

/** A file that is named after its revision, as alembic names files, is named after the new one. */
export function renamedWithId({ path, revision }: MigrationFile, id: string): { from: string; to: string }[] {
  const baseName = baseNameOf(path);
  const old = revision?.id;
  if (old === undefined || !(baseName === `${old}.py` || baseName.startsWith(`${old}_`))) return [];
  return [{ from: path, to: folderOf(path) + id + baseName.slice(old.length) }];
}

/** The line of the docstring that says the same to people, where there is one. */
function docstringEdit({ text, revisionSpans }: MigrationFile, title: string, value: string): Edit[] {
  const line = new RegExp(`^${title}:[^\\r\\n]*`, 'm').exec(text);
  if (line === null || line.index >= (revisionSpans?.id?.start ?? 0)) return [];
  const span = { start: line.index, end: line.index + line[0].length };
  return [{ span, text: `${title}: ${value}`.trimEnd() }];
}
