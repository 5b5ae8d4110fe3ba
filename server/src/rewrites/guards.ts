import { objectKey, writtenName } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { quoteLiteral, quoteName } from '../sql/names.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';
import { withoutCommands } from './alterTableText.ts';
import { constraintName } from './constraintName.ts';
import { subjectsOf } from './down/subjects.ts';

/** A statement that runs only where a condition over the catalog of the database holds; the text has no `$guard$` in it. */
export function runIf(condition: string, text: string): string | undefined {
  const quote = ['$$', '$guard$'].find((each) => !text.includes(each));
  return quote && `DO ${quote} BEGIN IF ${condition} THEN ${text}; END IF; END ${quote}`;
}

/** Whether a constraint of this name is not on the table. Keys of the catalog. */
export function lacksConstraint(table: string, name: string): string {
  return `NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = ${regclass(table)} AND conname = ${quoteLiteral(name)})`;
}

/** What an ALTER TABLE becomes so that one of its constraints is added only where it is not there. */
export interface GuardedConstraint {
  /** What is left of the statement; undefined where nothing is. */
  readonly stays: string | undefined;
  readonly guarded: string;
}

/** ADD CONSTRAINT under its name, or that which PostgreSQL would choose; undefined where it cannot stand by itself. */
export function guardedConstraint(
  step: Step,
  table: string,
  spans: AlterTableCommandSpans,
): GuardedConstraint | undefined {
  const { def } = spans.command;
  if (def === undefined || !('Constraint' in def)) return undefined;
  const node = def.Constraint;
  const name = node.conname ?? node.indexname ?? constraintName(step, table, node);
  // The index takes the constraint's name, so a CREATE INDEX IF NOT EXISTS before it would make it again.
  const renamesIndex = node.indexname !== undefined && node.indexname !== name;
  const commands = alterTableCommands(step.statement);
  const spokenOf = commands.some((each) => each !== spans && each.command.name === name);
  const [first] = commands;
  if (name === undefined || first === undefined || renamesIndex || spokenOf) return undefined;
  const { text } = step.statement;
  const head = text.slice(0, first.span.start);
  const written = text.slice((spans.constraint ?? spans.span).start, spans.span.end);
  const constraint = node.conname === undefined ? `CONSTRAINT ${quoteName(name)} ${written}` : written;
  const guarded = runIf(lacksConstraint(table, name), `${head}ADD ${constraint}`);
  return guarded === undefined ? undefined : { stays: withoutCommands(step.statement, [spans]), guarded };
}

/** Whether a RENAME still has something to do: the old name is there, and the new one is not; undefined for kinds that cannot be asked for. */
export function renameIsDue(step: Step): string | undefined {
  const [subject] = subjectsOf(step);
  if ('AlterEnumStmt' in step.node && subject !== undefined) {
    const { oldVal = '' } = step.node.AlterEnumStmt;
    return `EXISTS (SELECT FROM pg_enum WHERE enumtypid = ${regtype(subject.key)} AND enumlabel = ${quoteLiteral(oldVal)})`;
  }
  if (!('RenameStmt' in step.node)) return undefined;
  const { renameType, subname, newname = '' } = step.node.RenameStmt;
  if (renameType === 'OBJECT_ROLE') {
    return subname && `EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(subname)})`;
  }
  if (renameType === 'OBJECT_SCHEMA') {
    return subname && `to_regnamespace(${quoteLiteral(quoteName(subname))}) IS NOT NULL`;
  }
  if (subject === undefined) return undefined;
  const { key, part = '' } = subject;
  const renamed = objectKey(objectKeyParts(key).schema, newname);
  const named = (catalog: string, owner: string, name: string): string =>
    `EXISTS (SELECT FROM ${catalog} WHERE ${owner} = ${regclass(key)} AND ${name} = ${quoteLiteral(part)})`;
  switch (renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
      return `${regclass(key)} IS NOT NULL AND ${regclass(renamed)} IS NULL`;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return `${regtype(key)} IS NOT NULL AND ${regtype(renamed)} IS NULL`;
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE':
      return `${named('pg_attribute', 'attrelid', 'attname').slice(0, -1)} AND NOT attisdropped)`;
    case 'OBJECT_TABCONSTRAINT':
      return named('pg_constraint', 'conrelid', 'conname');
    case 'OBJECT_TRIGGER':
      return named('pg_trigger', 'tgrelid', 'tgname');
    case 'OBJECT_POLICY':
      return named('pg_policy', 'polrelid', 'polname');
    case 'OBJECT_RULE':
      return named('pg_rewrite', 'ev_class', 'rulename');
    case 'OBJECT_DOMCONSTRAINT':
      return `EXISTS (SELECT FROM pg_constraint WHERE contypid = ${regtype(key)} AND conname = ${quoteLiteral(part)})`;
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return routineIsThere(step, key);
    default:
      return undefined;
  }
}

function routineIsThere(step: Step, key: string): string | undefined {
  if (!('RenameStmt' in step.node)) return undefined;
  const { object } = step.node.RenameStmt;
  const unspecified =
    object !== undefined && 'ObjectWithArgs' in object && object.ObjectWithArgs.args_unspecified;
  if (unspecified) return `to_regproc(${quoteLiteral(writtenName(key))}) IS NOT NULL`;
  const { tokens, text } = step.statement;
  const open = tokens.find(({ value }) => value === '(');
  const close = tokens.find(({ value }) => value === ')');
  if (open === undefined || close === undefined) return undefined;
  return `to_regprocedure(${quoteLiteral(`${writtenName(key)}${text.slice(open.start, close.end)}`)}) IS NOT NULL`;
}

function regclass(key: string): string {
  return `to_regclass(${quoteLiteral(writtenName(key))})`;
}

function regtype(key: string): string {
  return `to_regtype(${quoteLiteral(writtenName(key))})`;
}
