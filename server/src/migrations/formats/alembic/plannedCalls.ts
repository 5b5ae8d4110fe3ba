import { applyEdits, combinedEdits, type Edit } from '../../edits.ts';
import { type MigrationFile, type Script, statementsOf } from '../../migration.ts';
import { type CallSite, LoweredStatement } from './loweredStatement.ts';

/** What becomes of a statement. */
export interface PlannedStatement {
  readonly statement: LoweredStatement;
  /** In its own text. */
  readonly parts: Edit[];
  removed: boolean;
  /** SQL that comes directly before and after it. */
  readonly before: string[];
  readonly after: string[];
}

/** What becomes of a call, gone through once. */
export interface PlannedCall {
  readonly site: CallSite;
  /** All that it sends. */
  readonly statements: readonly PlannedStatement[];
  optsOut: boolean;
}

/** Whether something is to come between two statements of one call. */
export function hasInside(statements: readonly PlannedStatement[]): boolean {
  return statements.some(
    ({ before, after }, i) => (i > 0 && before.length > 0) || (i < statements.length - 1 && after.length > 0),
  );
}

/** The statement's text with its parts replaced. */
export function wantedOf({ statement, parts }: Pick<PlannedStatement, 'statement' | 'parts'>): string {
  const { text } = statement.parsed;
  return applyEdits(text, combinedEdits(parts, text));
}

/** A file's scripts. */
export function scriptsOf({ up, down }: MigrationFile): readonly Script[] {
  return down === undefined ? [up] : [up, down];
}

/** What one call sends. */
export function sentBy(script: Script, site: CallSite): readonly LoweredStatement[] {
  return statementsOf(script).flatMap((each) =>
    each instanceof LoweredStatement && each.site === site ? [each] : [],
  );
}
