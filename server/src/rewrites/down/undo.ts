import type { CreateRoleStmt, DefineStmt, Node, ObjectType, RangeVar } from '@pgsql/types';
import { type Catalog, indexOf, objectKey, tableOf, writtenName } from '../../catalog/catalog.ts';
import {
  keyForNew,
  keyForNewRelation,
  keyOfRangeVar,
  objectKeyParts,
  qualified,
  stringsOf,
} from '../../catalog/resolve.ts';
import { routineSignature } from '../../catalog/typeText.ts';
import type { Step } from '../../replay/step.ts';
import { quoteLiteral, quoteName } from '../../sql/names.ts';
import { findKeywords } from '../../sql/spans/statementHead.ts';
import { chosenIndexName } from '../chosenIndexName.ts';
import { existsClause } from '../existsClause.ts';
import type { Refusal } from '../offer.ts';
import { tracesOf } from './lineage.ts';
import { commentOn, objectPieces, partPieces } from './pieces.ts';
import { undoGrant, undoRevoke } from './privileges.ts';
import { restored } from './restore.ts';
import { subjectsOf } from './subjects.ts';
import { undoCommands } from './undoCommands.ts';
import { undoDomain, undoSequence } from './undoOther.ts';

/** A step that is to be taken back. */
export interface Undoable {
  readonly step: Step;
  /** The schema after it. */
  readonly after: Catalog;
  /** All steps before it, those of earlier migrations too, in order. */
  readonly origins: readonly Step[];
}

/** Statements that take back a step; or why they cannot be said. */
export type Undone =
  | { readonly statements: readonly string[]; readonly emptied: readonly string[] }
  | Refusal;

/** What takes back what a step does to the schema; no statements where it does nothing to it. */
export function undoOf(undoable: Undoable): Undone {
  const { step, after, origins } = undoable;
  const made = step.conditional && !makesAnew(step) ? undefined : takenBack(undoable);
  if (made === undefined) {
    const words = step.statement.text.replace(/\s+/g, ' ');
    const shown = words.length > 60 ? `${words.slice(0, 57)}…` : words;
    return { refused: `what takes back “${shown}” cannot be told` };
  }
  const moves = 'RenameStmt' in step.node || 'AlterObjectSchemaStmt' in step.node;
  const back = moves ? { statements: [], emptied: [] } : restored(step.before, after, origins);
  if ('refused' in back) return back;
  return { statements: [...made, ...back.statements], emptied: back.emptied };
}

/** Whether all that a step makes was not there before. */
function makesAnew({ mentions, before }: Step): boolean {
  const made = mentions.filter(({ role }) => role === 'makes');
  return (
    made.length > 0 &&
    made.every(
      ({ key, part }) =>
        part === undefined &&
        !before.relations.has(key) &&
        !before.types.has(key) &&
        !before.routines.has(key),
    )
  );
}

/** What drops what the step has made, and changes back what it has changed. */
function takenBack(undoable: Undoable): readonly string[] | undefined {
  const { step } = undoable;
  const { node } = step;
  if ('AlterTableStmt' in node) return undoCommands(undoable, node.AlterTableStmt);
  if ('RenameStmt' in node) return undoRename(undoable);
  if ('AlterObjectSchemaStmt' in node) return undoMove(undoable);
  if ('CommentStmt' in node) return undoComment(undoable);
  if ('GrantStmt' in node) return node.GrantStmt.is_grant ? undoGrant(undoable) : undoRevoke(undoable);
  if ('GrantRoleStmt' in node || 'AlterDefaultPrivilegesStmt' in node) return undoGrant(undoable);
  if ('AlterSeqStmt' in node) return undoSequence(undoable, node.AlterSeqStmt);
  if ('AlterDomainStmt' in node) return undoDomain(undoable, node.AlterDomainStmt);
  if ('AlterEnumStmt' in node) return undoEnum(undoable);
  if ('AlterPolicyStmt' in node) return undoPolicy(undoable);
  if ('AlterOwnerStmt' in node) return undoOwner(undoable);
  // What a DROP took is brought back from where it was made.
  if ('DropStmt' in node) return isKnownKind(node.DropStmt.removeType) ? [] : undefined;
  if ('DoStmt' in node) return step.statement.runsUnknownCode ? undefined : [];
  return undoCreation(undoable) ?? (NO_SCHEMA.some((kind) => kind in node) ? [] : undefined);
}

