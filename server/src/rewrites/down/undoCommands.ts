import type { AlterTableCmd, AlterTableStmt, Node } from '@pgsql/types';
import {
  type Catalog,
  type Column,
  columnOf,
  constraintOf,
  indexOf,
  objectKey,
  tableOf,
  writtenName,
} from '../../catalog/catalog.ts';
import { integerOfSerial } from '../../catalog/defineTable.ts';
import { keyOfRangeVar, objectKeyParts } from '../../catalog/resolve.ts';
import { writtenType } from '../../catalog/typeText.ts';
import { partKey, type Step } from '../../replay/step.ts';
import { quoteLiteral, quoteName } from '../../sql/names.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../../sql/spans/alterTable.ts';
import { constraintName } from '../constraintName.ts';
import { tracesOf } from './lineage.ts';
import { constraintPieces, defaultText, lastCommand, propertyText, typeWritten } from './pieces.ts';
import type { Undoable } from './undo.ts';

/** What takes back one command: commands for the same table, or statements of their own. Undefined where it cannot be told. */
type UndoneCommand =
  | { readonly commands: readonly string[] }
  | { readonly statements: readonly string[] }
  | undefined;

/** What takes back the commands of an ALTER TABLE (INDEX, VIEW …), the last first. What they dropped is not among it. */
export function undoCommands(
  undoable: Undoable,
  { objtype, relation }: AlterTableStmt,
): readonly string[] | undefined {
  const { step } = undoable;
  if (objtype === 'OBJECT_TYPE') return undoAttributes(step);
  const key = keyOfRangeVar(step.before, step.session, relation);
  const kind = OBJECTS.get(objtype ?? '') ?? 'TABLE';
  const alter = `ALTER ${kind} ${writtenName(key)}`;
  const statements: string[] = [];
  let together: string[] = [];
  const flush = () => {
    if (together.length > 0) statements.push(`${alter} ${together.join(', ')}`);
    together = [];
  };
  for (const spans of [...alterTableCommands(step.statement)].reverse()) {
    const undone = undoCommand(undoable, key, spans);
    if (undone === undefined) return undefined;
    if ('commands' in undone) together.push(...undone.commands);
    else {
      flush();
      statements.push(...undone.statements);
    }
  }
  flush();
  return statements;
}

const OBJECTS: ReadonlyMap<string, string> = new Map([
  ['OBJECT_INDEX', 'INDEX'],
  ['OBJECT_VIEW', 'VIEW'],
  ['OBJECT_MATVIEW', 'MATERIALIZED VIEW'],
  ['OBJECT_SEQUENCE', 'SEQUENCE'],
  ['OBJECT_FOREIGN_TABLE', 'FOREIGN TABLE'],
]);

const nothing: UndoneCommand = { commands: [] };

function one(command: string): UndoneCommand {
  return { commands: [command] };
}

function undoCommand(undoable: Undoable, key: string, spans: AlterTableCommandSpans): UndoneCommand {
  const { command } = spans;
  const { step } = undoable;
  const known = columnOf(tableOf(step.before, key), command.name ?? '');
  return (
    undoStructure(undoable, key, spans) ??
    (command.name === undefined ? undefined : undoOfColumn(undoable, key, command, known)) ??
    undoOfTable(undoable, key, command)
  );
}

