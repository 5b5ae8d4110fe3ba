import type { Node } from '@pgsql/types';
import { writtenName } from '../catalog/catalog.ts';
import { objectNames } from '../catalog/drop.ts';
import { keyOfRangeVar, qualified, relationKey, stringsOf } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { moveOf } from './movedRelation.ts';

/** Names of what hangs on a column. */
export interface Named {
  /** Key of the table. */
  readonly table: string;
  readonly column: string;
  readonly constraints: ReadonlySet<string>;
  /** Keys. */
  readonly indexes: ReadonlySet<string>;
}

/**
 * What the history says of a column besides what the schema shows, as statements that can be said again: comments on
 * it, its constraints and indexes, GRANTs on it, SET STATISTICS and options. Undefined where that is not certain.
 */
export function saidOfColumn(steps: readonly Step[], named: Named): readonly string[] | undefined {
  const said: string[] = [];
  for (const step of steps) {
    const { node, before, session } = step;
    const renamed =
      moveOf(step)?.to === named.table ||
      ('RenameStmt' in node &&
        node.RenameStmt.renameType === 'OBJECT_COLUMN' &&
        keyOfRangeVar(before, session, node.RenameStmt.relation) === named.table &&
        node.RenameStmt.newname === named.column);
    // What was said before it used other names.
    if (renamed && said.length > 0) return undefined;
    const texts = textsOf(step, named);
    if (texts.length > 0 && (step.conditional || step.statement.templated)) return undefined;
    said.push(...texts);
  }
  return said;
}

function textsOf(step: Step, named: Named): readonly string[] {
  const { node, statement } = step;
  if ('CommentStmt' in node) return isComment(step, node.CommentStmt, named) ? [statement.text] : [];
  if ('GrantStmt' in node) {
    const { objects = [], privileges = [] } = node.GrantStmt;
    const onTable = objects.some(
      (each) => 'RangeVar' in each && keyOfRangeVar(step.before, step.session, each.RangeVar) === named.table,
    );
    const ofColumn = privileges.some(
      (each) => 'AccessPriv' in each && stringsOf(each.AccessPriv.cols).includes(named.column),
    );
    return onTable && ofColumn ? [statement.text] : [];
  }
  if (!('AlterTableStmt' in node)) return [];
  if (keyOfRangeVar(step.before, step.session, node.AlterTableStmt.relation) !== named.table) return [];
  return alterTableCommands(statement)
    .filter(({ command }) => KEPT.has(command.subtype ?? '') && command.name === named.column)
    .map(
      ({ span }) => `ALTER TABLE ${writtenName(named.table)} ${statement.text.slice(span.start, span.end)}`,
    );
}

/** ALTER COLUMN TYPE keeps these, but neither SET STORAGE nor SET COMPRESSION (ATExecAlterColumnType). */
const KEPT: ReadonlySet<string> = new Set(['AT_SetStatistics', 'AT_SetOptions', 'AT_ResetOptions']);

function isComment(
  { before, session }: Step,
  { objtype, object }: Extract<Node, { CommentStmt: unknown }>['CommentStmt'],
  named: Named,
): boolean {
  const names = object === undefined ? [] : objectNames(object);
  const keyOf = (of: readonly string[]): string => {
    const { schema, name } = qualified(of);
    return relationKey(before, session, schema, name);
  };
  const last = names.at(-1) ?? '';
  if (objtype === 'OBJECT_INDEX') return named.indexes.has(keyOf(names));
  if (objtype === 'OBJECT_COLUMN') return last === named.column && keyOf(names.slice(0, -1)) === named.table;
  return (
    objtype === 'OBJECT_TABCONSTRAINT' &&
    named.constraints.has(last) &&
    keyOf(names.slice(0, -1)) === named.table
  );
}
