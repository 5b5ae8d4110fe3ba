import type { Constraint as ConstraintNode } from '@pgsql/types';
import { columnOf, constraintOf, displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import { objectKeyParts, stringsOf } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteName, quotePath } from '../sql/names.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { withoutCommands } from './alterTableText.ts';
import { constraintName, NAME_UNKNOWN } from './constraintName.ts';
import { migrationName } from './migrationName.ts';
import { changedLater, type Offer } from './offer.ts';
import { isAutocommit, phasedFix } from './phasedFix.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';
import { notNullPhases } from './setNotNull.ts';
import { dropsOfConstraint } from './undoing.ts';

/**
 * ADD UNIQUE and ADD PRIMARY KEY: the index first, CONCURRENTLY, which the constraint then takes over (documentation:
 * ALTER TABLE, ADD table_constraint_using_index); before a primary key its columns become NOT NULL.
 */
export function addKey(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
  node: ConstraintNode,
): readonly Offer[] {
  const { step, file } = site;
  const name = constraintName(step, table, node);
  const suffix = indexSuffix(node);
  const kind = kindOf(node);
  const refused = (reason: string): readonly Offer[] => [
    { refused: `the ${kind} of ${displayName(table)} cannot take over an index: ${reason}` },
  ];
  if (name === undefined) return refused(NAME_UNKNOWN);
  if (suffix === undefined) return refused(NO_EQUAL_INDEX);
  // Later migrations must have left it as it is made here.
  if (!isAutocommit(site) && constraintOf(tableOf(site.end(), table), name)?.path !== file.path)
    return [changedLater(name)];
  const columns = stringsOf(node.keys);
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const drop = `${alter} DROP CONSTRAINT IF EXISTS ${quoteName(name)}`;
  const index = buildUniqueIndex(table, name, `(${columns.map(quoteName).join(', ')})${suffix}`);
  const again = isAutocommit(site);
  return phasedFix(site, database, {
    goal: `Add the ${kind} ${name} to ${displayName(table)}`,
    stays: withoutCommands(step.statement, [spans]),
    undoing: dropsOfConstraint(file, table, name),
    phases: [
      ...notNullFirst(site, database, table, node),
      // In one file all runs again after a failure, and the constraint may be there by then.
      again ? { ...index, up: [drop, ...index.up] } : index,
      {
        deploy: 1,
        name: migrationName('add', name),
        does: 'makes the index a constraint, which reads nothing',
        transactional: true,
        locksBriefly: true,
        up: [
          `${alter} ADD CONSTRAINT ${quoteName(name)} ${kind} USING INDEX ${quoteName(name)}${deferral(node)}`,
        ],
        down: [drop],
        accepted: { rule: 'down-incomplete', reason: 'the index goes with its constraint' },
      },
    ],
  });
}

/** UNIQUE or PRIMARY KEY, as SQL says it. */
export function kindOf({ contype }: ConstraintNode): string {
  return contype === 'CONSTR_PRIMARY' ? 'PRIMARY KEY' : 'UNIQUE';
}

/** The phases after which the columns of a primary key are NOT NULL; none where they are, or for another key. */
export function notNullFirst(
  site: Site,
  database: LiveDatabase,
  table: string,
  node: ConstraintNode,
): readonly Phase[] {
  if (node.contype !== 'CONSTR_PRIMARY') return [];
  const known = tableOf(site.step.before, table);
  const nullable = stringsOf(node.keys).filter((each) => columnOf(known, each)?.notNull !== true);
  return notNullPhases(site, database, table, nullable);
}

/** The index under a key, built anew where a failed run has left an INVALID one. `definition` is what follows ON table. */
export function buildUniqueIndex(table: string, name: string, definition: string): Phase {
  const drop = dropIndex(table, name);
  return {
    deploy: 1,
    name: migrationName('index', name),
    does: 'builds the index while reads and writes go on',
    mustBeTrueBefore: 'no two rows are equal there',
    transactional: false,
    up: [drop, createUniqueIndex(table, name, definition)],
    down: [drop],
  };
}

/** Drops an index of the table, if it is there, while reads and writes go on. */
export function dropIndex(table: string, name: string): string {
  const { schema } = objectKeyParts(table);
  return `DROP INDEX CONCURRENTLY IF EXISTS ${quotePath(schema === 'public' ? undefined : schema, name)}`;
}

/** Builds a unique index while reads and writes go on. `definition` is what follows ON table. */
export function createUniqueIndex(table: string, name: string, definition: string): string {
  return `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${quoteName(name)} ON ${writtenName(table)} ${definition}`;
}

/** Why a rewrite is refused where `indexSuffix` has none, one clause. */
export const NO_EQUAL_INDEX = 'no unique index that is made before says the same as its options';

/** What the index says besides its columns; undefined where the constraint says what no unique index can. */
export function indexSuffix(node: ConstraintNode): string | undefined {
  if (node.options !== undefined || node.without_overlaps) return undefined;
  const included = stringsOf(node.including);
  return [
    included.length === 0 ? '' : ` INCLUDE (${included.map(quoteName).join(', ')})`,
    node.nulls_not_distinct ? ' NULLS NOT DISTINCT' : '',
    node.indexspace === undefined ? '' : ` TABLESPACE ${quoteName(node.indexspace)}`,
  ].join('');
}

/** When the constraint is checked. */
export function deferral({ deferrable, initdeferred }: ConstraintNode): string {
  return `${deferrable ? ' DEFERRABLE' : ''}${initdeferred ? ' INITIALLY DEFERRED' : ''}`;
}