/** Kinds of objects that the catalog knows, so that what is lost can be told. */
function isKnownKind(kind: ObjectType | undefined): boolean {
  return KNOWN_KINDS.has(kind ?? '');
}

const KNOWN_KINDS: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_ROUTINE',
  'OBJECT_AGGREGATE',
  'OBJECT_SCHEMA',
  'OBJECT_EXTENSION',
  'OBJECT_STATISTIC_EXT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
]);

/** Statements that leave the schema as it is. */
const NO_SCHEMA = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'TruncateStmt',
  'VariableSetStmt',
  'TransactionStmt',
  'LockStmt',
  'VacuumStmt',
  'ReindexStmt',
  'RefreshMatViewStmt',
  'CallStmt',
  'NotifyStmt',
  'CheckPointStmt',
  'DiscardStmt',
  'ConstraintsSetStmt',
  'ExplainStmt',
  'ClusterStmt',
] as const;

function undoCreation(undoable: Undoable): readonly string[] | undefined {
  const { step, origins } = undoable;
  const { node, before, session } = step;
  const named = (names: Parameters<typeof stringsOf>[0]): string => {
    const { schema, name } = qualified(stringsOf(names));
    return keyForNew(session, schema, name);
  };
  const relation = (kind: string, key: string) => (before.relations.has(key) ? [] : drop(kind, key));
  if ('CreateStmt' in node) return relation('TABLE', keyForNewRelation(session, node.CreateStmt.relation));
  if ('CreateForeignTableStmt' in node) {
    return relation('FOREIGN TABLE', keyForNewRelation(session, node.CreateForeignTableStmt.base?.relation));
  }
  if ('CreateTableAsStmt' in node) {
    const { into, objtype } = node.CreateTableAsStmt;
    const kind = objtype === 'OBJECT_MATVIEW' ? 'MATERIALIZED VIEW' : 'TABLE';
    return relation(kind, keyForNewRelation(session, into?.rel));
  }
  if ('SelectStmt' in node && node.SelectStmt.intoClause !== undefined) {
    return relation('TABLE', keyForNewRelation(session, node.SelectStmt.intoClause.rel));
  }
  if ('IndexStmt' in node) {
    const name = node.IndexStmt.idxname ?? chosenIndexName(step);
    const { schema } = objectKeyParts(keyOfRangeVar(before, session, node.IndexStmt.relation));
    if (name === undefined) return undefined;
    return relation(node.IndexStmt.concurrent ? 'INDEX CONCURRENTLY' : 'INDEX', objectKey(schema, name));
  }
  if ('ViewStmt' in node) return undoView(undoable, keyForNewRelation(session, node.ViewStmt.view));
  if ('CreateSeqStmt' in node) {
    return relation('SEQUENCE', keyForNewRelation(session, node.CreateSeqStmt.sequence));
  }
  if ('CreateSchemaStmt' in node) {
    const { schemaname, authrole, schemaElts } = node.CreateSchemaStmt;
    const name = schemaname ?? authrole?.rolename;
    if (name === undefined) return undefined;
    if (before.schemas.has(name)) return [];
    return [`DROP SCHEMA IF EXISTS ${quoteName(name)}${schemaElts === undefined ? '' : ' CASCADE'}`];
  }
  if ('CreateExtensionStmt' in node) {
    const { extname = '' } = node.CreateExtensionStmt;
    return before.extensions.has(extname) ? [] : [`DROP EXTENSION IF EXISTS ${quoteName(extname)}`];
  }
  if ('CreateEnumStmt' in node) return drop('TYPE', named(node.CreateEnumStmt.typeName));
  if ('CreateRangeStmt' in node) return drop('TYPE', named(node.CreateRangeStmt.typeName));
  if ('CompositeTypeStmt' in node) {
    return drop('TYPE', keyForNewRelation(session, node.CompositeTypeStmt.typevar));
  }
  if ('CreateDomainStmt' in node) return drop('DOMAIN', named(node.CreateDomainStmt.domainname));
  if ('DefineStmt' in node) return undoDefinition(node.DefineStmt, named(node.DefineStmt.defnames));
  if ('CreateFunctionStmt' in node) {
    const key = named(node.CreateFunctionStmt.funcname);
    const signature = routineSignature(before, session, node.CreateFunctionStmt);
    if (before.routines.get(key)?.signatures.includes(signature)) {
      return replaced(origins, key, (each) =>
        'CreateFunctionStmt' in each.node
          ? routineSignature(each.before, each.session, each.node.CreateFunctionStmt) === signature
          : false,
      );
    }
    const kind = node.CreateFunctionStmt.is_procedure ? 'PROCEDURE' : 'FUNCTION';
    return [`DROP ${kind} IF EXISTS ${writtenName(key)}(${signature})`];
  }
  const part = partMade(node);
  if (part !== undefined) return undoPart(undoable, part);
  if ('CreateStatsStmt' in node) {
    const [subject] = subjectsOf(step);
    return subject === undefined ? undefined : drop('STATISTICS', subject.key);
  }
  if ('CreateRoleStmt' in node) return undoRole(node.CreateRoleStmt);
  if ('CreatePublicationStmt' in node) {
    return [`DROP PUBLICATION IF EXISTS ${quoteName(node.CreatePublicationStmt.pubname ?? '')}`];
  }
  return undefined;
}

