import type { AlterTableCmd, ColumnDef, Constraint as ConstraintNode } from '@pgsql/types';
import type { EffectBuilder, EffectContext } from './effect.ts';
import type { LockMode } from './lockMode.ts';

/** One command of an ALTER TABLE and what it works on. */
export interface Target {
  readonly command: AlterTableCmd;
  /** All commands of the statement: they are reordered into passes, drops first. */
  readonly commands: readonly AlterTableCmd[];
  /** Key of the table that the statement names. */
  readonly key: string;
  /** That table and, without ONLY, those below it. */
  readonly tree: readonly string[];
  /** The lock that the whole statement takes: the strongest of its commands. */
  readonly lock: LockMode;
  readonly context: EffectContext;
  readonly to: EffectBuilder;
}

/** The constraint that ADD CONSTRAINT adds. */
export function constraintNode(command: AlterTableCmd): ConstraintNode | undefined {
  return command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint : undefined;
}

/** The column definition of ADD COLUMN, or the new type of ALTER COLUMN TYPE. */
export function columnNode(command: AlterTableCmd): ColumnDef | undefined {
  return command.def !== undefined && 'ColumnDef' in command.def ? command.def.ColumnDef : undefined;
}

/** The names that the statement's DROP CONSTRAINT commands take away: they run before all others (AT_PASS_DROP). */
export function droppedConstraints(target: Pick<Target, 'commands'>): ReadonlySet<string> {
  return new Set(
    target.commands.flatMap((each) =>
      each.subtype === 'AT_DropConstraint' && each.name !== undefined ? [each.name] : [],
    ),
  );
}
