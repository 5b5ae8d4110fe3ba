import { tokenize } from '../sql/lexer.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';
import type { Allocate, Change, FileEdits, NewMigration, TextEdit } from './change.ts';
import type { Direction, MigrationFile } from './migration.ts';
import { statementsOf } from './migration.ts';
import { nextVersion } from './nextVersion.ts';
import { baseNameOf, folderOf } from './paths.ts';
import { indentationOf, lineEnd, lineStart, newlineOf, nextLine, startsItsLine } from './textLines.ts';

/** What a format knows of its own files that the writing of SQL needs. */
export interface SqlWriting {
  /** A statement as it stands in a file, with all that ends or encloses it; lines end with `\n`. */
  write(sql: string): string;
  /** The block that encloses a statement, if it is in one. */
  blockOf(statement: Statement): Block | undefined;
  /** A comment that the tool takes for nothing else. */
  comment(lines: readonly string[]): string;
  /** A down section for a file that has none, with these statements; undefined where the tool knows no such section. */
  downSection(statements: readonly string[]): string | undefined;
  /** What opts the file out of its tool's transaction. */
  optOut(): readonly Change[];
  /** A new migration after all `files`, as one file or several. */
  create(
    migration: PlacedMigration,
    files: readonly MigrationFile[],
    now: Date,
  ): { readonly version: string; readonly files: readonly { baseName: string; text: string }[] };
  /** The changes that take back an opting out. */
  optIn(): readonly Change[];
  /** The name of the file that holds the other direction, where a migration is a pair of files. */
  otherHalf(baseName: string): readonly string[];
  /** Whether a line is a mark of the tool, no comment of a person's. */
  isMark(line: string): boolean;
}

/** Lines that enclose statements. */
export interface Block {
  /** From the start of its first line to the end of its last, without the line end. */
  readonly span: Span;
  readonly statements: readonly Statement[];
}

export interface Edit {
  /** In the document. */
  readonly span: Span;
  readonly text: string;
}

/** A new migration with the comments that move along. */
export interface PlacedMigration extends NewMigration {
  readonly comments: Readonly<Record<Direction, readonly string[]>>;
}

/** Whether changes can be written in files of SQL: those of a graph of revisions cannot. */
export function areWritableInSql(changes: readonly Change[]): boolean {
  return changes.every(({ kind }) => !/^(setParents|setDependencies|newRevisionId)$/.test(kind));
}

/** Writes changes of `file` as edits, new files and renames; `files` are all files of its history. */
export function writeChanges(
  changes: readonly Change[],
  file: MigrationFile,
  files: readonly MigrationFile[],
  allocate: Allocate,
  writing: SqlWriting,
): FileEdits {
  const writer = new Writer(file, files, allocate, writing);
  for (const change of changes) writer.add(change);
  return writer.finish();
}

/** `text` with edits that are in order and do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits) {
    result += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
  }
  return result + text.slice(at);
}

/** Where a file speaks of itself: its number in its own name, and in comments where nothing else is written so. */
function ownNumbers(text: string, baseName: string): readonly Span[] {
  const [number = ''] = /^\d+/.exec(baseName) ?? [];
  const stem = baseName.slice(number.length).replace(/(\.(up|down))?\.[a-z]+$/i, '');
  const isUnmistakable = number.startsWith('0') || number.length >= 8;
  const tokens = tokenize(text);
  const inComment = (at: number) => !tokens.some(({ start, end }) => start <= at && at < end);
  const spans: Span[] = [];
  for (let at = text.indexOf(number); at >= 0; at = text.indexOf(number, at + number.length)) {
    const end = at + number.length;
    if (/[\p{L}\p{N}_]/u.test(text[at - 1] ?? '')) continue;
    const named = text.startsWith(stem, end) && !/[\p{L}\p{N}_]/u.test(text[end + stem.length] ?? '');
    const alone = isUnmistakable && !/[\p{L}\p{N}_]/u.test(text[end] ?? '');
    if (named || (alone && inComment(at))) spans.push({ start: at, end });
  }
  return spans;
}

/** Lines as a SQL comment. */
export function sqlComment(lines: readonly string[]): string {
  return lines
    .flatMap((line) => line.split(/\r?\n/))
    .map((line) => `-- ${line}`)
    .join('\n');
}

class Writer {
  private readonly edits: Edit[] = [];
  private readonly creates: { path: string; text: string }[] = [];
  private readonly renames: { from: string; to: string }[] = [];
  /** The history with the files made so far. */
  private readonly files: MigrationFile[];
  private optsOut = false;
  /** Where statements end that had no semicolon, and get one. */
  private readonly ended = new Set<number>();
  private readonly file: MigrationFile;
  private readonly allocate: Allocate;
  private readonly writing: SqlWriting;
  private readonly text: string;
  private readonly newline: string;

