import type { Constraint as ConstraintNode } from '@pgsql/types';
import { constraintOf, displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { withCommands } from './alterTableText.ts';
import { constraintName, NAME_UNKNOWN } from './constraintName.ts';
import { migrationName } from './migrationName.ts';
import { changedLater, type Offer } from './offer.ts';
import { isAutocommit, phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { dropsOfConstraint } from './undoing.ts';

/**
 * ADD FOREIGN KEY and ADD CHECK: NOT VALID, which reads nothing, then VALIDATE, which blocks nobody (documentation:
 * ALTER TABLE, notes on VALIDATE CONSTRAINT). `table` is a key of the catalog.
 */
export function addNotValid(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
  constraint: ConstraintNode,
): readonly Offer[] {
  const { step } = site;
  const name = constraintName(step, table, constraint);
  // Later migrations must have left it as it is made here.
  const left = () => constraintOf(tableOf(site.end(), table), name ?? '')?.path === site.file.path;
  if (name === undefined)
    return [{ refused: `what is added to ${displayName(table)} cannot be validated later: ${NAME_UNKNOWN}` }];
  if (!isAutocommit(site) && !left()) return [changedLater(name)];
  const { text } = step.statement;
  const command = text.slice(spans.span.start, spans.span.end);
  return phasedFix(site, database, {
    goal: `Add ${name} to ${displayName(table)}`,
    stays: withCommands(step.statement, [{ spans, text: `${command} NOT VALID` }]),
    undoing: dropsOfConstraint(site.file, table, name),
    undoneAsBefore: true,
    phases: [
      {
        deploy: 1,
        name: migrationName('add', name),
        does: 'checks new rows from now on, and reads none of the old ones',
        transactional: true,
        locksBriefly: true,
        up: [],
        down: [`ALTER TABLE ${writtenName(table)} DROP CONSTRAINT ${quoteName(name)}`],
      },
      {
        deploy: 1,
        name: migrationName('validate', name),
        does: 'checks the rows that were there before; reads and writes go on meanwhile',
        mustBeTrueBefore: 'no old row breaks it',
        transactional: true,
        up: [`ALTER TABLE ${writtenName(table)} VALIDATE CONSTRAINT ${quoteName(name)}`],
        down: [],
      },
    ],
  });
}
