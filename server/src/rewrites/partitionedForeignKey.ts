import type { Constraint as ConstraintNode } from '@pgsql/types';
import { constraintOf, displayName, tableOf, tableTree, writtenName } from '../catalog/catalog.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { withoutCommands, withoutName } from './alterTableText.ts';
import { constraintName, NAME_UNKNOWN } from './constraintName.ts';
import { migrationName } from './migrationName.ts';
import { changedLater, type Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { transactionPlace } from './transactionPlace.ts';
import { dropsOfConstraint } from './undoing.ts';

/**
 * ADD FOREIGN KEY to a partitioned table before 18, which takes none NOT VALID: each partition gets its own, which the
 * one of the whole then takes over without looking at a row (tryAttachPartitionForeignKey, commands/tablecmds.c).
 */
export function partitionedForeignKey(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
  constraint: ConstraintNode,
): readonly Offer[] {
  const { step, file } = site;
  const name = constraintName(step, table, constraint);
  const refused = (reason: string): readonly Offer[] => [
    { refused: `the foreign key of ${displayName(table)} cannot be added partition by partition: ${reason}` },
  ];
  if (name === undefined) return refused(NAME_UNKNOWN);
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return refused(transaction.refused);
  // Later migrations must have left it as it is made here.
  if (constraintOf(tableOf(site.end(), table), name)?.path !== file.path) return [changedLater(name)];
  const leaves = tableTree(step.before, table).filter(
    (each) => tableOf(step.before, each)?.partitionBy === undefined,
  );
  const add = `ADD CONSTRAINT ${quoteName(name)} ${withoutName(step.statement, spans)}`;
  const alters = leaves.map((each) => `ALTER TABLE ${writtenName(each)}`);
  const drop = `DROP CONSTRAINT IF EXISTS ${quoteName(name)}`;
  const whole = `ALTER TABLE ${writtenName(table)}`;
  return phasedFix(site, database, {
    goal: `Add ${name} to ${displayName(table)} and its partitions`,
    stays: withoutCommands(step.statement, [spans]),
    transaction,
    undoing: dropsOfConstraint(file, table, name),
    phases: [
      {
        deploy: 1,
        name: migrationName('add', name),
        does: 'checks new rows of each partition from now on, and reads none of the old ones',
        transactional: true,
        locksBriefly: true,
        up: alters.map((alter) => `${alter} ${add} NOT VALID`),
        down: alters.map((alter) => `${alter} ${drop}`),
      },
      {
        deploy: 1,
        name: migrationName('validate', name),
        does: 'checks the rows that were there before; reads and writes go on meanwhile',
        mustBeTrueBefore: 'no old row breaks it',
        transactional: true,
        up: alters.map((alter) => `${alter} VALIDATE CONSTRAINT ${quoteName(name)}`),
        down: [],
      },
      {
        deploy: 1,
        name: migrationName('join', name),
        does: 'makes the foreign keys of the partitions parts of one, which reads nothing',
        transactional: true,
        locksBriefly: true,
        up: [`${whole} ${add}`],
        down: [`${whole} ${drop}`, ...alters.map((alter) => `${alter} ${add} NOT VALID`)],
      },
    ],
  });
}