  constructor(file: MigrationFile, files: readonly MigrationFile[], allocate: Allocate, writing: SqlWriting) {
    this.file = file;
    this.files = [...files];
    this.allocate = allocate;
    this.writing = writing;
    this.text = file.text;
    this.newline = newlineOf(file.text);
  }

  add(change: Change): void {
    switch (change.kind) {
      case 'insertClause':
        this.insertClause(change.statement, change.offset, change.text);
        return;
      case 'replaceStatement':
        this.replace(change.statement, change.span, change.text);
        return;
      case 'insertBefore':
        this.insertBefore(change.statement, change.text);
        return;
      case 'insertAfter':
        this.insertAfter(change.statement, change.text);
        return;
      case 'removeStatement':
        this.remove(change.statement);
        return;
      case 'setTransactional':
        if (!this.optsOut) for (const part of this.writing.optOut()) this.add(part);
        this.optsOut = true;
        return;
      case 'optIn':
        for (const part of this.writing.optIn()) this.add(part);
        return;
      case 'moveToNewMigration':
        this.move(change.statements, change.migration);
        return;
      case 'newMigration':
        this.create({ ...change.migration, comments: { up: [], down: [] } });
        return;
      case 'headComment':
        this.insert(this.head(), `${this.writing.comment(change.lines)}\n\n`);
        return;
      case 'prependToDown':
        this.prependToDown(change.statements);
        return;
      case 'downComment':
        if (this.file.down !== undefined) {
          this.insert(this.file.down.span.start, `${this.writing.comment(change.lines)}\n`);
        }
        return;
      case 'editText':
        this.edit(change.span, change.text);
        return;
      case 'renumberFile':
        this.renumber(nextVersion(this.files, this.allocate.now(), 'timestamp'));
        return;
      case 'renameFile':
        this.rename(change.to);
    }
  }

  finish(): FileEdits {
    const edits = combinedEdits(this.edits, this.text).map(
      ({ span, text }): TextEdit => ({ path: this.file.path, span, newText: text }),
    );
    return { edits, creates: this.creates, renames: this.renames };
  }

  private rename(to: string, from = this.file.path): void {
    this.renames.push({ from, to: folderOf(from) + to });
  }

  /** The other half of a pair goes along. */
  private renumber(version: string): void {
    const baseName = baseNameOf(this.file.path);
    const halves = [baseName, ...this.writing.otherHalf(baseName)];
    const present = new Set(this.files.map(({ path }) => path));
    for (const each of halves) {
      const from = folderOf(this.file.path) + each;
      if (present.has(from)) this.rename(each.replace(/^\d+/, version), from);
    }
    for (const span of ownNumbers(this.text, baseName)) this.edit(span, version);
  }

  private edit(span: Span, text: string): void {
    this.edits.push({ span, text: text.replace(/\r?\n/g, this.newline) });
  }

  private insert(at: number, text: string): void {
    this.edit({ start: at, end: at }, text);
  }

  private insertClause(statement: Statement, offset: number, text: string): void {
    const { text: sql } = statement.parsed;
    const before = offset > 0 && /[^\s(]/.test(sql[offset - 1] ?? '') ? ' ' : '';
    const after = offset < sql.length && /[^\s,);]/.test(sql[offset] ?? '') ? ' ' : '';
    this.replace(statement, { start: offset, end: offset }, before + text + after);
  }

  private replace(statement: Statement, span: Span | undefined, text: string): void {
    const { text: sql } = statement.parsed;
    const part = span ?? { start: 0, end: sql.length };
    const result = sql.slice(0, part.start) + text + sql.slice(part.end);
    const mayNeedBlock = /[\n;]/.test(text) || span === undefined;
    const written = mayNeedBlock ? this.writing.write(result) : '';
    if (!mayNeedBlock || written === `${result};` || this.writing.blockOf(statement) !== undefined) {
      const start = statement.toDocument(part.start);
      const end = part.end === part.start ? start : statement.toDocument(part.end);
      this.edit({ start, end }, text);
      return;
    }
    const { start } = statement.span;
    const end = statement.terminatedEnd;
    const opens = startsItsLine(this.text, start);
    const blanks = this.blanksAfter(end);
    const closes = end + blanks === lineEnd(this.text, end);
    this.edit(
      {
        start: opens ? lineStart(this.text, start) : this.text.slice(0, start).trimEnd().length,
        end: end + blanks,
      },
      `${opens ? '' : '\n'}${written}${closes ? '' : '\n'}`,
    );
  }

