import type { Node, ObjectType } from '@pgsql/types';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { findKeywords, statementHead } from '../sql/spans/statementHead.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { chosenIndexName } from './chosenIndexName.ts';

/** A clause that lets a statement run again, and where it goes: an offset in the statement's text. */
export interface ExistsClause {
  readonly offset: number;
  readonly text: string;
}

export const EXISTS_CLAUSE = {
  ifNotExists: 'IF NOT EXISTS',
  ifExists: 'IF EXISTS',
  orReplace: 'OR REPLACE',
} as const;

/**
 * The clauses that PostgreSQL has for this statement and that it lacks: IF [NOT] EXISTS or OR REPLACE. Empty when it
 * has them all, or when PostgreSQL has none for it. `postgresVersion` decides about CREATE OR REPLACE TRIGGER (14).
 */
export function existsClause(statement: ParsedStatement, postgresVersion = 14): readonly ExistsClause[] {
  const node = statement.node;
  if (node === undefined) return [];
  if ('AlterEnumStmt' in node) {
    const { newVal, oldVal, skipIfNewValExists } = node.AlterEnumStmt;
    const added = newVal !== undefined && oldVal === undefined && skipIfNewValExists !== true;
    const at = added ? findKeywords(statement, ['add', 'value'])?.end : undefined;
    return at === undefined ? [] : [{ offset: at, text: EXISTS_CLAUSE.ifNotExists }];
  }
  const commands = alterTableCommands(statement).flatMap(({ command, existsAt }): ExistsClause[] => {
    if (command.missing_ok) return [];
    // ADD ATTRIBUTE of a composite type has no such clause.
    const ofType = 'AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_TYPE';
    if (command.subtype === 'AT_AddColumn' && ofType) return [];
    if (command.subtype === 'AT_AddColumn') return [{ offset: existsAt, text: EXISTS_CLAUSE.ifNotExists }];
    return command.subtype === 'AT_DropColumn' || command.subtype === 'AT_DropConstraint'
      ? [{ offset: existsAt, text: EXISTS_CLAUSE.ifExists }]
      : [];
  });
  const clause = headClause(node, postgresVersion);
  const head = clause === undefined ? undefined : statementHead(statement);
  if (clause === undefined || head === undefined) return commands;
  const offset = clause === EXISTS_CLAUSE.orReplace ? head.verbEnd : head.existsAt;
  return [{ offset, text: clause }];
}

/**
 * The clauses with which the statement can run again, as they are to be written: IF NOT EXISTS wants a name, so an
 * index without one gets the name that PostgreSQL would have chosen. Empty when nothing is lacking or can be said.
 */
export function clausesToRunAgain(step: Step, postgresVersion?: number): readonly ExistsClause[] {
  const clauses = existsClause(step.statement, postgresVersion);
  if (!('IndexStmt' in step.node) || step.node.IndexStmt.idxname !== undefined) return clauses;
  const name = chosenIndexName(step);
  if (name === undefined) return [];
  return clauses.map(({ offset, text }) => ({ offset, text: `${text} ${quoteName(name)}` }));
}

/** A statement's text with clauses in it. */
export function withClauses(text: string, clauses: readonly ExistsClause[]): string {
  return [...clauses]
    .sort((a, b) => b.offset - a.offset)
    .reduce(
      (rest, { offset, text: clause }) => `${rest.slice(0, offset)} ${clause}${rest.slice(offset)}`,
      text,
    );
}

/** The clause that goes behind the statement's first words. Source: the synopsis of each command in the documentation. */
function headClause(node: Node, postgresVersion: number): string | undefined {
  const { ifNotExists, ifExists, orReplace } = EXISTS_CLAUSE;
  if ('CreateStmt' in node) {
    const temporary = node.CreateStmt.relation?.relpersistence === 't';
    return node.CreateStmt.if_not_exists || temporary ? undefined : ifNotExists;
  }
  if ('IndexStmt' in node) {
    return node.IndexStmt.if_not_exists ? undefined : ifNotExists;
  }
  if ('CreateTableAsStmt' in node) {
    const temporary = node.CreateTableAsStmt.into?.rel?.relpersistence === 't';
    return node.CreateTableAsStmt.if_not_exists || temporary ? undefined : ifNotExists;
  }
  if ('CreateForeignTableStmt' in node)
    return node.CreateForeignTableStmt.base?.if_not_exists ? undefined : ifNotExists;
  if ('CreateSeqStmt' in node) return node.CreateSeqStmt.if_not_exists ? undefined : ifNotExists;
  if ('CreateSchemaStmt' in node) return node.CreateSchemaStmt.if_not_exists ? undefined : ifNotExists;
  if ('CreateExtensionStmt' in node) return node.CreateExtensionStmt.if_not_exists ? undefined : ifNotExists;
  if ('CreateStatsStmt' in node) return node.CreateStatsStmt.if_not_exists ? undefined : ifNotExists;
  if ('ViewStmt' in node)
    return node.ViewStmt.replace || node.ViewStmt.view?.relpersistence === 't' ? undefined : orReplace;
  if ('CreateFunctionStmt' in node) return node.CreateFunctionStmt.replace ? undefined : orReplace;
  if ('RuleStmt' in node) return node.RuleStmt.replace ? undefined : orReplace;
  if ('CreateTrigStmt' in node) {
    const { replace, isconstraint } = node.CreateTrigStmt;
    return replace || isconstraint || postgresVersion < 14 ? undefined : orReplace;
  }
  if ('DropStmt' in node) {
    const dropped: ObjectType | undefined = node.DropStmt.removeType;
    return node.DropStmt.missing_ok || dropped === undefined ? undefined : ifExists;
  }
  return undefined;
}