/** Columns, constraints, partitions. */
function undoStructure(
  { step, origins }: Undoable,
  key: string,
  { command }: AlterTableCommandSpans,
): UndoneCommand {
  const { subtype, name = '', def } = command;
  const { before } = step;
  const table = tableOf(before, key);
  const alter = `ALTER TABLE ${writtenName(key)}`;
  switch (subtype) {
    case 'AT_AddColumn': {
      if (def === undefined || !('ColumnDef' in def)) return undefined;
      const column = def.ColumnDef.colname ?? '';
      return columnOf(table, column) === undefined
        ? one(`DROP COLUMN IF EXISTS ${quoteName(column)}`)
        : nothing;
    }
    case 'AT_DropColumn':
    case 'AT_DropConstraint':
      // What is lost is brought back from where it was made; what was not known to be there is not.
      return isKnownPart(before, key, command) ? nothing : undefined;
    case 'AT_AddConstraint':
      return def !== undefined && 'Constraint' in def ? undoConstraint(step, key, def) : undefined;
    case 'AT_ValidateConstraint': {
      const constraint = constraintOf(table, name);
      // One that the script itself has added goes as a whole.
      if (constraint === undefined || constraint.validated || step.created.has(partKey(key, name)))
        return nothing;
      const pieces = constraintPieces(origins, before, key, constraint);
      return (
        pieces && {
          statements: [`${alter} DROP CONSTRAINT ${quoteName(name)}`, ...pieces.map(({ text }) => text)],
        }
      );
    }
    case 'AT_AlterConstraint': {
      const constraint = constraintOf(table, alteredConstraint(def));
      if (constraint === undefined) return undefined;
      const deferral = constraint.deferrable
        ? `DEFERRABLE INITIALLY ${constraint.deferred ? 'DEFERRED' : 'IMMEDIATE'}`
        : 'NOT DEFERRABLE';
      return one(`ALTER CONSTRAINT ${quoteName(constraint.name)} ${deferral}`);
    }
    case 'AT_AttachPartition': {
      // A part of an index goes with the whole.
      if (indexOf(before, key) !== undefined) return nothing;
      const partition = partitionOf(step, def);
      return partition === undefined
        ? undefined
        : { statements: [`${alter} DETACH PARTITION ${writtenName(partition)}`] };
    }
    case 'AT_DetachPartition': {
      const partition = partitionOf(step, def);
      const bound = partition && boundText(origins, partition);
      return bound === undefined
        ? undefined
        : { statements: [`${alter} ATTACH PARTITION ${writtenName(partition ?? '')} ${bound}`] };
    }
    case 'AT_AddInherit':
    case 'AT_DropInherit': {
      if (def === undefined || !('RangeVar' in def)) return undefined;
      const parent = writtenName(keyOfRangeVar(before, step.session, def.RangeVar));
      return one(`${subtype === 'AT_AddInherit' ? 'NO INHERIT' : 'INHERIT'} ${parent}`);
    }
    default:
      return undefined;
  }
}

function isKnownPart(
  before: Catalog,
  key: string,
  { subtype, name = '', missing_ok }: AlterTableCmd,
): boolean {
  const table = tableOf(before, key);
  const part = subtype === 'AT_DropColumn' ? columnOf(table, name) : constraintOf(table, name);
  return part !== undefined || (missing_ok === true && table?.complete === true);
}

function undoConstraint(step: Step, key: string, def: Extract<Node, { Constraint: unknown }>): UndoneCommand {
  const node = def.Constraint;
  const name = node.conname ?? node.indexname ?? constraintName(step, key, node);
  if (name === undefined) return undefined;
  const alter = `ALTER TABLE ${writtenName(key)}`;
  const table = tableOf(step.before, key);
  const columns =
    node.contype === 'CONSTR_PRIMARY' || node.contype === 'CONSTR_NOTNULL' ? keysOf(step, key, node) : [];
  const nullable = columns.filter((each) => columnOf(table, each)?.notNull === false);
  const loosened = nullable.map((each) => `ALTER COLUMN ${quoteName(each)} DROP NOT NULL`);
  const commands = [`DROP CONSTRAINT IF EXISTS ${quoteName(name)}`, ...loosened];
  if (node.contype === 'CONSTR_NOTNULL') return { commands: loosened.length > 0 ? loosened : commands };
  return loosened.length === 0 ? { commands } : { statements: commands.map((each) => `${alter} ${each}`) };
}

function keysOf(step: Step, key: string, node: { keys?: Node[]; indexname?: string }): readonly string[] {
  if (node.indexname !== undefined) {
    const index = indexOf(step.before, objectKey(objectKeyParts(key).schema, node.indexname));
    return (index?.elements ?? []).flatMap(({ column }) => column ?? []);
  }
  return (node.keys ?? []).flatMap((each) => ('String' in each ? (each.String.sval ?? []) : []));
}

function alteredConstraint(def: Node | undefined): string {
  if (def === undefined) return '';
  if ('ATAlterConstraint' in def) return def.ATAlterConstraint.conname ?? '';
  return 'Constraint' in def ? (def.Constraint.conname ?? '') : '';
}

function partitionOf(step: Step, def: Node | undefined): string | undefined {
  return def !== undefined && 'PartitionCmd' in def
    ? keyOfRangeVar(step.before, step.session, def.PartitionCmd.name)
    : undefined;
}