  private insertBefore(statement: Statement, sql: string): void {
    const block = this.writing.blockOf(statement);
    if (block !== undefined && block.statements[0]?.span.start !== statement.span.start) {
      this.insert(statement.span.start, `${sql};\n${indentationOf(this.text, statement.span.start)}`);
      return;
    }
    const start = block?.span.start ?? statement.span.start;
    if (startsItsLine(this.text, start)) {
      const at = this.aboveComments(start);
      this.insert(at, `${this.indented(sql, start)}\n`);
      return;
    }
    this.edit({ start: this.text.slice(0, start).trimEnd().length, end: start }, '');
    this.insert(start, `\n${this.indented(sql, start)}\n${indentationOf(this.text, start)}`);
  }

  /** Behind the comments that the file begins with and that an empty line closes: those of rewrites before, too. */
  private head(): number {
    let at = 0;
    for (;;) {
      const [block] = /^(?:[ \t]*--.*\r?\n)+[ \t]*\r?\n/.exec(this.text.slice(at)) ?? [];
      if (block === undefined || block.split(/\r?\n/).some((line) => this.writing.isMark(line))) return at;
      at += block.length;
    }
  }

  private prependToDown(statements: readonly string[]): void {
    const { down } = this.file;
    const [first] = down === undefined ? [] : statementsOf(down);
    if (first !== undefined) {
      for (const sql of statements) this.insertBefore(first, sql);
      return;
    }
    const at = down?.span.end ?? this.text.length;
    const section =
      down === undefined
        ? this.writing.downSection(statements)
        : statements.map((sql) => this.writing.write(sql)).join('\n');
    if (section === undefined) {
      this.createDownHalf(statements);
      return;
    }
    const opened = this.text.slice(0, at).endsWith('\n') ? '' : '\n';
    this.insert(at, `${opened}${down === undefined ? '\n' : ''}${section}\n`);
  }

  /** Where the two directions are files of their own. */
  private createDownHalf(statements: readonly string[]): void {
    const folder = folderOf(this.file.path);
    const present = new Set(this.files.map(({ path }) => path));
    for (const baseName of this.writing.otherHalf(baseNameOf(this.file.path))) {
      const path = folder + baseName;
      if (present.has(path)) continue;
      const text = `${statements.map((sql) => this.writing.write(sql)).join('\n')}\n`;
      this.creates.push({ path, text: text.replace(/\r?\n/g, this.newline) });
    }
  }

  private insertAfter(statement: Statement, sql: string): void {
    const block = this.writing.blockOf(statement);
    const within = block !== undefined && block.statements.at(-1)?.span.start !== statement.span.start;
    const { start, end } = statement.span;
    if ((block === undefined || within) && statement.terminatedEnd === end && !this.ended.has(end)) {
      this.ended.add(end);
      this.insert(end, ';');
    }
    const at = within || block === undefined ? this.afterComment(statement.terminatedEnd) : block.span.end;
    const written = within ? `${indentationOf(this.text, start)}${sql};` : this.indented(sql, start);
    const blanks = this.blanksAfter(at);
    if (at + blanks === lineEnd(this.text, at)) {
      this.insert(at, `\n${written}`);
      return;
    }
    this.insert(at, `\n${written}\n${indentationOf(this.text, start)}`);
    this.edit({ start: at, end: at + blanks }, '');
  }

  private remove(statement: Statement): void {
    this.edit(this.removedSpan(statement), '');
  }

  /**
   * What goes when the statement goes: its semicolon, its line's comment, its lines if nothing else is on them, the
   * comment that belongs to it, its block if it is alone in it, and one of two empty lines that would meet.
   */
  private removedSpan(statement: Statement): Span {
    const block = this.writing.blockOf(statement);
    const alone = block !== undefined && block.statements.length === 1;
    const start = alone ? block.span.start : statement.span.start;
    const end = alone ? block.span.end : this.afterComment(statement.terminatedEnd);
    const closes = this.text.slice(end, lineEnd(this.text, end)).trim() === '';
    const opens = startsItsLine(this.text, start);
    if (opens && closes)
      return this.withoutEmptyLine(this.aboveOwnComments(start, end), nextLine(this.text, end));
    if (opens) return { start, end: end + this.blanksAfter(end) };
    return { start: this.text.slice(0, start).trimEnd().length, end: statement.terminatedEnd };
  }

  private withoutEmptyLine(start: number, end: number): Span {
    const above = start === 0 || this.isEmptyOrMark(lineStart(this.text, start - 1));
    const below = nextLine(this.text, end);
    const empty = end < this.text.length && this.text.slice(end, lineEnd(this.text, end)).trim() === '';
    return { start, end: above && empty ? below : end };
  }

