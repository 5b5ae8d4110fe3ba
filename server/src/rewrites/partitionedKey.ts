import type { Constraint as ConstraintNode } from '@pgsql/types';
import { constraintOf, displayName, tableOf, tableTree, writtenName } from '../catalog/catalog.ts';
import { objectKeyParts, stringsOf } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import {
  createUniqueIndex,
  deferral,
  dropIndex,
  indexSuffix,
  kindOf,
  NO_EQUAL_INDEX,
  notNullFirst,
} from './addKey.ts';
import { leavesOutChildren, withoutCommands, withoutName } from './alterTableText.ts';
import { constraintName, NAME_UNKNOWN } from './constraintName.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { partsOf } from './partitionedIndex.ts';
import { isAutocommit, phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { dropsOfConstraint } from './undoing.ts';

/**
 * ADD UNIQUE and ADD PRIMARY KEY on a partitioned table, which takes no constraint USING INDEX: each partition gets its
 * own that way, under the name that it would have got, and the one of the whole takes those over without building
 * anything, level by level (DefineIndex, commands/indexcmds.c). `table` is a key of the catalog.
 */
export function partitionedKey(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
  node: ConstraintNode,
): readonly Offer[] {
  const { step, file } = site;
  const kind = kindOf(node);
  const refused = (reason: string): readonly Offer[] => [
    { refused: `the ${kind} of ${displayName(table)} cannot be built partition by partition: ${reason}` },
  ];
  if (leavesOutChildren(step, table)) return refused('ONLY leaves the partitions out');
  // A partition's own primary key makes the NOT NULLs that it inherits its own as well (AdjustNotNullInheritance,
  // catalog/pg_constraint.c), which no statement takes back.
  if (node.contype === 'CONSTR_PRIMARY' && database.postgresVersion >= 18)
    return refused(
      'from PostgreSQL 18 on the NOT NULLs of the partitions would become their own, and stay when the key goes',
    );
  const suffix = indexSuffix(node);
  if (suffix === undefined) return refused(NO_EQUAL_INDEX);
  const name = constraintName(step, table, node);
  if (name === undefined) return refused(NAME_UNKNOWN);
  const again = isAutocommit(site);
  const end = site.end();
  const asBefore = String(tableTree(end, table)) === String(tableTree(step.before, table));
  if (!again && (!asBefore || constraintOf(tableOf(end, table), name)?.path !== file.path))
    return refused('later migrations change it, or the partitions');
  const parts = partsOf(step, table, name);
  if (typeof parts === 'string') return refused(parts);

  const keyed = parts.map((part) => ({
    ...part,
    alter: `ALTER TABLE ${writtenName(part.table)}`,
    name: objectKeyParts(part.index).name,
  }));
  const leaves = keyed.filter(({ partitioned }) => !partitioned);
  const whole = { alter: `ALTER TABLE ${writtenName(table)}`, name };
  // What is partitioned, the lowest first: each takes over what is there right below it.
  const wholes = [...keyed.filter(({ partitioned }) => partitioned).reverse(), whole];
  const definition = withoutName(step.statement, spans);
  const indexed = `(${stringsOf(node.keys).map(quoteName).join(', ')})${suffix}`;
  const drop = (each: { readonly alter: string; readonly name: string }): string =>
    `${each.alter} DROP CONSTRAINT IF EXISTS ${quoteName(each.name)}`;
  return phasedFix(site, database, {
    goal: `Add the ${kind} ${name} to ${displayName(table)} and its partitions`,
    stays: withoutCommands(step.statement, [spans]),
    undoing: dropsOfConstraint(file, table, name),
    phases: [
      ...notNullFirst(site, database, table, node),
      {
        deploy: 1,
        name: migrationName('index', name),
        does: 'builds the index of each partition while reads and writes go on',
        mustBeTrueBefore: 'no two rows are equal there',
        transactional: false,
        up: [
          // In one file all runs again after a failure, and the constraints may be there by then.
          ...(again ? [...wholes.toReversed(), ...leaves].map(drop) : []),
          ...leaves.flatMap((each) => [
            dropIndex(each.table, each.name),
            createUniqueIndex(each.table, each.name, indexed),
          ]),
        ],
        down: leaves.map((each) => dropIndex(each.table, each.name)),
      },
      {
        deploy: 1,
        name: migrationName('add', name),
        does: 'makes the indexes constraints, and those parts of one, which reads nothing',
        transactional: true,
        locksBriefly: true,
        up: [
          // As those who use it lock it: who has locked the parts and then waits for the whole makes a deadlock of them.
          ...(again ? [] : [`LOCK TABLE ${writtenName(table)}`]),
          ...leaves.map(
            (each) =>
              `${each.alter} ADD CONSTRAINT ${quoteName(each.name)} ${kind} USING INDEX ${quoteName(each.name)}${deferral(node)}`,
          ),
          ...wholes.map((each) => `${each.alter} ADD CONSTRAINT ${quoteName(each.name)} ${definition}`),
        ],
        down: [drop(whole)],
        accepted: {
          rule: again ? 'down-incomplete' : 'down-incomplete, lock-table',
          reason: 'the indexes go with the constraint; the lock is held while nothing is read',
        },
      },
    ],
  });
}
