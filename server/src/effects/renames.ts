import type {
  AlterObjectDependsStmt,
  AlterObjectSchemaStmt,
  AlterOwnerStmt,
  Node,
  RenameStmt,
} from '@pgsql/types';
import { type Catalog, constraintOf, tableOf, tableTree } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { keyOfRangeVar, qualified, relationKey } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import { ownedSequences, partitionTree, typedTables } from './relations.ts';

const RELATIONS: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_SEQUENCE',
  'OBJECT_INDEX',
]);

/** ALTER … RENAME (commands/tablecmds.c: RenameRelation, renameatt, RenameConstraint; trigger.c, policy.c). */
export function rename(statement: RenameStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog, scope } = context;
  if (statement.relation === undefined) {
    if (statement.renameType === 'OBJECT_TYPE') lockComposite(statement.object, to, context);
    return;
  }
  const key = keyOfRangeVar(catalog, scope, statement.relation);
  if (statement.missing_ok && !catalog.relations.has(key)) return;
  const kind = statement.renameType ?? '';
  const below = statement.relation.inh === true;
  if (RELATIONS.has(kind)) {
    // Since 12 ALTER INDEX renames an index beside running queries.
    const found = catalog.relations.get(key);
    const index = kind === 'OBJECT_INDEX' && (found === undefined || found.kind === 'index');
    to.lock(key, index ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE');
  } else if (kind === 'OBJECT_COLUMN' || kind === 'OBJECT_ATTRIBUTE') {
    to.lockAll(below ? tableTree(catalog, key) : [key], 'ACCESS EXCLUSIVE');
    to.lockAll(typedTables(catalog, key), 'ACCESS EXCLUSIVE');
  } else if (kind === 'OBJECT_TABCONSTRAINT') renameConstraint(statement, key, to, catalog);
  else if (kind === 'OBJECT_TRIGGER') {
    // Since 15 the partitions are gone through for copies of the trigger (renametrig).
    to.lockAll(context.postgresVersion >= 15 ? partitionTree(catalog, key) : [key], 'ACCESS EXCLUSIVE');
  } else to.lock(key, 'ACCESS EXCLUSIVE');
}

/** A check is renamed in the tables below as well; a key's index takes its new name. */
function renameConstraint(statement: RenameStmt, key: string, to: EffectBuilder, catalog: Catalog): void {
  const constraint = constraintOf(tableOf(catalog, key), statement.subname ?? '');
  const inherited = (constraint?.kind === 'check' || constraint?.kind === 'notNull') && !constraint.noInherit;
  to.lockAll(
    inherited && statement.relation?.inh === true ? tableTree(catalog, key) : [key],
    'ACCESS EXCLUSIVE',
  );
  if (constraint?.index !== undefined) to.lock(constraint.index, 'SHARE UPDATE EXCLUSIVE');
}

/** A composite type is a relation too, and changed as one (RenameType and AlterTypeOwner, commands/typecmds.c). */
function lockComposite(object: Node | undefined, to: EffectBuilder, { catalog, scope }: EffectContext): void {
  const { schema, name } = qualified(object === undefined ? [] : objectNames(object));
  const key = relationKey(catalog, scope, schema, name);
  if (catalog.relations.get(key)?.kind === 'compositeType') to.lock(key, 'ACCESS EXCLUSIVE');
}

/** ALTER … SET SCHEMA: owned sequences move along, and are opened for it (AlterSeqNamespaces); indexes are not. */
export function setSchema(statement: AlterObjectSchemaStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog, scope } = context;
  if (statement.relation === undefined) return;
  const key = keyOfRangeVar(catalog, scope, statement.relation);
  if (statement.missing_ok && !catalog.relations.has(key)) return;
  to.lock(key, 'ACCESS EXCLUSIVE').lockAll(ownedSequences(catalog, key), 'ACCESS EXCLUSIVE');
}

/** ALTER … OWNER TO of what is a relation and not a table. */
export function changeOwner(statement: AlterOwnerStmt, to: EffectBuilder, context: EffectContext): void {
  if (statement.relation !== undefined) {
    to.lock(keyOfRangeVar(context.catalog, context.scope, statement.relation), 'ACCESS EXCLUSIVE');
  } else if (statement.objectType === 'OBJECT_TYPE') lockComposite(statement.object, to, context);
}

/** DEPENDS ON EXTENSION locks an index or materialized view, but of a trigger only looks up the table (commands/alter.c). */
export function dependOnExtension(
  statement: AlterObjectDependsStmt,
  to: EffectBuilder,
  context: EffectContext,
): void {
  if (statement.relation === undefined) return;
  const key = keyOfRangeVar(context.catalog, context.scope, statement.relation);
  to.lock(key, statement.objectType === 'OBJECT_TRIGGER' ? 'ACCESS SHARE' : 'ACCESS EXCLUSIVE');
}
