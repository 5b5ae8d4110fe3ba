import type { Direction, FileContent, FileProblem, Script } from './migration.ts';

/** The problem of a file that is no text or has a NUL, which no tool can send; undefined for any other. */
export function unreadableFile({ text, unreadable }: FileContent): FileProblem | undefined {
  if (unreadable !== undefined) {
    return {
      rule: 'unreadable-file',
      message: `The file ${unreadable}.`,
      why: 'Nothing in it could be checked, and what it does to the schema is unknown to the checks of later files.',
      span: { start: 0, end: 0 },
    };
  }
  const at = text.indexOf('\0');
  if (at < 0) return undefined;
  return {
    rule: 'unreadable-file',
    message: 'The file holds a NUL character.',
    why: 'PostgreSQL takes no NUL in a query, so the migration fails. Remove it; a file in UTF-16 must be saved as UTF-8.',
    span: { start: at, end: at + 1 },
  };
}

/** A direction in which nothing runs. */
export function emptyScript(direction: Direction): Script {
  return { direction, span: { start: 0, end: 0 }, units: [] };
}
