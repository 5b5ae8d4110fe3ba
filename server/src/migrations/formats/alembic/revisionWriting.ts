import { importedAs, type Place, placesOf } from '../../../python/place.ts';
import type { Span } from '../../../sql/span.ts';
import type { ParsedStatement, Statement } from '../../../sql/statement.ts';
import type { Allocate, Change, FileEdits, NewMigration } from '../../change.ts';
import { applyEdits, combinedEdits, type Edit } from '../../edits.ts';
import { type MigrationFile, type Script, statementsOf } from '../../migration.ts';
import { indentationOf, lineEnd, lineStart, newlineOf, nextLine, startsItsLine } from '../../textLines.ts';
import { type Form, formOf } from './callForms.ts';
import { idEdits, parentEdits, renamedWithId } from './declarationEdits.ts';
import { type CallSite, LoweredStatement } from './loweredStatement.ts';
import { type Heads, headsAfter, newRevision } from './newRevision.ts';
import { type PlannedCall, type PlannedStatement, scriptsOf, sentBy, wantedOf } from './plannedCalls.ts';
import { dedented, executed, functionNamed, indented } from './pythonSource.ts';
import { quoteOf, revisionId, tupleOf } from './revisionValues.ts';
import { saidBy, saidByParsed } from './sameSql.ts';
import { isOpen } from './sqlText.ts';
import type { WritingContext } from './writingContext.ts';

/**
 * Writes changes into a revision, as Python. What came of it is read again: it is given only if the file then says just
 * what was wanted, statement by statement. Undefined where it cannot be written.
 */
export function writeRevision(
  changes: readonly Change[],
  file: MigrationFile,
  files: readonly MigrationFile[],
  allocate: Allocate,
  context: WritingContext,
): FileEdits | undefined {
  const writer = new RevisionWriter(file, files, allocate, context);
  return changes.every((change) => writer.add(change)) ? writer.finish() : undefined;
}

class RevisionWriter {
  private readonly edits: Edit[] = [];
  private readonly creates: { path: string; text: string }[] = [];
  private readonly renames: { from: string; to: string }[] = [];
  private readonly calls = new Map<CallSite, PlannedCall>();
  private readonly forms = new Map<PlannedCall, Form>();
  private readonly downComments: string[] = [];
  private readonly downFirst: { readonly sql: string; readonly isOut: boolean }[] = [];
  private readonly removed: Place[] = [];
  private readonly taken: Set<string>;
  private readonly takenPaths: Set<string>;
  private heads: Heads;
  private readonly file: MigrationFile;
  private readonly allocate: Allocate;
  private readonly context: WritingContext;
  private readonly text: string;
  private readonly op: string | undefined;

  constructor(
    file: MigrationFile,
    files: readonly MigrationFile[],
    allocate: Allocate,
    context: WritingContext,
  ) {
    this.file = file;
    this.allocate = allocate;
    this.context = context;
    this.text = file.text;
    this.op = importedAs(context.module, 'alembic.op');
    this.taken = new Set(files.flatMap(({ revision }) => revision?.id ?? []));
    this.takenPaths = new Set(files.map(({ path }) => path));
    this.heads = headsAfter(file, files);
  }

