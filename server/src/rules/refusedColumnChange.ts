import type { AlterTableCmd } from '@pgsql/types';
import { type Column, columnOf, displayName, type Table, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import type { StepReport } from './rule.ts';

/** Why PostgreSQL refuses a change of a column. */
interface Refusal {
  /** Goes on after the column's name. */
  readonly words: string;
  readonly code: string;
  /** What to do, as a sentence. */
  readonly cure: string;
}

/**
 * The changes of columns that an ALTER TABLE cannot make, whatever the rows (commands/tablecmds.c). Only what is
 * certain: a column of which the same statement changes more is left alone.
 */
export function* refusedColumnChanges(step: Step): Generator<StepReport> {
  if (!('AlterTableStmt' in step.node) || step.conditional || step.before.uncertain) return;
  const key = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  const table = tableOf(step.before, key);
  if (table === undefined) return;
  const commands = alterTableCommands(step.statement);
  for (const { command, span, name } of commands) {
    const column = columnOf(table, command.name ?? '');
    const isAlone = commands.every(
      ({ command: other }) =>
        other === command || (other.name !== command.name && other.subtype !== 'AT_DropConstraint'),
    );
    const refusal = column !== undefined && isAlone ? refusalOf(key, table, column, command) : undefined;
    if (column === undefined || refusal === undefined) continue;
    yield {
      span: name ?? span,
      message: `${column.name} ${refusal.words}.`,
      why: `PostgreSQL refuses it with SQLSTATE ${refusal.code}. ${refusal.cure}`,
    };
  }
}

function refusalOf(key: string, table: Table, column: Column, command: AlterTableCmd): Refusal | undefined {
  switch (command.subtype) {
    case 'AT_DropNotNull':
      return dropNotNull(table, column);
    case 'AT_ColumnDefault':
      return newDefault(column);
    case 'AT_AddIdentity':
      return addIdentity(column);
    case 'AT_SetIdentity':
    case 'AT_DropIdentity':
      return command.missing_ok ? undefined : identityChange(table, column);
    case 'AT_DropExpression':
      return command.missing_ok ? undefined : dropExpression(table, column);
    case 'AT_AlterColumnType':
    case 'AT_DropColumn':
      return inPartitionKey(key, table, column, command.subtype === 'AT_DropColumn');
    default:
      return undefined;
  }
}

/** ATExecDropNotNull. */
function dropNotNull({ constraints }: Table, { name, identity }: Column): Refusal | undefined {
  if (identity !== undefined) {
    return {
      words: 'cannot lose its NOT NULL: it is an identity column',
      code: '42601',
      cure: 'DROP IDENTITY before it, or leave the column as it is.',
    };
  }
  const key = constraints.find((each) => each.kind === 'primaryKey' && each.columns.includes(name));
  return key === undefined
    ? undefined
    : {
        words: `cannot lose its NOT NULL: it is in the primary key ${key.name}`,
        code: '42P16',
        cure: 'Drop the primary key before it, or leave the column as it is.',
      };
}

/** ATExecColumnDefault. */
function newDefault({ identity, generated }: Column): Refusal | undefined {
  if (identity === undefined && generated === undefined) return undefined;
  return {
    words: `has no default that could be changed: it is ${identity ? 'an identity' : 'a generated'} column`,
    code: '42601',
    cure: identity ? 'DROP IDENTITY before it.' : 'DROP EXPRESSION ends that its value is computed.',
  };
}

/** ATExecAddIdentity. */
function addIdentity({ identity, default: value, notNull }: Column): Refusal | undefined {
  const refused = (reason: string, cure: string): Refusal => ({
    words: `cannot become an identity column: it ${reason}`,
    code: '55000',
    cure,
  });
  if (identity !== undefined) return refused('is one already', 'SET GENERATED changes how.');
  if (value !== undefined) return refused('has a default', 'DROP DEFAULT before it.');
  return notNull === false ? refused('may be NULL', 'SET NOT NULL before it.') : undefined;
}

/** ATExecSetIdentity, ATExecDropIdentity. */
function identityChange(table: Table, { identity }: Column): Refusal | undefined {
  if (identity !== undefined || !isKnown(table)) return undefined;
  return { words: 'is no identity column', code: '55000', cure: 'ADD GENERATED … AS IDENTITY makes it one.' };
}

/** ATPrepDropExpression, ATExecDropExpression. */
function dropExpression(table: Table, { generated }: Column): Refusal | undefined {
  if (generated?.kind === 'stored' || !isKnown(table)) return undefined;
  return generated === undefined
    ? { words: 'is no generated column', code: '55000', cure: 'Leave the statement out.' }
    : {
        words: 'is computed when it is read: it has no values that could stay',
        code: '0A000',
        cure: 'Drop the column, and add it again as a plain one.',
      };
}

/** ATPrepAlterColumnType, ATExecDropColumn. */
function inPartitionKey(
  key: string,
  { partitionBy }: Table,
  column: Column,
  drops: boolean,
): Refusal | undefined {
  if (partitionBy?.columns.includes(column.name) !== true) return undefined;
  return {
    words: `${drops ? 'cannot be dropped' : 'cannot have another type'}: it is in the partition key of ${displayName(key)}`,
    code: '42P16',
    cure: 'Make a new partitioned table, and move the rows there.',
  };
}

/** Whether the history shows all that its columns are. */
function isKnown({ complete, path }: Table): boolean {
  return complete && path !== undefined;
}
