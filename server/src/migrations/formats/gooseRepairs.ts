import type { Span } from '../../sql/span.ts';
import type { Statement } from '../../sql/statement.ts';
import type { Fix, Grade } from '../change.ts';
import { applyEdits, type Edit } from '../edits.ts';
import { indentationOf, lineEnd, lineStart, newlineOf, nextLine, startsItsLine } from '../textLines.ts';
import { type GooseCommand, isCommentLine } from './gooseComments.ts';
import { annotationText, ignoredCommand, intendedCommand } from './gooseIntention.ts';
import { type GooseLines, readGooseFile } from './gooseLayout.ts';
import { type GooseError, parseGoose } from './gooseLines.ts';

/*
 * Repairs of a goose file. For every fault there are several ways out; each is tried on the line machine, and the
 * first that leaves the fewest faults is offered, if it leaves fewer than there were.
 */

interface Candidate {
  readonly title: string;
  readonly grade: Grade;
  readonly edits: readonly Edit[];
}

/** What repairs are worked out from. */
export interface GooseText {
  readonly text: string;
  readonly file: GooseLines;
  /** All statements, in order. */
  readonly statements: readonly Statement[];
}

/** The repair of an error of the line machine; undefined where no way out is clear. */
export function repairError(source: GooseText, error: GooseError): Fix | undefined {
  return best(source, candidatesFor(source, error));
}

/** The repair of a statement that goose joins with the block that follows: its semicolon, where goose sees it. */
export function repairUnfinished(source: GooseText, span: Span): Fix | undefined {
  return best(source, terminators(source, span));
}

/** Takes away the marks of a block that holds nothing, and so swallows the next line. */
export function removeEmptyBlock(source: GooseText, swallowed: Span): Fix | undefined {
  const marks = source.file.runs.up.marks.filter(({ line }) => line.start < swallowed.start).slice(-2);
  const edits = marks.map(({ line }) => ({ span: { start: line.start, end: line.next }, text: '' }));
  return best(source, [{ title: 'Remove the empty block', grade: 'safe', edits }]);
}

/** Puts a statement into a block of its own. */
export function wrapInBlock(source: GooseText, statement: Statement): Fix | undefined {
  return best(
    source,
    [
      {
        title: 'Wrap in StatementBegin and StatementEnd',
        grade: 'safe',
        edits: blockAround(source.text, statement),
      },
    ],
    'keepsFaults',
  );
}

/** ENVSUB off before the lines of the statement and on after them. */
export function stopSubstitution(source: GooseText, statement: Statement): Fix | undefined {
  const { text } = source;
  const start = lineStart(text, statement.span.start);
  const end = nextLine(text, statement.terminatedEnd);
  const newline = newlineOf(text);
  const edits = [
    { span: { start, end: start }, text: `${annotationText('ENVSUB OFF')}${newline}` },
    { span: { start: end, end }, text: `${beforeLine(text, end)}${annotationText('ENVSUB ON')}${newline}` },
  ];
  return best(
    source,
    [{ title: 'Switch ENVSUB off for this statement', grade: 'safe', edits }],
    'keepsFaults',
  );
}

/** How many things are wrong with a file as goose reads it. */
function faultsOf(file: GooseLines): number {
  const { up, down } = file.runs;
  return file.errors.length + up.swallowed.length + down.swallowed.length + joined(file);
}

/** How many queries of goose's hold the beginning of a block, after SQL that stands before it. */
function joined({ runs }: GooseLines): number {
  const begins = runs.up.marks.filter(({ command }) => command === 'StatementBegin');
  let count = 0;
  for (const { statements } of [runs.up, runs.down]) {
    let next = 0;
    for (const { span } of statements) {
      while ((begins[next]?.line.start ?? span.start) < span.start) next++;
      const begin = begins[next]?.line;
      if (begin !== undefined && begin.start > span.start && begin.end < span.end) count++;
    }
  }
  return count;
}

/** The first candidate that leaves no fault, else the first that leaves fewer (or with 'keepsFaults', not more). */
function best(source: GooseText, candidates: readonly Candidate[], aim?: 'keepsFaults'): Fix | undefined {
  const before = faultsOf(source.file) + (aim === 'keepsFaults' ? 1 : 0);
  const tried = candidates.map((candidate) => {
    return { candidate, faults: faultsOf(readGooseFile(applyEdits(source.text, candidate.edits))) };
  });
  const chosen = tried.find(({ faults }) => faults === 0) ?? tried.find(({ faults }) => faults < before);
  if (chosen === undefined) return undefined;
  const { title, grade, edits } = chosen.candidate;
  const changes = edits.map(({ span, text }) => ({ kind: 'editText', span, text }) as const);
  return { title, grade, changes };
}

