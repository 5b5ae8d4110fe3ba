import type { DropStmt, Node } from '@pgsql/types';
import type { Cascade } from '../catalog/cascade.ts';
import type { Policy, Relation, RewriteRule, Trigger } from '../catalog/catalog.ts';
import { dropRoutine, objectNames } from '../catalog/drop.ts';
import { lookUp, qualified, relationKey, typeKey } from '../catalog/resolve.ts';
import { dropWith } from './dropped.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { dropIndexes } from './indexes.ts';
import { isPartitioned, partitionTree } from './relations.ts';

/** DROP of any kind: the object, what belongs to it and what depends on it (without CASCADE there is nothing of that). */
export function dropObjects(statement: DropStmt, to: EffectBuilder, context: EffectContext): void {
  if (statement.removeType === 'OBJECT_INDEX') {
    dropIndexes(statement, to, context);
    return;
  }
  dropWith(to, context, (cascade) => {
    for (const object of statement.objects ?? []) dropOne(statement, object, cascade, to, context);
  });
}

function dropOne(
  statement: DropStmt,
  object: Node,
  cascade: Cascade,
  to: EffectBuilder,
  context: EffectContext,
): void {
  const { catalog, scope } = context;
  const names = objectNames(object);
  const { schema, name } = qualified(names);
  switch (statement.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE': {
      const key = relationKey(catalog, scope, schema, name);
      // One that the history does not show is there all the same, unless the statement allows for it not to be.
      if (!catalog.relations.has(key) && !statement.missing_ok) to.drop(key);
      cascade.relation(key);
      break;
    }
    case 'OBJECT_SCHEMA':
      cascade.schema(name);
      break;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      cascade.type(typeKey(catalog, scope, schema, name));
      break;
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE':
      dropRoutine(cascade, scope, object, statement.missing_ok === true);
      break;
    case 'OBJECT_EXTENSION':
      cascade.extension(name);
      break;
    case 'OBJECT_FOREIGN_SERVER':
      cascade.server(name);
      break;
    case 'OBJECT_STATISTIC_EXT': {
      const table = catalog.statistics.get(lookUp(catalog.statistics, scope, schema, name) ?? '')?.table;
      if (table !== undefined) to.lock(table, 'SHARE UPDATE EXCLUSIVE');
      break;
    }
    case 'OBJECT_TRIGGER':
    case 'OBJECT_RULE':
    case 'OBJECT_POLICY':
      dropFromTable(statement, names, to, context);
      break;
    default:
      break;
  }
}

function partOf(
  owner: Relation,
  kind: DropStmt['removeType'],
  name: string,
): Trigger | Policy | RewriteRule | undefined {
  const parts: readonly (Trigger | Policy | RewriteRule)[] =
    kind === 'OBJECT_TRIGGER' && 'triggers' in owner
      ? owner.triggers
      : kind === 'OBJECT_RULE' && 'rules' in owner
        ? owner.rules
        : kind === 'OBJECT_POLICY' && 'policies' in owner
          ? owner.policies
          : [];
  return parts.find((each) => each.name === name);
}

/** Triggers, rules and policies are named after their table; a row trigger has copies in the partitions. */
function dropFromTable(
  statement: DropStmt,
  names: readonly string[],
  to: EffectBuilder,
  context: EffectContext,
): void {
  const { catalog, scope } = context;
  const { schema, name } = qualified(names.slice(0, -1));
  const key = relationKey(catalog, scope, schema, name);
  const owner = catalog.relations.get(key);
  if (owner === undefined && statement.missing_ok) return;
  const part = owner === undefined ? undefined : partOf(owner, statement.removeType, names.at(-1) ?? '');
  const known = owner !== undefined && (!('complete' in owner) || owner.complete);
  if (part === undefined && known && statement.missing_ok) return;
  to.lock(key, 'ACCESS EXCLUSIVE');
  if (part !== undefined && 'row' in part && part.row && isPartitioned(catalog, key))
    to.lockAll(partitionTree(catalog, key), 'ACCESS EXCLUSIVE');
}
