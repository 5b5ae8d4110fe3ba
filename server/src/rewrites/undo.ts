import type { AlterTableCmd } from '@pgsql/types';
import { columnOf, indexOf, tableOf, writtenName } from '../catalog/catalog.ts';
import {
  keyForNew,
  keyForNewRelation,
  keyOfRangeVar,
  objectKeyParts,
  qualified,
  stringsOf,
} from '../catalog/resolve.ts';
import { routineSignature } from '../catalog/typeText.ts';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { chosenIndexName } from './chosenIndexName.ts';

/** The statements that take back what a step does to the schema; none where it does nothing to it; undefined where that cannot be said. */
export function undoOf(step: Step): readonly string[] | undefined {
  const { node, before, session } = step;
  if (step.nested || step.conditional) return undefined;
  if ('CreateStmt' in node) return drop('TABLE', keyForNewRelation(session, node.CreateStmt.relation));
  if ('CreateTableAsStmt' in node) {
    const { into, objtype } = node.CreateTableAsStmt;
    return drop(
      objtype === 'OBJECT_MATVIEW' ? 'MATERIALIZED VIEW' : 'TABLE',
      keyForNewRelation(session, into?.rel),
    );
  }
  if ('IndexStmt' in node) {
    const name = node.IndexStmt.idxname ?? chosenIndexName(step);
    const { schema } = objectKeyParts(keyOfRangeVar(before, session, node.IndexStmt.relation));
    if (name === undefined) return undefined;
    return drop(node.IndexStmt.concurrent ? 'INDEX CONCURRENTLY' : 'INDEX', `${schema}\u0000${name}`);
  }
  if ('ViewStmt' in node) {
    const key = keyForNewRelation(session, node.ViewStmt.view);
    return before.relations.has(key) ? undefined : drop('VIEW', key);
  }
  if ('CreateSeqStmt' in node)
    return drop('SEQUENCE', keyForNewRelation(session, node.CreateSeqStmt.sequence));
  if ('CreateSchemaStmt' in node) {
    const { schemaname, schemaElts } = node.CreateSchemaStmt;
    return schemaname === undefined || schemaElts !== undefined
      ? undefined
      : [`DROP SCHEMA IF EXISTS ${quoteName(schemaname)}`];
  }
  if ('CreateExtensionStmt' in node)
    return [`DROP EXTENSION IF EXISTS ${quoteName(node.CreateExtensionStmt.extname ?? '')}`];
  if ('AlterTableStmt' in node) return undoCommands(step);
  return undoOther(step);
}

function undoOther(step: Step): readonly string[] | undefined {
  const { node, before, session } = step;
  const named = (names: Parameters<typeof stringsOf>[0]): string => {
    const { schema, name } = qualified(stringsOf(names));
    return keyForNew(session, schema, name);
  };
  if ('CreateEnumStmt' in node) return drop('TYPE', named(node.CreateEnumStmt.typeName));
  if ('CreateRangeStmt' in node) return drop('TYPE', named(node.CreateRangeStmt.typeName));
  if ('CompositeTypeStmt' in node)
    return drop('TYPE', keyForNewRelation(session, node.CompositeTypeStmt.typevar));
  if ('CreateDomainStmt' in node) return drop('DOMAIN', named(node.CreateDomainStmt.domainname));
  if ('CreateFunctionStmt' in node) {
    const key = named(node.CreateFunctionStmt.funcname);
    const signature = routineSignature(before, session, node.CreateFunctionStmt);
    if (before.routines.get(key)?.signatures.includes(signature) || node.CreateFunctionStmt.replace)
      return undefined;
    const kind = node.CreateFunctionStmt.is_procedure ? 'PROCEDURE' : 'FUNCTION';
    return [`DROP ${kind} IF EXISTS ${writtenName(key)}(${signature})`];
  }
  if ('CreateTrigStmt' in node) {
    const { trigname = '', relation } = node.CreateTrigStmt;
    return [
      `DROP TRIGGER IF EXISTS ${quoteName(trigname)} ON ${writtenName(keyOfRangeVar(before, session, relation))}`,
    ];
  }
  if ('CreatePolicyStmt' in node) {
    const { policy_name = '', table } = node.CreatePolicyStmt;
    return [
      `DROP POLICY IF EXISTS ${quoteName(policy_name)} ON ${writtenName(keyOfRangeVar(before, session, table))}`,
    ];
  }
  if ('RenameStmt' in node) return undoRename(step);
  return NO_SCHEMA.some((kind) => kind in node) ? [] : undefined;
}