function candidatesFor(source: GooseText, error: GooseError): Candidate[] {
  const { text } = source;
  const start = lineStart(text, error.span.start);
  switch (error.fault) {
    case 'annotation':
      return spellings(text, error.span);
    case 'duplicateUp':
      return [replaceLine(text, error.span, 'Down', 'review'), removeLine(text, error.span)];
    case 'misplacedDown':
      if (error.state === 'start') return [addUp(source, start)];
      return error.state === 'upBegin' ? [endBlock(text, start)] : [removeLine(text, error.span)];
    case 'misplacedBegin':
      if (error.state === 'start') return [addUp(source, start), moveUp(source, start)].flatMap(defined);
      return [endBlock(text, start), removeLine(text, error.span)];
    case 'misplacedEnd':
      return [...beginBlock(source, start), removeLine(text, error.span, 'safe')];
    case 'outsideSection':
      return [moveUp(source, start), addUp(source, start)].flatMap(defined);
    case 'noUp':
      return [addUp(source, text.length)];
    case 'noEnd':
      return [endBlock(text, text.length)];
    case 'unfinished':
      return terminators(source, error.span);
    case 'substitution':
    case 'tooLong':
      return [];
  }
}

function defined<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function spellings(text: string, span: Span): Candidate[] {
  const line = text.slice(span.start, lineEnd(text, span.start));
  const ignored = ignoredCommand(line);
  if (ignored !== undefined) {
    // Where goose takes the file as it is, the correction changes what runs.
    const accepted = parseGoose(text, 'up').error === undefined;
    return [replaceLine(text, span, ignored, accepted ? 'review' : 'safe')];
  }
  const command = intendedCommand(line);
  const comment: Candidate = {
    title: 'Make it an ordinary comment',
    grade: 'safe',
    edits: [{ span, text: line.replaceAll('+goose', 'goose') }],
  };
  return command === undefined ? [comment] : [replaceLine(text, span, command, 'safe'), comment];
}

function replaceLine(text: string, span: Span, command: GooseCommand, grade: Grade): Candidate {
  const replaced = { start: lineStart(text, span.start), end: lineEnd(text, span.start) };
  const annotation = annotationText(command);
  return { title: `Write "${annotation}"`, grade, edits: [{ span: replaced, text: annotation }] };
}

function removeLine(text: string, span: Span, grade: Grade = 'review'): Candidate {
  const line = { start: lineStart(text, span.start), end: nextLine(text, span.start) };
  return { title: 'Remove the annotation', grade, edits: [{ span: line, text: '' }] };
}

/** A line that must start a line: what has to stand before it at `offset`. */
function beforeLine(text: string, offset: number): string {
  return offset === 0 || text[offset - 1] === '\n' ? '' : newlineOf(text);
}

/** Up before the line at `offset`, above the comments that belong to it. */
function addUp(source: GooseText, offset: number): Candidate {
  const { text } = source;
  const start = offset === text.length ? offset : aboveComments(text, offset);
  const line = `${beforeLine(text, start)}${annotationText('Up')}${newlineOf(text)}`;
  return {
    title: `Add "${annotationText('Up')}"`,
    grade: 'safe',
    edits: [{ span: { start, end: start }, text: line }],
  };
}

/** SQL stands before Up: Up goes above it. */
function moveUp(source: GooseText, offset: number): Candidate | undefined {
  const up = source.file.comments.find(
    ({ start, annotation }) => start > offset && annotation?.command === 'Up',
  );
  if (up === undefined) return undefined;
  const { edits } = addUp(source, offset);
  const removed = { span: { start: up.start, end: up.next }, text: '' };
  return { title: `Move "${annotationText('Up')}" above it`, grade: 'safe', edits: [...edits, removed] };
}

/** The start of the comment lines directly above the line at `offset`, or that line's own start. */
function aboveComments(text: string, offset: number): number {
  let start = lineStart(text, offset);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    const line = text.slice(above, lineEnd(text, above));
    if (!isCommentLine(line) || line.includes('+goose')) break;
    start = above;
  }
  return start;
}

/** StatementEnd after the last line with text before `offset`. */
function endBlock(text: string, offset: number): Candidate {
  const end = text.slice(0, offset).trimEnd().length;
  const start = end === 0 ? 0 : nextLine(text, end - 1);
  const annotation = annotationText('StatementEnd');
  const edit = {
    span: { start, end: start },
    text: `${beforeLine(text, start)}${annotation}${newlineOf(text)}`,
  };
  return { title: `Add "${annotation}"`, grade: 'safe', edits: [edit] };
}

