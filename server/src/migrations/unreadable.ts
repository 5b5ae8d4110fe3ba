import type { Direction, FileContent, FileProblem, Script } from './migration.ts';

/**
 * The longest file that is looked into, in UTF-16 code units. What is known of a statement takes up to a hundred times
 * its text, and no person writes this much: it is a dump.
 */
export const LONGEST_FILE = 4_000_000;

/** The problem of a file into which nobody looks: it is unreadable, or too long. Undefined for any other. */
export function closedFile(content: FileContent): FileProblem | undefined {
  return unreadableFile(content) ?? (content.text.length > LONGEST_FILE ? tooLong(content.text) : undefined);
}

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

function tooLong(text: string): FileProblem {
  return {
    rule: 'not-analysed',
    message: `The file is longer than ${LONGEST_FILE / 1_000_000} million characters and was not analysed.`,
    why: 'Nothing is known of what it does: that no other finding stands here does not mean that it is safe. Later files are checked as if it could have made anything.',
    span: { start: 0, end: text.search(/\r?\n|$/) },
  };
}

/** A direction in which nothing runs. */
export function emptyScript(direction: Direction): Script {
  return { direction, span: { start: 0, end: 0 }, units: [] };
}
