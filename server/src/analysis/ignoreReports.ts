import type { MigrationFile } from '../migrations/migration.ts';
import type { FileReport } from '../rules/rule.ts';
import type { Span } from '../sql/span.ts';
import type { IgnoredName, Suppressed } from './suppression.ts';

/** A comment names a rule that there is none of. */
export function unknownName({ name, span }: IgnoredName): FileReport {
  return {
    span,
    message: `There is no rule ${name}.`,
    why: 'The comment ignores nothing by that name. Several rules are separated by commas; the reason comes after the last.',
  };
}

/** A comment ignores a rule that has nothing to say there, or names none. */
export function hidesNothing(file: MigrationFile, unused: Suppressed['unused'][number]): FileReport {
  const { name, span, ignore } = unused;
  const whole = ignore.names.length <= 1;
  const removed = whole ? wholeComment(file.text, ignore.span) : nameInList(file.text, span);
  return {
    span,
    message:
      name === '' ? 'This comment names no rule, and ignores nothing.' : `${name} has nothing to say here.`,
    why: 'Left there, the comment would hide the next finding unseen. It speaks for the next statement, at the end of a line for what stands on that line, with -file for the whole file.',
    fixes: () => [
      {
        title: whole ? 'Remove the comment' : `Remove ${name} from the comment`,
        grade: 'review',
        changes: removed === undefined ? [] : [{ kind: 'editText', span: removed, text: '' }],
      },
    ],
  };
}

/** The comment with the line it stands on, or only itself behind a statement. */
function wholeComment(text: string, { start }: Span): Span {
  const block = text.startsWith('/*', start) ? text.indexOf('*/', start) : -1;
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const end = block < 0 ? lineEnd : block + 2;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const alone = text.slice(lineStart, start).trim() === '' && text.slice(end, lineEnd).trim() === '';
  if (alone) return { start: lineStart, end: newline < 0 ? text.length : newline + 1 };
  return { start: text.slice(0, start).trimEnd().length, end };
}

/** A name with the comma that parts it from its neighbour. */
function nameInList(text: string, { start, end }: Span): Span {
  const after = /^[ \t]*,[ \t]*/.exec(text.slice(end))?.[0].length;
  if (after !== undefined) return { start, end: end + after };
  const before = /,[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return { start: start - before, end };
}