function undoRole({ role }: CreateRoleStmt): readonly string[] | undefined {
  return role === undefined ? undefined : [`DROP ROLE IF EXISTS ${quoteName(role)}`];
}

function undoDefinition({ kind }: DefineStmt, key: string): readonly string[] | undefined {
  if (kind === 'OBJECT_TYPE') return drop('TYPE', key);
  return kind === 'OBJECT_COLLATION' ? drop('COLLATION', key) : undefined;
}

/** OR REPLACE over a view that was there: the view as it was, anew where it had other columns. */
function undoView({ step, after, origins }: Undoable, key: string): readonly string[] | undefined {
  const old = step.before.relations.get(key);
  const now = after.relations.get(key);
  if (old === undefined) return drop('VIEW', key);
  const kept =
    old.kind === 'view' &&
    now?.kind === 'view' &&
    old.columns !== undefined &&
    old.columns.join('\u0000') === now.columns?.join('\u0000');
  if (kept) return replaced(origins, key, (each) => 'ViewStmt' in each.node);
  const pieces = objectPieces(origins, key);
  return pieces && [...drop('VIEW', key), ...pieces.map(({ text }) => text)];
}

/** The definition that an OR REPLACE has put away. */
function replaced(
  origins: readonly Step[],
  key: string,
  defines: (step: Step) => boolean,
): readonly string[] | undefined {
  for (const { step, key: then } of tracesOf(origins, key)) {
    if (!defines(step)) continue;
    if (then !== key) return undefined;
    const { text } = step.statement;
    const [clause] = existsClause(step.statement);
    return [
      clause === undefined
        ? text
        : `${text.slice(0, clause.offset)} ${clause.text}${text.slice(clause.offset)}`,
    ];
  }
  return undefined;
}

/** A part of a table or view that is dropped by its name ON that. */
interface NamedPart {
  readonly kind: 'trigger' | 'policy' | 'rule';
  readonly relation: RangeVar | undefined;
  readonly name: string | undefined;
}

