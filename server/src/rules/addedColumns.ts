import type { ColumnDef, Constraint as ConstraintNode, Node } from '@pgsql/types';
import { columnOf } from '../catalog/catalog.ts';
import { columnConstraints } from '../catalog/defineTable.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import type { AlteredTable } from './alteredTable.ts';

/** A column that an ALTER TABLE adds. */
export interface AddedColumn {
  readonly spans: AlterTableCommandSpans;
  readonly definition: ColumnDef;
  readonly name: string;
  readonly constraints: readonly ConstraintNode[];
  /** Its DEFAULT's expression. */
  readonly value: Node | undefined;
}

/** The columns that an ALTER TABLE adds to the table; those that IF NOT EXISTS leaves alone are not among them. */
export function addedColumns({ table, commands }: AlteredTable): readonly AddedColumn[] {
  return commands.flatMap((spans): AddedColumn[] => {
    const { command } = spans;
    if (command.subtype !== 'AT_AddColumn' || command.def === undefined || !('ColumnDef' in command.def))
      return [];
    const definition = command.def.ColumnDef;
    const name = definition.colname ?? '';
    if (command.missing_ok && columnOf(table, name) !== undefined) return [];
    const constraints = columnConstraints(definition);
    const value = constraints.find((each) => each.contype === 'CONSTR_DEFAULT')?.raw_expr;
    return [{ spans, definition, name, constraints, value: definition.raw_default ?? value }];
  });
}
