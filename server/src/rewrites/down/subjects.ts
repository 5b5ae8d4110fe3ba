import type { CommentStmt, GrantStmt, Node, RangeVar } from '@pgsql/types';
import { objectKey } from '../../catalog/catalog.ts';
import { objectNames } from '../../catalog/drop.ts';
import {
  keyOfRangeVar,
  objectKeyParts,
  qualified,
  relationKey,
  routineKey,
  stringsOf,
  typeKey,
} from '../../catalog/resolve.ts';
import { perStep } from '../../replay/perStep.ts';
import type { Step } from '../../replay/step.ts';
import { chosenIndexName } from '../chosenIndexName.ts';

/** What a statement is about: an object's key in the catalog, and the part of it where it is about one alone. */
export interface Subject {
  readonly key: string;
  /** A column, constraint, trigger, policy or rule. */
  readonly part?: string;
}

/** The objects that a statement defines or alters; none of one that works on rows. */
export const subjectsOf = perStep((step: Step): readonly Subject[] => {
  const { node, before, session } = step;
  const made = step.mentions.filter(({ role }) => role === 'makes');
  const relation = (rangeVar: RangeVar | undefined): readonly Subject[] => [
    { key: keyOfRangeVar(before, session, rangeVar) },
  ];
  if ('IndexStmt' in node) {
    const [table] = relation(node.IndexStmt.relation);
    const name = node.IndexStmt.idxname ?? chosenIndexName(step);
    if (table === undefined || name === undefined) return [];
    return [table, { key: objectKey(objectKeyParts(table.key).schema, name) }];
  }
  if ('AlterTableStmt' in node) {
    if (node.AlterTableStmt.objtype !== 'OBJECT_TYPE') return relation(node.AlterTableStmt.relation);
    const { schemaname, relname = '' } = node.AlterTableStmt.relation ?? {};
    return [{ key: typeKey(before, session, schemaname, relname) }];
  }
  if ('CreateTrigStmt' in node) {
    return relation(node.CreateTrigStmt.relation).map(({ key }) => part(key, node.CreateTrigStmt.trigname));
  }
  if ('CreatePolicyStmt' in node) {
    return relation(node.CreatePolicyStmt.table).map(({ key }) =>
      part(key, node.CreatePolicyStmt.policy_name),
    );
  }
  if ('AlterPolicyStmt' in node) {
    return relation(node.AlterPolicyStmt.table).map(({ key }) => part(key, node.AlterPolicyStmt.policy_name));
  }
  if ('RuleStmt' in node) {
    return relation(node.RuleStmt.relation).map(({ key }) => part(key, node.RuleStmt.rulename));
  }
  if ('CreateStatsStmt' in node) {
    const { schema, name } = qualified(stringsOf(node.CreateStatsStmt.defnames));
    return [{ key: objectKey(schema ?? session.searchPath[0] ?? 'public', name) }];
  }
  if ('AlterSeqStmt' in node) return relation(node.AlterSeqStmt.sequence);
  if ('AlterEnumStmt' in node) return [typeNamed(step, stringsOf(node.AlterEnumStmt.typeName))];
  if ('AlterDomainStmt' in node) return [typeNamed(step, stringsOf(node.AlterDomainStmt.typeName))];
  if ('AlterFunctionStmt' in node) {
    const { schema, name } = qualified(stringsOf(node.AlterFunctionStmt.func?.objname));
    return [{ key: routineKey(before, session, schema, name) }];
  }
  if ('RenameStmt' in node) {
    const { renameType = '', relation: rangeVar, object, subname } = node.RenameStmt;
    if (rangeVar !== undefined && renameType !== 'OBJECT_TYPE') {
      return relation(rangeVar).map(({ key }) => part(key, subname));
    }
    return object === undefined ? [] : named(step, renameType, object).map(({ key }) => part(key, subname));
  }
  if ('AlterObjectSchemaStmt' in node) {
    const { objectType = '', relation: rangeVar, object } = node.AlterObjectSchemaStmt;
    if (rangeVar !== undefined) return relation(rangeVar);
    return object === undefined ? [] : named(step, objectType, object);
  }
  if ('AlterOwnerStmt' in node) {
    const { objectType = '', object } = node.AlterOwnerStmt;
    return object === undefined ? [] : named(step, objectType, object);
  }
  if ('CommentStmt' in node) return commented(step, node.CommentStmt);
  if ('GrantStmt' in node) return granted(step, node.GrantStmt);
  if ('DropStmt' in node) {
    const { removeType = '', objects = [] } = node.DropStmt;
    return objects.flatMap((object) => named(step, removeType, object));
  }
  return made.map(({ key }) => ({ key }));
});

function part(key: string, name: string | undefined): Subject {
  return name === undefined ? { key } : { key, part: name };
}

function typeNamed({ before, session }: Step, names: readonly string[]): Subject {
  const { schema, name } = qualified(names);
  return { key: typeKey(before, session, schema, name) };
}

const PARTS: ReadonlySet<string> = new Set([
  'OBJECT_COLUMN',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
]);

/** The object that a node names, of a kind that the statement says. */
function named(step: Step, kind: string, object: Node): readonly Subject[] {
  const { before, session } = step;
  const names = objectNames(object);
  const { schema, name } = qualified(names);
  if (PARTS.has(kind)) {
    const table = qualified(names.slice(0, -1));
    return [{ key: relationKey(before, session, table.schema, table.name), part: name }];
  }
  switch (kind) {
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
    case 'OBJECT_DOMCONSTRAINT':
      return [typeNamed(step, names)];
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      return [{ key: routineKey(before, session, schema, name) }];
    case 'OBJECT_SCHEMA':
    case 'OBJECT_EXTENSION':
    case 'OBJECT_PUBLICATION':
      return [{ key: name }];
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_INDEX':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_STATISTIC_EXT':
      return [{ key: relationKey(before, session, schema, name) }];
    default:
      return [];
  }
}

function commented(step: Step, { objtype, object }: CommentStmt): readonly Subject[] {
  return object === undefined ? [] : named(step, objtype ?? '', object);
}

function granted(step: Step, { objtype, objects = [], targtype }: GrantStmt): readonly Subject[] {
  if (targtype !== undefined && targtype !== 'ACL_TARGET_OBJECT') return [];
  return objects.flatMap((object) =>
    'RangeVar' in object
      ? [{ key: keyOfRangeVar(step.before, step.session, object.RangeVar) }]
      : named(step, objtype ?? '', object),
  );
}
