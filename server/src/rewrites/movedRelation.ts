import type { ObjectType } from '@pgsql/types';
import { objectKey } from '../catalog/catalog.ts';
import { keyOfRangeVar, objectKeyParts } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';

/** A table or view that a statement renames or takes to another schema. */
export interface Move {
  /** Keys of the catalog. */
  readonly from: string;
  readonly to: string;
  readonly keyword: 'rename' | 'set';
  readonly kind: ObjectType | undefined;
}

const RENAMED: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_TABLE',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
]);

/** The old and the new key of a table or view that the statement renames or takes to another schema. */
export function moveOf({ node, before, session }: Step): Move | undefined {
  if ('RenameStmt' in node) {
    const { renameType: kind, relation, newname = '' } = node.RenameStmt;
    const from = keyOfRangeVar(before, session, relation);
    // ALTER TABLE renames an index as well.
    if (!RENAMED.has(kind) || before.relations.get(from)?.kind === 'index') return undefined;
    return { from, to: objectKey(objectKeyParts(from).schema, newname), keyword: 'rename', kind };
  }
  if ('AlterObjectSchemaStmt' in node) {
    const { objectType: kind, relation, newschema = '' } = node.AlterObjectSchemaStmt;
    if (!RENAMED.has(kind)) return undefined;
    const from = keyOfRangeVar(before, session, relation);
    return { from, to: objectKey(newschema, objectKeyParts(from).name), keyword: 'set', kind };
  }
  return undefined;
}