  private isEmptyOrMark(start: number): boolean {
    const line = this.text.slice(start, lineEnd(this.text, start));
    return line.trim() === '' || this.writing.isMark(line);
  }

  private move(statements: readonly Statement[], migration: NewMigration): void {
    const ups = new Set(statementsOf(this.file.up).map(({ span }) => span.start));
    const comments = { up: [] as string[], down: [] as string[] };
    for (const statement of statements) {
      const direction = ups.has(statement.span.start) ? 'up' : 'down';
      comments[direction].push(...this.ownComments(statement));
      this.remove(statement);
    }
    this.create({ ...migration, comments });
  }

  private create(migration: PlacedMigration): void {
    const made = this.writing.create(migration, this.files, this.allocate.now());
    const folder = folderOf(this.file.path);
    for (const { baseName, text } of made.files) {
      this.creates.push({ path: folder + baseName, text: text.replace(/\r?\n/g, this.newline) });
    }
    const path = folder + (made.files[0]?.baseName ?? '');
    this.files.push({ ...this.file, path, version: made.version.replace(/^0+(?=.)/, '') });
  }

  private ownComments(statement: Statement): string[] {
    const block = this.writing.blockOf(statement);
    const start = block?.statements.length === 1 ? block.span.start : statement.span.start;
    if (!startsItsLine(this.text, start)) return [];
    const line = lineStart(this.text, start);
    const above = this.text.slice(this.removedSpan(statement).start, line).split(/\r?\n/);
    return above.map((comment) => comment.trim()).filter((comment) => comment !== '');
  }

  /** How many blanks follow `offset` on its line. */
  private blanksAfter(offset: number): number {
    const rest = this.text.slice(offset, lineEnd(this.text, offset));
    return rest.length - rest.trimStart().length;
  }

  /** The start of the comment directly above the line of `offset`, or of that line itself. */
  private aboveComments(offset: number): number {
    let start = lineStart(this.text, offset);
    while (start > 0) {
      const above = this.commentLine(lineStart(this.text, start - 1));
      if (above === undefined) break;
      start = above;
    }
    return start;
  }

  /** The first line of the comment that the line at `start` is, or is the end of. */
  private commentLine(start: number): number | undefined {
    const end = lineEnd(this.text, start);
    const line = this.text.slice(start, end).trim();
    if (this.writing.isMark(line)) return undefined;
    if (line.startsWith('--')) return start;
    const open = line.endsWith('*/') ? this.text.lastIndexOf('/*', end) : -1;
    return open >= 0 && startsItsLine(this.text, open) ? lineStart(this.text, open) : undefined;
  }

  /** The same, but only where the comment is not the heading of more statements than this one. */
  private aboveOwnComments(start: number, end: number): number {
    const next = nextLine(this.text, end);
    const line = this.text.slice(next, lineEnd(this.text, next)).trim();
    const last = line === '' || line.startsWith('--') || this.writing.isMark(line);
    return last ? this.aboveComments(start) : lineStart(this.text, start);
  }

  /** The end of the comment on the same line after `offset`; `offset` where something else follows. */
  private afterComment(offset: number): number {
    const end = lineEnd(this.text, offset);
    return this.text.slice(offset, end).trimStart().startsWith('--') ? end : offset;
  }

  /** A statement on lines of its own, indented as the line of `offset` where it needs no marks. */
  private indented(sql: string, offset: number): string {
    const written = this.writing.write(sql);
    return written === `${sql};` ? indentationOf(this.text, offset) + written : written;
  }
}

/**
 * Edits in order, none overlapping: what lies in text that another edit takes away is dropped. Insertions at one place
 * all stand, in the order given: a statement may have to come twice.
 */
export function combinedEdits(edits: readonly Edit[], text: string): Edit[] {
  const ordered = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const result: Edit[] = [];
  for (const edit of ordered) {
    const last = result.at(-1);
    if (last === undefined || edit.span.start > last.span.end) {
      result.push(edit);
    } else if (edit.span.start === last.span.end) {
      result.splice(-1, 1, join(last, edit));
    } else if (edit.span.end > last.span.end) {
      const rest = { span: { start: last.span.end, end: edit.span.end }, text: edit.text };
      result.splice(-1, 1, join(last, rest));
    }
  }
  return result.filter(({ span, text: newText }) => text.slice(span.start, span.end) !== newText);
}

function join(a: Edit, b: Edit): Edit {
  return { span: { start: a.span.start, end: b.span.end }, text: a.text + b.text };
}