/** FOR VALUES … or DEFAULT, as it was last written. */
function boundText(origins: readonly Step[], partition: string): string | undefined {
  for (let at = origins.length - 1; at >= 0; at--) {
    const step = origins[at];
    if (step === undefined || step.conditional) continue;
    const attached = alterTableCommands(step.statement).find(
      ({ command }) =>
        command.subtype === 'AT_AttachPartition' && partitionOf(step, command.def) === partition,
    );
    const made =
      'CreateStmt' in step.node &&
      step.node.CreateStmt.partbound !== undefined &&
      step.mentions.some(({ role, key }) => role === 'makes' && key === partition);
    if (attached === undefined && !made) continue;
    const { text } = step.statement;
    const written = /\b(for\s+values\s[\s\S]*|default\s*)$/i.exec(text)?.[1];
    return written?.replace(/\s+(partition\s+by|with|using|tablespace)\b[\s\S]*$/i, '').trim();
  }
  return undefined;
}

/** Properties of a column. */
function undoOfColumn(
  { step, origins }: Undoable,
  key: string,
  { subtype, name = '', def }: AlterTableCmd,
  known: Column | undefined,
): UndoneCommand {
  const alter = `ALTER COLUMN ${quoteName(name)}`;
  const last = (subtypes: readonly string[], otherwise: string | undefined): UndoneCommand => {
    const found = lastCommand(origins, key, name, subtypes) ?? otherwise;
    return found === undefined ? undefined : one(found);
  };
  switch (subtype) {
    case 'AT_SetNotNull':
      return known?.notNull === undefined
        ? undefined
        : known.notNull
          ? nothing
          : one(`${alter} DROP NOT NULL`);
    case 'AT_DropNotNull':
      return known?.notNull === undefined
        ? undefined
        : known.notNull
          ? one(`${alter} SET NOT NULL`)
          : nothing;
    case 'AT_ColumnDefault': {
      if (known?.type === undefined) return undefined;
      if (known.default === undefined) return def === undefined ? nothing : one(`${alter} DROP DEFAULT`);
      const value = defaultOf(step.before, origins, key, known);
      return value === undefined ? undefined : one(`${alter} SET DEFAULT ${value}`);
    }
    case 'AT_AlterColumnType':
      return undoType(step, origins, key, known);
    case 'AT_SetStatistics':
      return last(['AT_SetStatistics'], `${alter} SET STATISTICS -1`);
    case 'AT_SetStorage':
      return last(['AT_SetStorage'], known?.type && `${alter} SET STORAGE ${storageOf(known)}`);
    case 'AT_SetCompression':
      return last(['AT_SetCompression'], `${alter} SET COMPRESSION DEFAULT`);
    case 'AT_SetOptions': {
      const names = optionsOf(def).map(({ name: option }) => option);
      return last(['AT_SetOptions'], `${alter} RESET (${names.join(', ')})`);
    }
    case 'AT_ResetOptions':
      return last(['AT_SetOptions'], undefined) ?? nothing;
    case 'AT_AddIdentity':
      return known?.identity === undefined ? one(`${alter} DROP IDENTITY IF EXISTS`) : nothing;
    case 'AT_DropIdentity': {
      if (known?.identity === undefined) return nothing;
      const written = propertyText(origins, key, name, 'CONSTR_IDENTITY');
      if (written === undefined) return undefined;
      const table = writtenName(key);
      const sequence = `pg_get_serial_sequence(${quoteLiteral(table)}, ${quoteLiteral(name)})`;
      return {
        statements: [
          `ALTER TABLE ${table} ${alter} ADD ${written}`,
          `SELECT setval(${sequence}, coalesce((SELECT max(${quoteName(name)}) FROM ${table}), 0) + 1, false)`,
        ],
      };
    }
    case 'AT_SetIdentity': {
      const kinds = optionsOf(def);
      if (known?.identity === undefined || kinds.some(({ name: option }) => option !== 'generated'))
        return undefined;
      return one(`${alter} SET GENERATED ${known.identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'}`);
    }
    case 'AT_SetExpression': {
      const written = propertyText(origins, key, name, 'CONSTR_GENERATED');
      const expression = /\(([\s\S]*)\)/.exec(written ?? '')?.[0];
      return expression === undefined ? undefined : one(`${alter} SET EXPRESSION AS ${expression}`);
    }
    default:
      return undefined;
  }
}

/** The default as it was written; that of a serial column is its sequence. */
function defaultOf(
  before: Catalog,
  origins: readonly Step[],
  key: string,
  column: Column,
): string | undefined {
  const written = defaultText(origins, key, column.name);
  if (written !== undefined) return written;
  for (const [sequence, relation] of before.relations.entries()) {
    if (relation.kind !== 'sequence') continue;
    if (relation.ownedBy?.table !== key || relation.ownedBy.column !== column.name) continue;
    return `nextval(${quoteLiteral(writtenName(sequence))}::regclass)`;
  }
  return undefined;
}

