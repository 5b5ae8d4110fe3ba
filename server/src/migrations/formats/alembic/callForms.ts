import type { CallValue } from '../../../python/value.ts';
import { stringEdits } from '../../../python/writtenString.ts';
import type { Span } from '../../../sql/span.ts';
import { applyEdits, combinedEdits, type Edit } from '../../edits.ts';
import { type MigrationFile, statementsOf } from '../../migration.ts';
import { indentationOf, startsItsLine } from '../../textLines.ts';
import { directiveSaying } from './directiveEdit.ts';
import { LoweredStatement } from './loweredStatement.ts';
import { hasInside, type PlannedCall, type PlannedStatement, scriptsOf, wantedOf } from './plannedCalls.ts';
import { withoutParameters } from './pythonSource.ts';
import { saidBy } from './sameSql.ts';
import { isOpen } from './sqlText.ts';
import type { WritingContext } from './writingContext.ts';

/** How a call is written anew. */
export type Form =
  | {
      readonly kind: 'edited';
      readonly edits: readonly Edit[];
      readonly apply?: (call: CallValue) => CallValue;
    }
  | { readonly kind: 'removed' }
  /** By statements of SQL. */
  | { readonly kind: 'replaced'; readonly sql: readonly string[] };

/** The file that is written, and what is known of it. */
interface Where {
  readonly file: MigrationFile;
  readonly context: WritingContext;
}

/** How the call is to be written: as it is but for its arguments or its string, or as SQL. */
export function formOf(call: PlannedCall, where: Where): Form | undefined {
  const { statements, site } = call;
  if (statements.every(({ removed }) => removed)) return { kind: 'removed' };
  const between = hasInside(statements);
  const kept = statements.every(({ removed, parts }) => !removed && parts.length === 0);
  if (kept && !between) return { kind: 'edited', edits: [] };
  const found = site.directive === undefined ? editedString(call, where) : editedArguments(call, where);
  if (found !== undefined) return { kind: 'edited', ...found };
  // A table is too much to be said in SQL.
  if (site.directive?.name === 'create_table') return undefined;
  if (statements.some(({ statement }) => isOpen(statement.parsed.text))) return undefined;
  const sql = statements.flatMap(({ before, after, ...each }, i) => [
    ...(i > 0 ? before : []),
    ...(each.removed ? [] : [wantedOf(each)]),
    ...(i < statements.length - 1 ? after : []),
  ]);
  return { kind: 'replaced', sql };
}

/** The arguments of a directive that say it: other ones, or the same with other strings. */
function editedArguments({ site: { directive }, statements }: PlannedCall, where: Where) {
  const between = hasInside(statements);
  if (directive === undefined || between) return undefined;
  const wanted = statements.flatMap((each) => (each.removed ? [] : [wantedOf(each)]));
  const { release } = where.context.settings;
  return directiveSaying(where.file.text, directive, wanted, release) ?? editedNames(statements, where);
}

/** Strings among the arguments, edited where the statements say what they say. */
function editedNames(
  statements: readonly PlannedStatement[],
  where: Where,
): { readonly edits: readonly Edit[] } | undefined {
  const edits: Edit[] = [];
  for (const { statement, parts, removed } of statements) {
    if (removed) return undefined;
    for (const { span, text } of parts) {
      // The quotes of a name are SQLAlchemy's to write.
      const { start, end } = span;
      const isQuoted = /^".*"$/s.test(statement.parsed.text.slice(start, end));
      const inner = isQuoted ? { start: start + 1, end: end - 1 } : span;
      const name = /^"(.*)"$/s.exec(text)?.[1]?.replaceAll('""', '"') ?? text;
      const own = stringEdits(where.context.module, statement.mapped, inner, name);
      if (own === undefined) return undefined;
      edits.push(...own);
    }
  }
  const now = where.context.read({
    path: where.file.path,
    text: applyEdits(where.file.text, combinedEdits(edits, where.file.text)),
  });
  const after = scriptsOf(now).flatMap((script) => statementsOf(script));
  const right = scriptsOf(where.file)
    .flatMap((script) => statementsOf(script))
    .every((each, i) => {
      const planned = statements.find(({ statement }) => statement === each);
      const wanted = planned === undefined ? each.parsed.text : wantedOf(planned);
      return saidBy(after[i]?.parsed.text ?? '') === saidBy(wanted);
    });
  return right ? { edits } : undefined;
}

