import { type Constraint, tableOf } from '../catalog/catalog.ts';
import { inTransactionBlock, isNewPart, type Step } from '../replay/step.ts';

/** Columns whose rows a constraint speaks of. */
export interface TableColumns {
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Whether all old rows fit a constraint that a step adds because one that says as much held them until then: it is there
 * still, or the same transaction, whose locks nobody writes past, has dropped it and left the rows alone since.
 * `steps` are those of the script, `rows` all columns that the constraint hangs on.
 */
export function heldBefore(
  steps: readonly Step[],
  step: Step,
  rows: readonly TableColumns[],
  saysAsMuch: (constraint: Constraint) => boolean,
): boolean {
  const [{ table } = { table: '' }] = rows;
  if (rows.some((each) => each.columns.some((column) => isNewPart(step, each.table, column)))) return false;
  for (let at = steps.indexOf(step); at >= 0; at--) {
    const then = steps[at];
    // The step itself may change values too: one ALTER TABLE does several things.
    if (then === undefined || !leavesRows(then) || (then !== step && !inTransactionBlock(then))) return false;
    const held = tableOf(then.before, table)?.constraints ?? [];
    if (held.some((each) => each.validated && each.enforced && saysAsMuch(each))) return true;
    if (!inTransactionBlock(step)) return false;
  }
  return false;
}

/** Whether a statement certainly changes no value of an existing row, and brings or takes none. */
function leavesRows({ node }: Step): boolean {
  if ('AlterTableStmt' in node) {
    return (node.AlterTableStmt.cmds ?? []).every(
      (each) => 'AlterTableCmd' in each && HARMLESS.has(each.AlterTableCmd.subtype ?? ''),
    );
  }
  return ['CreateStmt', 'IndexStmt', 'DropStmt', 'CommentStmt', 'VariableSetStmt'].some(
    (kind) => kind in node,
  );
}

const HARMLESS: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_AddConstraint',
  'AT_ColumnDefault',
  'AT_DropColumn',
  'AT_DropConstraint',
  'AT_DropNotNull',
  'AT_SetNotNull',
  'AT_ValidateConstraint',
]);