/** Back to the type before. The default goes along by itself only where it does not remember the way. */
function undoType(
  step: Step,
  origins: readonly Step[],
  key: string,
  known: Column | undefined,
): UndoneCommand {
  if (known?.type === undefined) return undefined;
  const alter = `ALTER TABLE ${writtenName(key)} ALTER COLUMN ${quoteName(known.name)}`;
  const written = typeWritten(origins, key, known.name);
  const type = integerOfSerial(written?.trim().toLowerCase() ?? '') ?? written ?? writtenType(known.type);
  const collation = /\s+collate\s+[\s\S]*$/i;
  const using =
    known.generated === undefined ? ` USING ${quoteName(known.name)}::${type.replace(collation, '')}` : '';
  const value = known.default === undefined ? undefined : defaultOf(step.before, origins, key, known);
  if (known.default !== undefined && value === undefined) return undefined;
  const change = `${alter} TYPE ${type}${using}`;
  return {
    statements:
      value === undefined ? [change] : [`${alter} DROP DEFAULT`, change, `${alter} SET DEFAULT ${value}`],
  };
}

/** What a type stores its values as by itself (pg_type.typstorage). */
function storageOf({ type }: Column): string {
  if (type?.array) return 'EXTENDED';
  if (['numeric', 'inet', 'cidr'].includes(type?.name ?? '')) return 'MAIN';
  const long = ['text', 'varchar', 'bpchar', 'bytea', 'json', 'jsonb', 'xml', 'tsvector', 'hstore', 'citext'];
  return long.includes(type?.name ?? '') ? 'EXTENDED' : 'PLAIN';
}

/** Properties of the table. */
function undoOfTable({ step, origins }: Undoable, key: string, command: AlterTableCmd): UndoneCommand {
  const { subtype, name = '', def } = command;
  const relation = step.before.relations.get(key);
  const table = tableOf(step.before, key);
  switch (subtype) {
    case 'AT_EnableRowSecurity':
      return table?.rowSecurity === true ? nothing : one('DISABLE ROW LEVEL SECURITY');
    case 'AT_DisableRowSecurity':
      return table?.rowSecurity === true ? one('ENABLE ROW LEVEL SECURITY') : nothing;
    case 'AT_ForceRowSecurity':
    case 'AT_NoForceRowSecurity': {
      const forced = lastOf(origins, key, ['AT_ForceRowSecurity', 'AT_NoForceRowSecurity']);
      const was = forced?.subtype === 'AT_ForceRowSecurity';
      if (was === (subtype === 'AT_ForceRowSecurity')) return nothing;
      return one(was ? 'FORCE ROW LEVEL SECURITY' : 'NO FORCE ROW LEVEL SECURITY');
    }
    case 'AT_EnableTrig':
    case 'AT_DisableTrig': {
      const enabled = table?.triggers.find((each) => each.name === name)?.enabled;
      if (enabled === undefined) return undefined;
      return one(`${enabled ? 'ENABLE' : 'DISABLE'} TRIGGER ${quoteName(name)}`);
    }
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrigUser':
    case 'AT_EnableTrigAll':
    case 'AT_DisableTrigAll':
      return {
        commands: (table?.triggers ?? []).map(
          (each) => `${each.enabled ? 'ENABLE' : 'DISABLE'} TRIGGER ${quoteName(each.name)}`,
        ),
      };
    case 'AT_ReplicaIdentity': {
      const before = table?.replicaIdentity ?? 'd';
      const index = before.slice(1);
      const words = { d: 'DEFAULT', f: 'FULL', n: 'NOTHING', i: `USING INDEX ${quoteName(index)}` }[
        before[0] ?? ''
      ];
      return words === undefined ? undefined : one(`REPLICA IDENTITY ${words}`);
    }
    case 'AT_ClusterOn':
    case 'AT_DropCluster': {
      const on = relation !== undefined && 'clusteredOn' in relation ? relation.clusteredOn : undefined;
      return one(
        on === undefined ? 'SET WITHOUT CLUSTER' : `CLUSTER ON ${quoteName(objectKeyParts(on).name)}`,
      );
    }
    case 'AT_ChangeOwner': {
      const owner = relation !== undefined && 'owner' in relation ? relation.owner : undefined;
      return owner === undefined ? undefined : one(`OWNER TO ${quoteName(owner)}`);
    }
    case 'AT_SetLogged':
      return table?.persistence === 'unlogged' ? one('SET UNLOGGED') : nothing;
    case 'AT_SetUnLogged':
      return table?.persistence === 'unlogged' ? nothing : one('SET LOGGED');
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
      return undoOptions(origins, key, optionsOf(def));
    default:
      return undefined;
  }
}