  /** Takes up a change; false where it cannot be written. */
  add(change: Change): boolean {
    switch (change.kind) {
      case 'insertClause': {
        const { text: sql } = change.statement.parsed;
        const before = change.offset > 0 && /[^\s(]/.test(sql[change.offset - 1] ?? '') ? ' ' : '';
        const after = change.offset < sql.length && /[^\s,);]/.test(sql[change.offset] ?? '') ? ' ' : '';
        const span = { start: change.offset, end: change.offset };
        return this.plan(change.statement, ({ parts }) =>
          parts.push({ span, text: before + change.text + after }),
        );
      }
      case 'replaceStatement': {
        const { length } = change.statement.parsed.text;
        const span = change.span ?? { start: 0, end: length };
        return this.plan(change.statement, ({ parts }) => parts.push({ span, text: change.text }));
      }
      case 'insertBefore':
        return this.plan(change.statement, ({ before }) => before.push(change.text));
      case 'insertAfter':
        return this.plan(change.statement, ({ after }) => after.push(change.text));
      case 'removeStatement':
        return this.remove(change.statement);
      case 'setTransactional':
        return change.statements.every((statement) => {
          const planned = this.callOf(statement);
          if (planned !== undefined) planned.optsOut = true;
          return planned !== undefined;
        });
      case 'moveToNewMigration': {
        const comments = change.statements.flatMap((statement) => this.ownComments(statement));
        return (
          change.statements.every((statement) => this.remove(statement)) &&
          this.create(change.migration, comments)
        );
      }
      case 'newMigration':
        return this.create(change.migration, []);
      case 'headComment':
        this.insert(this.head(), `${change.lines.map((line) => `# ${line}`).join('\n')}\n`);
        return true;
      case 'prependToDown':
        for (const sql of change.statements) this.downFirst.push({ sql, isOut: change.outside === true });
        return true;
      case 'downComment':
        this.downComments.push(...change.lines);
        return true;
      case 'editText':
        this.edit(change.span, change.text);
        return true;
      case 'setParents':
        this.edits.push(...parentEdits(this.file, change.parents));
        return true;
      case 'setDependencies': {
        const span = this.file.revisionSpans?.dependsOn;
        if (span === undefined) return false;
        this.edit(span, tupleOf(change.dependencies, quoteOf(this.file)));
        return true;
      }
      case 'newRevisionId': {
        const seed = `${this.file.path} ${this.allocate.now().toISOString()}`;
        const id = revisionId(seed, this.taken);
        this.edits.push(...idEdits(this.file, id));
        this.renames.push(...renamedWithId(this.file, id));
        return true;
      }
      case 'optIn':
      case 'renumberFile':
      case 'renameFile':
        return false;
    }
  }

  /** What the changes come to; undefined where that cannot be written, or would say something else. */
  finish(): FileEdits | undefined {
    if (this.creates.length > 0 && [...this.calls.keys()].some((site) => this.isGuarded(site)))
      return undefined;
    for (const call of this.calls.values()) if (!this.writeCall(call)) return undefined;
    if (this.downComments.length > 0 && !this.commentDown()) return undefined;
    if (this.downFirst.length > 0 && !this.writeDown()) return undefined;
    this.writeRemoved(this.removed);
    const edits = combinedEdits(this.edits, this.text);
    if (!this.saysWhatIsWanted(edits)) return undefined;
    return {
      edits: edits.map(({ span, text }) => ({ path: this.file.path, span, newText: text })),
      creates: this.creates,
      renames: this.renames,
    };
  }

  /** Whether a call stands under a condition or in a `try`: a revision of its own would not have them. */
  private isGuarded({ span }: CallSite): boolean {
    const places = placesOf(this.context.module, span);
    return places.some(({ statement: { kind } }) => kind === 'if' || kind === 'try' || kind === 'while');
  }

  private edit(span: Span, text: string): void {
    this.edits.push({ span, text: text.replace(/\r?\n/g, newlineOf(this.text)) });
  }

  private insert(at: number, text: string): void {
    this.edit({ start: at, end: at }, text);
  }

  private callOf(statement: Statement): PlannedCall | undefined {
    if (!(statement instanceof LoweredStatement)) return undefined;
    const { site } = statement;
    const known = this.calls.get(site);
    if (known !== undefined) return known;
    const all = scriptsOf(this.file).flatMap((script) => sentBy(script, site));
    const statements = all.map((each) => ({
      statement: each,
      parts: [],
      removed: false,
      before: [],
      after: [],
    }));
    const planned: PlannedCall = { site, statements, optsOut: false };
    if (!all.includes(statement)) return undefined;
    this.calls.set(site, planned);
    return planned;
  }

  private plan(statement: Statement, change: (planned: PlannedStatement) => void): boolean {
    const planned = this.callOf(statement)?.statements.find((each) => each.statement === statement);
    if (planned !== undefined) change(planned);
    return planned !== undefined;
  }

  /** What runs only sometimes, or who knows how often, is not taken from where it is. */
  private remove(statement: Statement): boolean {
    if (statement instanceof LoweredStatement && statement.site.conditional) return false;
    return this.plan(statement, (planned) => {
      planned.removed = true;
    });
  }

  private create(migration: NewMigration, comments: readonly string[]): boolean {
    const { module, settings, read, parse } = this.context;
    const parents = migration.parents ?? this.heads;
    if (parents === undefined || this.file.revision === undefined) return false;
    if ([...migration.up, ...migration.down].some(isOpen)) return false;
    const made = newRevision(
      { ...migration, parents, comments },
      {
        file: this.file,
        module,
        settings,
        read,
        parse,
        taken: this.taken,
        takenPaths: this.takenPaths,
        now: this.allocate.now(),
      },
    );
    if (made === undefined) return false;
    this.taken.add(made.id);
    this.takenPaths.add(made.path);
    this.heads = [made.id];
    this.creates.push({ path: made.path, text: made.text.replace(/\r?\n/g, newlineOf(this.text)) });
    return true;
  }

  private writeCall(call: PlannedCall): boolean {
    const places = placesOf(this.context.module, call.site.span);
    const leaf = places.at(-1);
    const form = formOf(call, { file: this.file, context: this.context });
    if (leaf === undefined || form === undefined) return false;
    this.forms.set(call, form);
    const batch = call.site.directive?.batch;
    const around = batch && places.findLast(({ statement }) => isWithOf(statement, batch));
    if (batch !== undefined && around === undefined) return false;
    const before = call.statements[0]?.before ?? [];
    const after = call.statements.at(-1)?.after ?? [];
    return around === undefined
      ? this.writeAt(leaf, call, form, before, after)
      : this.writeInBatch(leaf, around, call, form, before, after);
  }

  private writeAt(
    leaf: Place,
    call: PlannedCall,
    form: Form,
    before: readonly string[],
    after: readonly string[],
  ): boolean {
    const { span } = leaf.statement;
    const whole = isOwn(leaf, call.site) && this.hasItsLines(span);
    if (form.kind === 'edited' && !call.optsOut) {
      for (const { span: at, text } of form.edits) this.edit(at, text);
      if (before.length + after.length === 0) return true;
      return this.hasItsLines(span) && this.around(leaf, this.executes(before), this.executes(after));
    }
    if (form.kind === 'removed') {
      const instead = [...before, ...after];
      if (!whole) return false;
      if (instead.length > 0) this.edit(span, this.lines(this.executes(instead), span.start));
      else this.removed.push(leaf);
      return true;
    }
    const source = form.kind === 'replaced' ? this.executes(form.sql) : [this.sourceOf(span, form.edits)];
    if (form.kind === 'replaced' ? !whole : !this.hasItsLines(span)) return false;
    const all = [...this.executes(before), ...source, ...this.executes(after)];
    if (all.includes(undefined)) return false;
    this.edit(span, this.lines(call.optsOut ? this.outside(all, leaf) : all, span.start));
    return true;
  }

  /** What a batch sends it sends at its end: statements of SQL come before or behind it. */
  private writeInBatch(
    leaf: Place,
    around: Place,
    call: PlannedCall,
    form: Form,
    before: readonly string[],
    after: readonly string[],
  ): boolean {
    const [first, last] = [leaf.body[0] === leaf.statement, leaf.body.at(-1) === leaf.statement];
    if (!this.hasItsLines(around.statement.span) || !isOwn(leaf, call.site)) return false;
    const isOut = call.optsOut || form.kind === 'replaced';
    if (!isOut) {
      if ((before.length > 0 && !first) || (after.length > 0 && !last)) return false;
      if (form.kind === 'removed') this.removed.push(leaf);
      else for (const { span, text } of form.edits) this.edit(span, text);
      return this.around(around, this.executes(before), this.executes(after));
    }
    if (!first && !last) return false;
    this.removed.push(leaf);
    const sql = [
      ...before,
      ...call.statements.flatMap(({ removed, ...each }) => (removed ? [] : wantedOf(each))),
      ...after,
    ];
    const written = this.executes(sql);
    const lines = call.optsOut ? this.autocommitBlock(written) : written;
    return first ? this.around(around, lines, []) : !call.optsOut && this.around(around, [], lines);
  }

  private executes(sql: readonly string[]): (string | undefined)[] {
    return sql.map((each) =>
      this.op === undefined || isOpen(each) ? undefined : executed(each, this.op, quoteOf(this.file)),
    );
  }

  private autocommitBlock(lines: readonly (string | undefined)[]): (string | undefined)[] {
    const unit = this.indentation();
    const inside = lines.map((line) => line && unit + indented(line, unit, this.context.parse));
    return [this.op && `with ${this.op}.get_context().autocommit_block():`, ...inside];
  }

  /** Lines in an autocommit block: that directly above the statement in whose place they come, or one of their own. */
  private outside(lines: readonly (string | undefined)[], leaf: Place): readonly (string | undefined)[] {
    const block = this.autocommitBlock(lines);
    const above = leaf.body[leaf.body.indexOf(leaf.statement) - 1];
    if (above?.kind !== 'with' || above.items.length !== 1) return block;
    const [first] = above.body;
    const item = above.items[0]?.value.span;
    const isBlock =
      item !== undefined && /\.autocommit_block\(\)$/.test(this.text.slice(item.start, item.end));
    const inside = indentationOf(this.text, leaf.statement.span.start) + this.indentation();
    const continues =
      first !== undefined &&
      startsItsLine(this.text, first.span.start) &&
      indentationOf(this.text, first.span.start) === inside;
    return isBlock && continues ? block.slice(1) : block;
  }

  /** Lines from a place on that is indented. */
  private lines(lines: readonly (string | undefined)[], at: number): string {
    const indentation = indentationOf(this.text, at);
    return lines.map((line = '') => indented(line, indentation, this.context.parse)).join(`\n${indentation}`);
  }

  /** The source of a statement with edits, its lines indented as if it began its line. */
  private sourceOf({ start, end }: Span, edits: readonly Edit[]): string {
    const indentation = indentationOf(this.text, start);
    const inside = combinedEdits(edits, this.text).map(({ span, text }) => ({
      span: { start: span.start - start, end: span.end - start },
      text,
    }));
    return dedented(applyEdits(this.text.slice(start, end), inside), indentation, this.context.parse);
  }

  /** Puts lines before and after a statement. */
  private around(
    { statement: { span } }: Place,
    before: readonly (string | undefined)[],
    after: readonly (string | undefined)[],
  ): boolean {
    if ([...before, ...after].includes(undefined)) return false;
    const indentation = indentationOf(this.text, span.start);
    if (before.length > 0) {
      this.insert(this.aboveComments(span.start), `${indentation}${this.lines(before, span.start)}\n`);
    }
    if (after.length > 0) {
      this.insert(lineEnd(this.text, span.end), `\n${indentation}${this.lines(after, span.start)}`);
    }
    return true;
  }

  /** Whether nothing else stands on the lines of a statement, but for a comment. */
  private hasItsLines({ start, end: whole }: Span): boolean {
    const end =
      whole - (this.text.slice(start, whole).length - this.text.slice(start, whole).trimEnd().length);
    const rest = this.text.slice(end, lineEnd(this.text, end));
    return startsItsLine(this.text, start) && /^\s*(?:#.*)?$/.test(rest);
  }

  /** Takes statements out; a body that would be left empty passes, a batch goes as a whole. */
  private writeRemoved(places: readonly Place[]): void {
    for (const body of new Set(places.map((each) => each.body))) {
      const own = places.filter((each) => each.body === body);
      const left = body.some(
        (statement) => !isDocstring(statement) && !own.some((each) => each.statement === statement),
      );
      const [first] = own;
      if (left || first === undefined) {
        for (const { statement } of own) this.edit(this.removedSpan(statement.span), '');
        continue;
      }
      const around = placesOf(this.context.module, first.statement.span).at(-2);
      if (around?.statement.kind === 'with') {
        this.writeRemoved([around]);
        continue;
      }
      for (const { statement } of own.slice(1)) this.edit(this.removedSpan(statement.span), '');
      this.edit(first.statement.span, 'pass');
    }
  }

  /** The statement's lines with the comment that is its own, and one of two empty lines that would meet. */
  private removedSpan({ start, end }: Span): Span {
    const below = nextLine(this.text, end);
    const following = this.text.slice(below, lineEnd(this.text, below)).trim();
    const isOwn = following === '' || following.startsWith('#');
    const from = isOwn ? this.aboveComments(start) : lineStart(this.text, start);
    const above = from === 0 ? '' : this.text.slice(lineStart(this.text, from - 1), from).trim();
    const meet = above === '' && following === '' && below < this.text.length;
    return { start: from, end: meet ? nextLine(this.text, below) : below };
  }

  private aboveComments(offset: number): number {
    let start = lineStart(this.text, offset);
    while (start > 0) {
      const above = lineStart(this.text, start - 1);
      if (!this.context.module.comments.some((each) => startsWith(this.text, above, each))) break;
      start = above;
    }
    return start;
  }

  /** The comment that moves along with a statement. */
  private ownComments(statement: Statement): readonly string[] {
    const place = placesOf(this.context.module, statement.span).at(-1);
    if (place === undefined || !this.hasItsLines(place.statement.span)) return [];
    const { start } = place.statement.span;
    const above = this.text.slice(this.removedSpan(place.statement.span).start, lineStart(this.text, start));
    return above
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  /** Where there is no downgrade() yet, the comment is written with it. */
  private commentDown(): boolean {
    const down = functionNamed(this.context.module, 'downgrade');
    if (down === undefined) return this.downFirst.length > 0;
    const first = down?.body.find((statement) => !isDocstring(statement)) ?? down?.body.at(-1);
    if (first === undefined || !startsItsLine(this.text, first.span.start)) return false;
    const indentation = indentationOf(this.text, first.span.start);
    const comment = this.downComments.map((line) => `${indentation}# ${line}\n`).join('');
    this.insert(lineStart(this.text, first.span.start), comment);
    return true;
  }

  private writeDown(): boolean {
    const sql = this.executes(this.downFirst.map((each) => each.sql));
    const isOut = this.downFirst.some((each) => each.isOut);
    const written = isOut ? this.autocommitBlock(sql) : sql;
    if (written.includes(undefined)) return false;
    const down = functionNamed(this.context.module, 'downgrade');
    if (down === undefined) {
      const head = /^def upgrade(\(.*)$/m.exec(this.text)?.[1] ?? '():';
      const unit = this.indentation();
      const body = [...this.downComments.map((line) => `# ${line}`), ...written]
        .map((line = '') => unit + indented(line, unit, this.context.parse))
        .join('\n');
      const opened = this.text.endsWith('\n') ? '' : '\n';
      this.insert(this.text.length, `${opened}\n\ndef downgrade${head}\n${body}\n`);
      return true;
    }
    const first = down.body.find((statement) => !isDocstring(statement));
    const last = down.body.at(-1);
    if (first === undefined) {
      return last !== undefined && this.around({ statement: last, body: down.body }, [], written);
    }
    if (!this.hasItsLines(first.span)) {
      if (first.kind !== 'pass') return false;
      const unit = indentationOf(this.text, first.span.start) + this.indentation();
      const start = this.text.slice(0, first.span.start).trimEnd().length;
      const body = written
        .map((line = '') => `\n${unit}${indented(line, unit, this.context.parse)}`)
        .join('');
      this.edit({ start, end: first.span.end }, body);
      return true;
    }
    if (first.kind === 'pass' && down.body.at(-1) === first) {
      this.edit(first.span, this.lines(written, first.span.start));
      return true;
    }
    return this.around({ statement: first, body: down.body }, written, []);
  }

  /** One step of indentation, as the file has it. */
  private indentation(): string {
    const first = functionNamed(this.context.module, 'upgrade')?.body[0];
    const own = first === undefined ? '' : indentationOf(this.text, first.span.start);
    return own === '' ? '    ' : own;
  }

  /** Behind the comments that the file begins with: what Python and the system read, and those of rewrites before. */
  private head(): number {
    const comments = /^(?:#.*\r?\n)*/.exec(this.text)?.[0] ?? '';
    return comments.length;
  }

  /**
   * Whether the new text says what the changes want, and nothing else that cannot be seen. Calls that no edit touches
   * are left out of it: to read all of a long file again for each fix in it would take minutes.
   */
  private saysWhatIsWanted(edits: readonly Edit[]): boolean {
    if (edits.length === 0) return true;
    const { module, read, parse } = this.context;
    const untouched = this.untouched(edits);
    const text = applyEdits(
      this.text,
      combinedEdits([...edits, ...untouched.map((span) => ({ span, text: 'None' }))], this.text),
    );
    const now = read({ path: this.file.path, text });
    if (parse(text).errors.length > module.errors.length) return false;
    const unseen = (file: MigrationFile) =>
      file.problems.filter(({ rule }) => rule === 'alembic-dynamic').length;
    if (unseen(now) > unseen(this.file)) return false;
    const leftOut = new Set(untouched.map(({ start }) => start));
    const up = this.wantedOf(this.file.up, leftOut);
    const down = [
      ...this.downFirst.map(({ sql, isOut }) => spoken(sql, isOut)),
      ...(this.file.down === undefined ? [] : this.wantedOf(this.file.down, leftOut)),
    ];
    return isSame(up, now.up) && isSame(down, now.down);
  }

  /**
   * The calls for which it makes no difference to the others whether they are there: each a statement of its own in
   * upgrade() or downgrade(), understood as a whole.
   */
  private untouched(edits: readonly Edit[]): readonly Span[] {
    const calls = new Map<number, number>();
    for (const script of scriptsOf(this.file)) {
      for (const statement of statementsOf(script)) {
        if (statement instanceof LoweredStatement && !this.calls.has(statement.site)) {
          calls.set(statement.site.span.start, statement.site.span.end);
        }
      }
    }
    const { problems } = this.file;
    const meets =
      ({ start, end }: Span) =>
      (other: Span) =>
        start <= other.end && other.start <= end;
    return ['upgrade', 'downgrade']
      .flatMap((name) => functionNamed(this.context.module, name)?.body ?? [])
      .flatMap((statement) => (statement.kind === 'expression' ? statement.value.span : []))
      .filter(({ start, end }) => calls.get(start) === end)
      .filter((span) => !edits.some((edit) => meets(span)(edit.span)))
      .filter((span) => !problems.some((problem) => meets(span)(problem.span)));
  }

  /** What a script is to say, statement by statement, without the calls that begin at one of these places. */
  private wantedOf(script: Script, leftOut: ReadonlySet<number>): readonly string[] {
    return script.units.flatMap(({ mode, queries }) =>
      queries.flatMap(({ statements }) =>
        statements.flatMap((statement): readonly string[] => {
          if (!(statement instanceof LoweredStatement) || leftOut.has(statement.site.span.start)) return [];
          const call = this.calls.get(statement.site);
          const planned = call?.statements.find((each) => each.statement === statement);
          if (call !== undefined && planned !== undefined) {
            const isOut = mode !== 'transaction' || call.optsOut;
            const own = planned.removed ? [] : [wantedOf(planned)];
            return [...planned.before, ...own, ...planned.after].map((sql) => spoken(sql, isOut));
          }
          return this.wantedElsewhere(statement, mode !== 'transaction', script);
        }),
      ),
    );
  }

  /** What a statement is to say that comes of the same call, gone through another time. */
  private wantedElsewhere(statement: LoweredStatement, isOut: boolean, script: Script): readonly string[] {
    const { site, parsed } = statement;
    const call = [...this.calls.values()].find((each) => each.site.span.start === site.span.start);
    const form = call && this.forms.get(call);
    if (call === undefined || form === undefined) return [spoken(parsed, isOut)];
    const out = isOut || call.optsOut;
    // Only arguments that are edited may come to the right SQL each time; else it has to stay as it is.
    if (form.kind !== 'edited' || form.apply === undefined || site.directive === undefined) {
      return [spoken(parsed, out)];
    }
    if (sentBy(script, site)[0] !== statement) return [];
    const { call: called, lower } = site.directive;
    return lower(form.apply(called)).map((sql) => spoken(sql, out));
  }
}

/** What a statement says, and whether outside of the transaction. */
function spoken(sql: string | ParsedStatement, isOut: boolean): string {
  return `${isOut} ${typeof sql === 'string' ? saidBy(sql) : saidByParsed(sql)}`;
}

function isSame(wanted: readonly string[], script: Script | undefined): boolean {
  const found = (script?.units ?? []).flatMap(({ mode, queries }) =>
    queries.flatMap(({ statements }) =>
      statements.map(({ parsed }) => spoken(parsed, mode !== 'transaction')),
    ),
  );
  return found.length === wanted.length && found.every((each, i) => each === wanted[i]);
}

/** Whether a statement is the call and nothing else. */
function isOwn({ statement }: Place, { span }: CallSite): boolean {
  return (
    statement.kind === 'expression' &&
    statement.value.kind === 'call' &&
    statement.value.span.start === span.start &&
    statement.value.span.end === span.end
  );
}

function isWithOf(statement: Place['statement'], { start, end }: Span): boolean {
  return (
    statement.kind === 'with' &&
    statement.items.some(({ value }) => value.span.start === start && value.span.end === end)
  );
}

function isDocstring(statement: Place['statement']): boolean {
  return statement.kind === 'expression' && statement.value.kind === 'string';
}

function startsWith(text: string, line: number, comment: Span): boolean {
  return comment.start >= line && comment.start < lineEnd(text, line) && startsItsLine(text, comment.start);
}