/** What a CREATE, perhaps OR REPLACE, makes on a table or view. */
function partMade(node: Node): NamedPart | undefined {
  if ('CreateTrigStmt' in node) {
    return { kind: 'trigger', relation: node.CreateTrigStmt.relation, name: node.CreateTrigStmt.trigname };
  }
  if ('CreatePolicyStmt' in node) {
    const { table: relation, policy_name: name } = node.CreatePolicyStmt;
    return { kind: 'policy', relation, name };
  }
  if ('RuleStmt' in node) {
    return { kind: 'rule', relation: node.RuleStmt.relation, name: node.RuleStmt.rulename };
  }
  return undefined;
}

function undoPart(
  undoable: Undoable,
  { kind, relation, name = '' }: NamedPart,
): readonly string[] | undefined {
  const { before, session } = undoable.step;
  const key = keyOfRangeVar(before, session, relation);
  const known = before.relations.get(key);
  const parts: readonly { readonly name: string }[] =
    known === undefined || !('triggers' in known)
      ? []
      : kind === 'trigger'
        ? known.triggers
        : kind === 'rule'
          ? known.rules
          : (tableOf(before, key)?.policies ?? []);
  return parts.some((each) => each.name === name)
    ? madeAnew(undoable, kind, key, name)
    : [dropPart(kind, key, name)];
}

function undoPolicy(undoable: Undoable): readonly string[] | undefined {
  const [subject] = subjectsOf(undoable.step);
  return subject?.part === undefined ? undefined : madeAnew(undoable, 'policy', subject.key, subject.part);
}

/** The part as it was before. */
function madeAnew(
  { origins }: Undoable,
  kind: NamedPart['kind'],
  key: string,
  name: string,
): readonly string[] | undefined {
  const pieces = partPieces(origins, kind, key, name);
  return pieces && [dropPart(kind, key, name), ...pieces.map(({ text }) => text)];
}

function dropPart(kind: NamedPart['kind'], key: string, name: string): string {
  return `DROP ${kind.toUpperCase()} IF EXISTS ${quoteName(name)} ON ${writtenName(key)}`;
}

/** A value that was added stays: PostgreSQL has no way to take it out. */
function undoEnum({ step }: Undoable): readonly string[] | undefined {
  if (!('AlterEnumStmt' in step.node)) return undefined;
  const { oldVal, newVal = '' } = step.node.AlterEnumStmt;
  const [subject] = subjectsOf(step);
  if (oldVal === undefined || subject === undefined) return [];
  return [
    `ALTER TYPE ${writtenName(subject.key)} RENAME VALUE ${quoteLiteral(newVal)} TO ${quoteLiteral(oldVal)}`,
  ];
}

function undoOwner({ step, origins }: Undoable): readonly string[] | undefined {
  const [subject] = subjectsOf(step);
  if (subject === undefined || !('AlterOwnerStmt' in step.node)) return undefined;
  for (const { step: earlier, key } of tracesOf(origins, subject.key)) {
    if ('AlterOwnerStmt' in earlier.node && key === subject.key) return [earlier.statement.text];
  }
  return undefined;
}

/** The comment that was there before, or none. */
function undoComment({ step, origins }: Undoable): readonly string[] | undefined {
  if (!('CommentStmt' in step.node)) return undefined;
  const { objtype } = step.node.CommentStmt;
  const { text } = step.statement;
  const on = findKeywords(step.statement, ['comment', 'on']);
  const is = isKeyword(step);
  const [subject] = subjectsOf(step);
  if (on === undefined || is === undefined) return undefined;
  const object = text.slice(on.end, is).trim();
  if (subject === undefined) return [commentOn(object, undefined)];
  for (const { step: earlier, part } of tracesOf(origins, subject.key, subject.part)) {
    if (!('CommentStmt' in earlier.node) || earlier.node.CommentStmt.objtype !== objtype) continue;
    if (subjectsOf(earlier)[0]?.part !== part) continue;
    return [commentOn(object, earlier.node.CommentStmt.comment)];
  }
  return [commentOn(object, undefined)];
}

