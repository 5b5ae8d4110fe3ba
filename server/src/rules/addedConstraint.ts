import type { Constraint as ConstraintNode } from '@pgsql/types';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';

/** The constraint of an ADD CONSTRAINT; of any other command none. */
export function addedConstraint({ command }: AlterTableCommandSpans): ConstraintNode | undefined {
  if (command.subtype !== 'AT_AddConstraint' || command.def === undefined) return undefined;
  return 'Constraint' in command.def ? command.def.Constraint : undefined;
}
