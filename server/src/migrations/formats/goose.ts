import { earlierText } from '../../sql/earlierText.ts';
import { changeBetween } from '../../sql/textChange.ts';
import type { Allocate, Change, FileEdits, TextEdit } from '../change.ts';
import { applyEdits, areWritableInSql, writeChanges } from '../edits.ts';
import type { MigrationFormat } from '../format.ts';
import { byVersion, inOneLine } from '../history.ts';
import type { Direction, FileContent, FileProblem, MigrationFile, Script, Unit } from '../migration.ts';
import { baseNameOf } from '../paths.ts';
import { closedFile, emptyScript } from '../unreadable.ts';
import { gooseFileNameProblem, isGoMigration, isGooseFileName, readGooseFileName } from './gooseFileName.ts';
import {
  type GooseLines,
  queriesOf,
  type ReadRegion,
  readGooseFile,
  readRegion,
  regionsOf,
  sectionsOf,
  statementsIn,
} from './gooseLayout.ts';
import { parseGoose } from './gooseLines.ts';
import { gooseProblems } from './gooseProblems.ts';
import { gooseWriting } from './gooseWriting.ts';

/** goose (github.com/pressly/goose), as its command line reads files: v3.27.3. */
export const gooseFormat: MigrationFormat = {
  tool: 'goose',
  claims: isGooseFileName,
  read: readGoose,
  order: (files) => inOneLine(byVersion(files)),
  writes: areWritableInSql,
  apply(
    changes: readonly Change[],
    file: MigrationFile,
    files: readonly MigrationFile[],
    allocate: Allocate,
  ): FileEdits {
    return acceptable(file, writeChanges(changes, file, files, allocate, gooseWriting(file)));
  },
};

/**
 * Edits after which goose still takes a file that it took before: what is left of a query may end in a comment that
 * hides its semicolon, and then the repair of that goes with them.
 */
function acceptable(file: MigrationFile, written: FileEdits): FileEdits {
  const { text, path } = file;
  let result = applyEdits(
    text,
    written.edits.map(({ span, newText }) => ({ span, text: newText })),
  );
  if (isAccepted(result) || !isAccepted(text)) return written;
  for (let rounds = 0; rounds < 4 && !isAccepted(result); rounds++) {
    const { problems } = readGoose({ path, text: result, byteOrderMark: false });
    const repair = problems.find(({ rule }) => rule === 'goose-unterminated')?.repair;
    const edits = repair?.changes.flatMap((change) => (change.kind === 'editText' ? [change] : [])) ?? [];
    result = applyEdits(result, edits);
  }
  return { ...written, edits: [difference(path, text, result)] };
}

function isAccepted(text: string): boolean {
  return parseGoose(text, 'up').error === undefined && parseGoose(text, 'down').error === undefined;
}

/** The one edit that makes `after` of `before`. */
function difference(path: string, before: string, after: string): TextEdit {
  const { start, endBefore, endAfter } = changeBetween(before, after);
  return { path, span: { start, end: endBefore }, newText: after.slice(start, endAfter) };
}

function readGoose(content: FileContent, previous?: MigrationFile): MigrationFile {
  const { path, text } = content;
  const baseName = baseNameOf(path);
  const { version, name } = readGooseFileName(baseName);
  const named = { tool: 'goose' as const, path, text, name };
  if (isGoMigration(baseName)) return goMigration({ ...named, version });
  const nameProblem = gooseFileNameProblem(path, baseName);
  const identity = { ...named, version: nameProblem === undefined ? version : undefined };
  const closed = closedFile(content);
  const known = nameProblem === undefined ? [] : [nameProblem];
  if (closed !== undefined) {
    const problems = [...known, closed];
    return { ...identity, up: emptyScript('up'), transactional: true, problems, opaque: true };
  }
  const file = readGooseFile(text);
  const earlier = earlierText(previous, text);
  const regions = regionsOf(file, text.length).map((region) => readRegion(text, region, earlier));
  const transactional = file.runs.up.useTransaction;
  const problems = [...known, ...byteOrderMark(content), ...gooseProblems(text, file, regions)];
  const sections = scripts(file, regions, text.length);
  return { ...identity, ...sections, transactional, problems, sql: regions, opaque: false };
}

function scripts(
  file: GooseLines,
  regions: readonly ReadRegion[],
  length: number,
): { up: Script; down?: Script } {
  const sections = sectionsOf(file, length);
  const script = (direction: Direction): Script => {
    const own = regions.filter((region) => region.direction === direction);
    const run = file.runs[direction];
    const queries = queriesOf(run, statementsIn(own));
    const span = (direction === 'up' ? sections.up : sections.down) ?? { start: length, end: length };
    return { direction, span, units: unitsOf(queries, run.useTransaction) };
  };
  return sections.down === undefined ? { up: script('up') } : { up: script('up'), down: script('down') };
}

/** One transaction per file and direction, or one query after the other. */
function unitsOf(queries: Unit['queries'], useTransaction: boolean): Unit[] {
  if (useTransaction) return queries.length === 0 ? [] : [{ mode: 'transaction', queries }];
  return queries.map((query) => ({
    mode: query.statements.length > 1 ? 'oneQueryString' : 'autocommit',
    queries: [query],
  }));
}

/** goose reads bytes: a byte order mark is text before the first annotation. */
function byteOrderMark({ text, byteOrderMark }: FileContent): FileProblem[] {
  const error = byteOrderMark ? parseGoose(`\ufeff${text}`, 'up').error : undefined;
  if (error === undefined) return [];
  const lineFeed = text.search(/\r?\n/);
  return [
    {
      rule: 'goose-annotation',
      message: error.replace(/, see https:\S+$/, ''),
      why: 'The file starts with a byte order mark, which editors do not show and goose does not skip: it refuses the file. Save it as UTF-8 without a byte order mark (in VS Code: "Save with Encoding", UTF-8).',
      span: { start: 0, end: lineFeed < 0 ? text.length : lineFeed },
    },
  ];
}

function goMigration(
  identity: Pick<MigrationFile, 'tool' | 'path' | 'text' | 'name' | 'version'>,
): MigrationFile {
  const problem: FileProblem = {
    rule: 'not-analysed',
    message: 'What this Go migration does to the schema is not known.',
    why: 'Skein reads SQL. Whatever this migration creates or drops is unknown to the checks of later files, which keep quiet where it could matter.',
    span: { start: 0, end: Math.max(0, identity.text.search(/\r?\n|$/)) },
    severity: 'information',
  };
  return { ...identity, up: emptyScript('up'), transactional: true, problems: [problem], opaque: true };
}