/** Where the IS of a COMMENT stands: the last word before the comment itself. */
function isKeyword({ statement }: Step): number | undefined {
  return statement.tokens.findLast(({ kind, value }) => kind === 'word' && value.toLowerCase() === 'is')
    ?.start;
}

function undoMove({ step }: Undoable): readonly string[] | undefined {
  const [subject] = subjectsOf(step);
  if (subject === undefined || !('AlterObjectSchemaStmt' in step.node)) return undefined;
  const { newschema = '' } = step.node.AlterObjectSchemaStmt;
  const { schema, name } = objectKeyParts(subject.key);
  const kind = alteredKind(step);
  return kind === undefined
    ? undefined
    : [`ALTER ${kind} ${writtenName(objectKey(newschema, name))} SET SCHEMA ${quoteName(schema)}`];
}

/** The words between ALTER and the object's name. */
function alteredKind({ statement }: Step): string | undefined {
  const found = /^alter\s+((?:materialized\s+view|foreign\s+table|text\s+search\s+\w+|[a-z]+))\b/i.exec(
    statement.text,
  );
  return found?.[1]?.toUpperCase();
}

function undoRename({ step }: Undoable): readonly string[] | undefined {
  const { node, before, session } = step;
  if (!('RenameStmt' in node)) return undefined;
  const { renameType, relation, subname = '', newname = '', object } = node.RenameStmt;
  const old = quoteName(subname);
  const now = quoteName(newname);
  const key = relation === undefined ? '' : keyOfRangeVar(before, session, relation);
  const table = writtenName(key);
  const moved = writtenName(objectKey(objectKeyParts(key).schema, newname));
  switch (renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_INDEX':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE': {
      const kind = indexOf(before, key) === undefined ? alteredKind(step) : 'INDEX';
      return [`ALTER ${kind} ${moved} RENAME TO ${quoteName(objectKeyParts(key).name)}`];
    }
    case 'OBJECT_COLUMN':
    case 'OBJECT_ATTRIBUTE': {
      const what = renameType === 'OBJECT_COLUMN' ? 'COLUMN' : 'ATTRIBUTE';
      return [`ALTER ${alteredKind(step)} ${table} RENAME ${what} ${now} TO ${old}`];
    }
    case 'OBJECT_TABCONSTRAINT':
      return [`ALTER TABLE ${table} RENAME CONSTRAINT ${now} TO ${old}`];
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      return [`ALTER ${renameType.slice(7)} ${now} ON ${table} RENAME TO ${old}`];
    case 'OBJECT_SCHEMA':
      return [`ALTER SCHEMA ${now} RENAME TO ${old}`];
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const [subject] = object === undefined ? [] : subjectsOf(step);
      if (subject === undefined) return undefined;
      const { schema, name } = objectKeyParts(subject.key);
      return [
        `ALTER ${renameType.slice(7)} ${writtenName(objectKey(schema, newname))} RENAME TO ${quoteName(name)}`,
      ];
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
      return undoRoutineRename(step, object, newname);
    default:
      return undefined;
  }
}

function undoRoutineRename(
  step: Step,
  object: Node | undefined,
  newname: string,
): readonly string[] | undefined {
  const [subject] = subjectsOf(step);
  if (subject === undefined || object === undefined || !('ObjectWithArgs' in object)) return undefined;
  const { schema, name } = objectKeyParts(subject.key);
  const signatures = step.before.routines.get(subject.key)?.signatures ?? [];
  if (signatures.length !== 1) return undefined;
  const written = `${writtenName(objectKey(schema, newname))}(${signatures[0]})`;
  return [`ALTER ${alteredKind(step)} ${written} RENAME TO ${quoteName(name)}`];
}

function drop(kind: string, key: string): readonly string[] {
  return [`DROP ${kind} IF EXISTS ${writtenName(key)}`];
}
