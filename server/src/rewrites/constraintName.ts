import type { Constraint as ConstraintNode } from '@pgsql/types';
import { constraintKind } from '../catalog/addConstraint.ts';
import { apply } from '../catalog/apply.ts';
import { type Catalog, tableOf } from '../catalog/catalog.ts';
import type { Step } from '../replay/step.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';

/** Why a rewrite is refused where `constraintName` has none, one clause. */
export const NAME_UNKNOWN =
  'the name that PostgreSQL will choose for it is not known; give it one with CONSTRAINT';

/** The name of a constraint that an ALTER TABLE adds: as written, or as Postgres will choose it; undefined where that cannot be told. */
export function constraintName(step: Step, table: string, constraint: ConstraintNode): string | undefined {
  if (constraint.conname !== undefined) return constraint.conname;
  const kind = constraintKind(constraint);
  const before = new Set(tableOf(step.before, table)?.constraints.map((each) => each.name));
  const added = (tableOf(afterStep(step), table)?.constraints ?? []).filter(
    (each) => each.nameIsGenerated && each.kind === kind && !before.has(each.name),
  );
  const unnamed = alterTableCommands(step.statement).flatMap(({ command: { def } }) =>
    def !== undefined && 'Constraint' in def ? def.Constraint : [],
  );
  const alike = unnamed.filter((each) => each.conname === undefined && constraintKind(each) === kind);
  return alike.length === added.length ? added[alike.indexOf(constraint)]?.name : undefined;
}

/** The schema after a step. */
export function afterStep(step: Step): Catalog {
  return apply(step.before, step.node, { searchPath: step.session.searchPath, path: '' });
}
