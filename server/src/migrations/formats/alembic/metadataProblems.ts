import type { Span } from '../../../sql/span.ts';
import type { FileProblem } from '../../migration.ts';
import { LONGEST_ID, unusableId } from '../../revisionGraph.ts';
import { lineEnd } from '../../textLines.ts';
import type { Metadata, MetadataName } from './metadata.ts';

/** What a file says of its revision that alembic refuses, or that nobody can know without running it. */
export function metadataProblems(
  baseName: string,
  text: string,
  { revision, spans, missing, unknown }: Metadata,
): FileProblem[] {
  const at = (name: MetadataName): Span => spans[name] ?? { start: 0, end: lineEnd(text, 0) };
  const problems = unknown.map((name) => problem(at(name), ...unreadable(name)));
  if (missing.includes('revision') && revision === undefined) {
    problems.push(problem(at('revision'), ...noId(baseName)));
  }
  if (missing.includes('down_revision')) problems.push(problem(at('revision'), ...NO_PARENT));
  if (revision !== undefined) {
    const { id } = revision;
    for (const { message } of unusableId(id))
      problems.push(problem(at('revision'), `${message}.`, CHARACTERS));
    if (id.length > LONGEST_ID) problems.push(problem(at('revision'), ...tooLong(id)));
  }
  return problems;
}

function problem(span: Span, message: string, why: string): FileProblem {
  return { rule: 'alembic-metadata', message, why, span };
}

const CHARACTERS = 'They mean something where a target is named: ae10+2, label@head, ae10:ff31.';

const NO_PARENT = [
  'The revision does not say what it comes after: there is no down_revision.',
  "alembic stops when it loads the file: “module has no attribute 'down_revision'”. Name the revision before it, or None where it is the first.",
] as const;

function noId(baseName: string): [string, string] {
  return [
    `Could not determine revision id from filename ${baseName}.`,
    "alembic imports every Python file of the folder, and stops at one without a 'revision'. Declare it, or move the file elsewhere.",
  ];
}

function unreadable(name: MetadataName): [string, string] {
  return [
    `The value of ${name} is not known before the file runs.`,
    'The graph of revisions is read from the files as they stand, by Skein as by people: write it as a string, or a tuple of strings.',
  ];
}

function tooLong(id: string): [string, string] {
  return [
    `The revision's id has ${id.length} characters; alembic_version.version_num holds ${LONGEST_ID}.`,
    'The migration would run, and then fail when it is recorded, with all that it did. Give it a shorter id.',
  ];
}