function lastOf(
  origins: readonly Step[],
  key: string,
  subtypes: readonly string[],
): AlterTableCmd | undefined {
  for (const { step } of tracesOf(origins, key)) {
    const found = alterTableCommands(step.statement).findLast(({ command }) =>
      subtypes.includes(command.subtype ?? ''),
    );
    if (found !== undefined) return found.command;
  }
  return undefined;
}

interface StorageOption {
  readonly name: string;
  /** As SQL writes it. */
  readonly value: string | undefined;
}

/** Each option as it was last set, or reset where it was not. */
function undoOptions(
  origins: readonly Step[],
  key: string,
  options: readonly StorageOption[],
): UndoneCommand {
  const earlier = [...tracesOf(origins, key)].flatMap(({ step }) => optionsSet(step));
  const set: string[] = [];
  const reset: string[] = [];
  for (const { name } of options) {
    const found = earlier.find((each) => each.name === name);
    if (found === undefined || found.reset) reset.push(name);
    else set.push(found.value === undefined ? name : `${name} = ${found.value}`);
  }
  return {
    commands: [
      ...(set.length === 0 ? [] : [`SET (${set.join(', ')})`]),
      ...(reset.length === 0 ? [] : [`RESET (${reset.join(', ')})`]),
    ],
  };
}

function optionsSet(step: Step): readonly (StorageOption & { readonly reset: boolean })[] {
  const { node } = step;
  const made =
    'CreateStmt' in node
      ? node.CreateStmt.options
      : 'IndexStmt' in node
        ? node.IndexStmt.options
        : 'ViewStmt' in node
          ? node.ViewStmt.options
          : [];
  const later = [...alterTableCommands(step.statement)]
    .reverse()
    .flatMap(({ command }) =>
      command.subtype === 'AT_SetRelOptions' || command.subtype === 'AT_ResetRelOptions'
        ? optionsOf(command.def).map((each) => ({ ...each, reset: command.subtype === 'AT_ResetRelOptions' }))
        : [],
    );
  return [...later, ...readOptions(made).map((each) => ({ ...each, reset: false }))];
}

function optionsOf(def: Node | undefined): readonly StorageOption[] {
  return def !== undefined && 'List' in def ? readOptions(def.List.items) : [];
}

function readOptions(nodes: readonly Node[] | undefined): readonly StorageOption[] {
  return (nodes ?? []).flatMap((node) => {
    if (!('DefElem' in node)) return [];
    const { defname = '', defnamespace, arg } = node.DefElem;
    const name =
      defnamespace === undefined ? quoteName(defname) : `${quoteName(defnamespace)}.${quoteName(defname)}`;
    return { name, value: writtenValue(arg) };
  });
}

function writtenValue(arg: Node | undefined): string | undefined {
  if (arg === undefined) return undefined;
  if ('Integer' in arg) return String(arg.Integer.ival ?? 0);
  if ('Float' in arg) return arg.Float.fval;
  if ('Boolean' in arg) return String(arg.Boolean.boolval ?? false);
  if ('String' in arg) return quoteLiteral(arg.String.sval ?? '');
  if ('TypeName' in arg) {
    const last = arg.TypeName.names?.at(-1);
    return last !== undefined && 'String' in last ? last.String.sval : undefined;
  }
  return undefined;
}

/** ALTER TYPE … ADD ATTRIBUTE; what else it does to a composite type cannot be told. */
function undoAttributes(step: Step): readonly string[] | undefined {
  if (!('AlterTableStmt' in step.node)) return undefined;
  const { schemaname, relname = '' } = step.node.AlterTableStmt.relation ?? {};
  const type = writtenName(objectKey(schemaname ?? 'public', relname));
  const undone = alterTableCommands(step.statement).map(({ command: { subtype, def } }) =>
    subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def
      ? `DROP ATTRIBUTE IF EXISTS ${quoteName(def.ColumnDef.colname ?? '')}`
      : undefined,
  );
  const commands = undone.flatMap((each) => each ?? []);
  return commands.length < undone.length
    ? undefined
    : [`ALTER TYPE ${type} ${commands.reverse().join(', ')}`];
}