/**
 * Edits of the string that holds the statements. What comes between them is a part of it only where all of it is one
 * transaction anyway.
 */
function editedString(call: PlannedCall, where: Where): { readonly edits: readonly Edit[] } | undefined {
  const { statements } = call;
  const between = hasInside(statements);
  if (between && !isTransactional(call, where.file)) return undefined;
  const edits: Edit[] = [];
  for (const [i, { statement, parts, before, removed }] of statements.entries()) {
    if (removed) {
      if (takesValues(statement, { start: 0, end: statement.parsed.text.length }, where)) return undefined;
      if (before.length + (statements[i - 1]?.after.length ?? 0) > 0) return undefined;
      const next = statements[i + 1]?.statement;
      const previous = statements[i - 1]?.statement;
      const span =
        next !== undefined
          ? { start: statement.toDocument(0), end: next.toDocument(0) }
          : { start: previous?.span.end ?? statement.span.start, end: statement.span.end };
      const { strings } = where.context.module;
      const inOne = strings.some((each) => each.start < span.start && span.end < each.end);
      if (!inOne || (next === undefined && previous === undefined)) return undefined;
      edits.push({ span, text: '' });
      continue;
    }
    const between = [...(statements[i - 1]?.after ?? []), ...(i === 0 ? [] : before)];
    const start = { start: 0, end: 0 };
    const inserted = between.map((sql) => ({
      span: start,
      text: beforeInString(sql, statement, where.file.text),
    }));
    for (const { span, text } of [...inserted, ...parts]) {
      if (isOpen(text) || takesValues(statement, span, where)) return undefined;
      const asText = statement.site.asItIs ? text : withoutParameters(text);
      const own = stringEdits(where.context.module, statement.mapped, span, asText);
      if (own === undefined) return undefined;
      edits.push(...own);
    }
  }
  return { edits };
}

/**
 * Whether a stretch of a statement has values put in from elsewhere: of fields, of parameters. Without it they would be
 * given for nothing, which `%` and bindparams() refuse.
 */
function takesValues({ mapped }: LoweredStatement, { start, end }: Span, { file }: Where): boolean {
  return mapped.pieces.some(
    ({ exact, origin, ...piece }) =>
      !exact &&
      piece.start < end &&
      start < piece.end &&
      !ESCAPE.test(file.text.slice(origin.start, origin.end)) &&
      !isOpenParameter(origin, file),
  );
}

/** Whether a place is a parameter that nothing gives a value. */
function isOpenParameter({ start, end }: Span, file: MigrationFile): boolean {
  return scriptsOf(file)
    .flatMap(({ obstacles = [] }) => obstacles)
    .some(
      ({ openParameter, span }) => openParameter !== undefined && span.start === start && span.end === end,
    );
}

/** What stands for a character of its own in a literal or a template. */
const ESCAPE = /^(?:\\|\r|%%|\{\{|\}\})/;

/** A statement of SQL before another one of the same string: on a line of its own where that has one. */
function beforeInString(sql: string, statement: LoweredStatement, text: string): string {
  const { start } = statement.span;
  return startsItsLine(text, start) ? `${sql};\n${indentationOf(text, start)}` : `${sql}; `;
}

/** Whether what a call sends belongs to its tool's transaction, and still will. */
function isTransactional({ site, optsOut }: PlannedCall, file: MigrationFile): boolean {
  const units = scriptsOf(file).flatMap((script) => script.units);
  const own = units.find(({ queries }) =>
    queries.some(({ statements }) =>
      statements.some((each) => each instanceof LoweredStatement && each.site === site),
    ),
  );
  return own?.mode === 'transaction' && !optsOut;
}