/** StatementBegin before the statement that a lone StatementEnd at `offset` ends. */
function beginBlock(source: GooseText, offset: number): Candidate[] {
  const { text, file } = source;
  const statement = source.statements.findLast(({ span }) => span.start < offset);
  const lastMark = file.runs.up.marks.findLast(({ line }) => line.start < offset);
  if (statement === undefined || statement.span.start < (lastMark?.line.next ?? 0)) return [];
  const start = lineStart(text, statement.span.start);
  const annotation = annotationText('StatementBegin');
  const edit = { span: { start, end: start }, text: `${annotation}${newlineOf(text)}` };
  return [{ title: `Add "${annotation}"`, grade: 'safe', edits: [edit] }];
}

/** Ways to end the last statement of `span`, which goose finds unfinished. */
function terminators(source: GooseText, span: Span): Candidate[] {
  const { text } = source;
  const title = 'Add the semicolon where goose sees it';
  const statement = source.statements.findLast((s) => s.span.start < span.end && s.span.end > span.start);
  if (statement === undefined) {
    return [{ title: 'Make it a comment that goose skips', grade: 'safe', edits: lineComments(text, span) }];
  }
  const { end } = statement.span;
  const after = statement.terminatedEnd;
  const semicolon = after > end ? [{ span: { start: after - 1, end: after }, text: '' }] : [];
  const put = (at: number, inserted: string, removed: readonly Edit[] = semicolon): Candidate => ({
    title: after > end ? title : 'Add the missing semicolon',
    grade: 'safe',
    edits: [...removed, { span: { start: at, end: at }, text: inserted }],
  });
  const newline = newlineOf(text);
  const candidates = after > end ? [put(after, ' ', [])] : [put(end, ';'), put(end, '; ')];
  candidates.push(put(Math.max(span.end, after), ';'));
  if (after > end) {
    const moved = { span: { start: after - 1, end: after }, text: `${newline};` };
    candidates.push({ title, grade: 'safe', edits: [moved] });
  }
  candidates.push(put(Math.max(span.end, after), `${newline};`));
  return candidates;
}

/** Block comments as line comments, and lines of blanks emptied: goose skips both. */
function lineComments(text: string, span: Span): Edit[] {
  const edits: Edit[] = [];
  let start = lineStart(text, span.start);
  while (start > 0 && text.slice(lineStart(text, start - 1), start).trim() === '')
    start = lineStart(text, start - 1);
  for (; start < span.end; start = nextLine(text, start)) {
    const end = lineEnd(text, start);
    const line = text.slice(start, end);
    const words = line
      .replaceAll('/*', '')
      .replaceAll('*/', '')
      .replace(/^\s*\*(?!\S)/, '')
      .trim();
    const comment = isCommentLine(line) ? line : words === '' ? '' : `-- ${words}`;
    const vanishes = comment === '' && line.trim() !== '';
    if (vanishes) edits.push({ span: { start, end: nextLine(text, start) }, text: '' });
    else if (comment !== line) edits.push({ span: { start, end }, text: comment });
  }
  return edits;
}

function blockAround(text: string, statement: Statement): Edit[] {
  const newline = newlineOf(text);
  const { start } = statement.span;
  const begin = `${annotationText('StatementBegin')}${newline}`;
  const opens = startsItsLine(text, start);
  const before = {
    start: opens ? lineStart(text, start) : text.slice(0, start).trimEnd().length,
    end: start,
  };
  const end = endWithComment(text, statement.terminatedEnd);
  const blanks = /^[ \t]*/.exec(text.slice(end, lineEnd(text, end)))?.[0].length ?? 0;
  const closes = end + blanks === lineEnd(text, end);
  const closing = `${newline}${annotationText('StatementEnd')}`;
  const indentation = indentationOf(text, start);
  return [
    opens
      ? { span: { start: before.start, end: before.start }, text: begin }
      : { span: before, text: `${newline}${begin}` },
    {
      span: { start: end, end: end + blanks },
      text: closes ? closing : `${closing}${newline}${indentation}`,
    },
  ];
}

/** The end of the line's comment after `offset`, or `offset` when something else follows. */
function endWithComment(text: string, offset: number): number {
  const end = lineEnd(text, offset);
  return isCommentLine(text.slice(offset, end)) ? end : offset;
}
