import type { DropStmt } from '@pgsql/types';
import { objectNames } from '../catalog/drop.ts';
import { qualified, relationKey } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';

/** The keys of the tables that a DROP names; none where it drops something else. */
export function droppedTables(step: Step, statement: DropStmt): readonly string[] {
  if (statement.removeType !== 'OBJECT_TABLE') return [];
  return (statement.objects ?? []).map((object) => {
    const { schema, name } = qualified(objectNames(object));
    return relationKey(step.before, step.session, schema, name);
  });
}
