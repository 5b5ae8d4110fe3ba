import { objectNames } from '../catalog/drop.ts';
import { type MigrationFile, type Script, statementsOf } from '../migrations/migration.ts';
import type { Statement } from '../sql/statement.ts';

/** The statements of a file's down script that drop just this index. */
export function dropsOfIndex(file: MigrationFile, name: string): readonly Statement[] {
  return find(file.down, (statement) => {
    const node = statement.parsed.node;
    if (node === undefined || !('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX')
      return false;
    const [object, ...others] = node.DropStmt.objects ?? [];
    return object !== undefined && others.length === 0 && objectNames(object).at(-1) === name;
  });
}

/** The statements of a file's down script that build one of these indexes. */
export function creationsOfIndex(file: MigrationFile, names: readonly string[]): readonly Statement[] {
  return find(file.down, (statement) => {
    const node = statement.parsed.node;
    return node !== undefined && 'IndexStmt' in node && names.includes(node.IndexStmt.idxname ?? '');
  });
}

function find(script: Script | undefined, which: (statement: Statement) => boolean): readonly Statement[] {
  return script === undefined ? [] : statementsOf(script).filter(which);
}
