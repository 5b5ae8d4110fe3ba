import { existence } from '../catalog/existence.ts';
import type { Change, Fix } from '../migrations/change.ts';
import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';
import { type ExistsClause, existsClause } from './existsClause.ts';

/** A statement that cannot run in a transaction block, and how it is written. */
export interface OutsideTransaction {
  /** "Add CONCURRENTLY": the beginning of each title. */
  readonly title: string;
  /**
   * What the statement becomes: clauses to insert, or other statements in its stead. With `again` it must be able to
   * run a second time, since a failure no longer takes it back.
   */
  form(
    again: boolean,
  ): { readonly clauses: readonly ExistsClause[] } | { readonly statements: readonly string[] };
  /** What clears away, in a migration of its own, what a failed run has left there. */
  readonly clears?: string;
  /** What undoes it, in that form. */
  readonly down: readonly string[];
  /** Statements of the other direction that undo it today and would have nothing left to undo. */
  readonly undoing: readonly Statement[];
  /** The new migration's name, where it gets one. */
  readonly name: string;
}

/**
 * The way to run a statement outside its tool's transaction: where it stands, when nothing holds it; the file opts
 * out, when it holds nothing else; else it moves into a migration of its own.
 */
export function runOutsideTransaction(site: Site, form: OutsideTransaction): readonly Fix[] {
  const { step, script } = site;
  if (step.nested) return [];
  const held =
    inTransactionBlock(step) || (step.placement.mode === 'oneQueryString' && step.placement.inCompany);
  if (!held) {
    const changes = inPlace(site, form.form(false));
    return changes.length === 0 ? [] : [{ title: form.title, grade: 'safe', changes }];
  }
  if (step.session.transaction === 'tool' && mayOptOut(site)) {
    const changes = [...inPlace(site, form.form(true)), ...otherRunsAgain(site), optingOut(site.statement)];
    return [{ title: `${form.title} and ${optsOut(site)}`, grade: 'safe', changes }];
  }
  if (script.direction !== 'up' || !canComeLast(site)) return [];
  const migration = {
    name: form.name,
    transactional: false,
    up: [
      ...(form.clears === undefined ? [] : [form.clears]),
      ...written(step.statement.text, form.form(true)),
    ],
    down: form.down,
  };
  return [
    {
      title: `${form.title} in a migration of its own`,
      grade: 'review',
      changes: [{ kind: 'moveToNewMigration', statements: [site.statement, ...form.undoing], migration }],
    },
  ];
}

/**
 * Whether the site's statement may leave its tool's transaction where it stands, and with it what undoes it. With its
 * file: that holds nothing but the two. By itself: nothing of the transaction stands above it, which would be committed
 * with it.
 */
export function mayOptOut(site: Site, undoing?: { readonly statement: Statement }): boolean {
  const { file, script, statement } = site;
  if (file.statementsOptOut !== true) return standsAlone(site);
  const other = script === file.up ? file.down : file.up;
  return (
    startsTransaction(file, script, statement) &&
    (undoing === undefined || other === undefined || startsTransaction(file, other, undoing.statement))
  );
}

/** Has the statement leave its tool's transaction. */
export function optingOut(statement: Statement): Change {
  return { kind: 'setTransactional', transactional: false, statements: [statement] };
}

/** The same in words, for a title. */
export function optsOut({ file }: Site): string {
  return file.statementsOptOut === true
    ? 'run it in an autocommit block'
    : 'opt the file out of its transaction';
}

function startsTransaction(file: MigrationFile, script: Script, statement: Statement): boolean {
  const unit = script.units.find(({ queries }) =>
    queries.some(({ statements }) => statements.includes(statement)),
  );
  const inUnit = unit?.queries.flatMap(({ statements }) => statements) ?? [];
  const { start } = statement.span;
  const other = script === file.up ? file.down?.span : file.up.span;
  const isAbove = ({ span }: { readonly span: Span }) =>
    span.start < start && !(other !== undefined && other.start <= span.start && span.end <= other.end);
  const unseen = file.problems.some((each) => each.rule === 'alembic-dynamic' && isAbove(each));
  return !unseen && inUnit.slice(0, inUnit.indexOf(statement)).every(isSetting);
}

/** SET of a session: nothing is lost when it is committed. */
export function isSetting({ parsed: { node } }: Statement): boolean {
  return node !== undefined && 'VariableSetStmt' in node && node.VariableSetStmt.is_local !== true;
}

/** Whether the file holds nothing but the site's statement and one that undoes it. */
function standsAlone({ file, script }: Site): boolean {
  return count(script) === 1 && count(script === file.up ? file.down : file.up) <= 1;
}

/**
 * Whether the statement would still do what it does here after all other migrations: what it makes is there at the end
 * as it made it, what it drops is not there again, what it needs is not gone.
 */
export function canComeLast({ step, file, end }: Site): boolean {
  const last = end();
  return step.mentions.every((mention) => {
    if (mention.role === 'makes') {
      const made = last.relations.get(mention.key);
      return made?.path === file.path && !(made.kind === 'index' && made.constraint !== undefined);
    }
    if ('DropStmt' in step.node) return existence(last, mention, step.session) !== 'there';
    return existence(last, mention, step.session) !== 'missing';
  });
}

type Form = ReturnType<OutsideTransaction['form']>;

function inPlace({ statement }: Site, form: Form): readonly Change[] {
  if ('clauses' in form) {
    return form.clauses.map((clause): Change => ({ kind: 'insertClause', statement, ...clause }));
  }
  const [first = '', ...rest] = form.statements;
  const after = rest.map((text): Change => ({ kind: 'insertAfter', statement, text }));
  return [{ kind: 'replaceStatement', statement, text: first }, ...after];
}

/** Where the file opts out, the other direction loses the transaction too: it gets what lets it run again. */
function otherRunsAgain({ script, file }: Site): readonly Change[] {
  if (file.statementsOptOut === true) return [];
  const other = script === file.up ? file.down : file.up;
  const statements = other === undefined ? [] : statementsOf(other);
  return statements.flatMap((statement) => {
    const { node } = statement.parsed;
    // IF NOT EXISTS wants a name.
    if (node !== undefined && 'IndexStmt' in node && node.IndexStmt.idxname === undefined) return [];
    return existsClause(statement.parsed).map(
      (clause): Change => ({ kind: 'insertClause', statement, ...clause }),
    );
  });
}

function written(text: string, form: Form): readonly string[] {
  if ('statements' in form) return form.statements;
  let out = text;
  for (const clause of [...form.clauses].sort((a, b) => b.offset - a.offset)) {
    out = `${out.slice(0, clause.offset).trimEnd()} ${clause.text} ${out.slice(clause.offset).trimStart()}`;
  }
  return [out];
}

function count(script: Script | undefined): number {
  return script === undefined ? 0 : statementsOf(script).length;
}