/** Statements that leave the schema as it is. */
const NO_SCHEMA = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'VariableSetStmt',
  'CommentStmt',
  'VacuumStmt',
  'GrantStmt',
] as const;

function undoRename({ node, before, session }: Step): readonly string[] | undefined {
  if (!('RenameStmt' in node)) return undefined;
  const { renameType, relation, subname = '', newname = '' } = node.RenameStmt;
  const key = keyOfRangeVar(before, session, relation);
  const { schema, name } = objectKeyParts(key);
  const moved = writtenName(`${schema}\u0000${newname}`);
  const isIndex = indexOf(before, key) !== undefined || renameType === 'OBJECT_INDEX';
  switch (renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_INDEX':
      return [`ALTER ${isIndex ? 'INDEX' : 'TABLE'} ${moved} RENAME TO ${quoteName(name)}`];
    case 'OBJECT_COLUMN':
      return [`ALTER TABLE ${writtenName(key)} RENAME COLUMN ${quoteName(newname)} TO ${quoteName(subname)}`];
    case 'OBJECT_TABCONSTRAINT':
      return [
        `ALTER TABLE ${writtenName(key)} RENAME CONSTRAINT ${quoteName(newname)} TO ${quoteName(subname)}`,
      ];
    default:
      return undefined;
  }
}

function undoCommands(step: Step): readonly string[] | undefined {
  if (!('AlterTableStmt' in step.node)) return undefined;
  const { objtype, relation } = step.node.AlterTableStmt;
  if (objtype !== 'OBJECT_TABLE') return undefined;
  const key = keyOfRangeVar(step.before, step.session, relation);
  const commands = alterTableCommands(step.statement).map(({ command }) => undoCommand(step, key, command));
  if (commands.includes(undefined)) return undefined;
  const parts = commands.filter((each) => each !== '').reverse();
  return parts.length === 0 ? [] : [`ALTER TABLE ${writtenName(key)} ${parts.join(', ')}`];
}

/** What takes back one command; empty where there is nothing to take back. */
function undoCommand(
  step: Step,
  table: string,
  { subtype, name = '', def }: AlterTableCmd,
): string | undefined {
  const known = columnOf(tableOf(step.before, table), name);
  const column = quoteName(name);
  switch (subtype) {
    case 'AT_AddColumn':
      return def !== undefined && 'ColumnDef' in def
        ? `DROP COLUMN IF EXISTS ${quoteName(def.ColumnDef.colname ?? '')}`
        : undefined;
    case 'AT_AddConstraint':
      return def !== undefined && 'Constraint' in def && def.Constraint.conname !== undefined
        ? `DROP CONSTRAINT IF EXISTS ${quoteName(def.Constraint.conname)}`
        : undefined;
    case 'AT_SetNotNull':
      return known?.notNull === false ? `ALTER COLUMN ${column} DROP NOT NULL` : undefined;
    case 'AT_ColumnDefault':
      return def !== undefined && known?.type !== undefined && known.default === undefined
        ? `ALTER COLUMN ${column} DROP DEFAULT`
        : undefined;
    case 'AT_EnableRowSecurity':
      return 'DISABLE ROW LEVEL SECURITY';
    case 'AT_ValidateConstraint':
      return '';
    default:
      return undefined;
  }
}

function drop(kind: string, key: string): readonly string[] {
  return [`DROP ${kind} IF EXISTS ${writtenName(key)}`];
}
