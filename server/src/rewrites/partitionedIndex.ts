import type { IndexStmt } from '@pgsql/types';
import {
  type Catalog,
  displayName,
  indexOf,
  objectKey,
  tableOf,
  tableTree,
  writtenName,
} from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { chosenIndexName } from './chosenIndexName.ts';
import { afterStep } from './constraintName.ts';
import { dropsOfIndex } from './counterparts.ts';
import { migrationName } from './migrationName.ts';
import { changedLater, type Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';

/**
 * CREATE INDEX on a partitioned table: ON ONLY it first, then CONCURRENTLY on each partition, and each part attached
 * (documentation: CREATE INDEX, Building Indexes Concurrently, on partitioned tables). `table` is a key of the catalog.
 */
export function partitionedIndex(
  site: Site,
  database: LiveDatabase,
  statement: IndexStmt,
  table: string,
): readonly Offer[] {
  const { step } = site;
  const refused = (reason: string): readonly Offer[] => [
    { refused: `the index of ${displayName(table)} cannot be built partition by partition: ${reason}` },
  ];
  const name = statement.idxname ?? chosenIndexName(step);
  const text = readIndex(step.statement, statement);
  if (name === undefined || text === undefined)
    return refused('the name that PostgreSQL will choose for it is not known; give it one');
  const parts = partsOf(step, table, name);
  if (typeof parts === 'string') return refused(parts);
  const end = indexOf(site.end(), indexKey(table, name));
  if (end?.path !== site.file.path) return [changedLater(`the index ${name}`)];
  const leaves = parts.filter(({ partitioned }) => !partitioned);
  const between = parts.filter(({ partitioned }) => partitioned);
  const drops = leaves.map(({ index }) => `DROP INDEX CONCURRENTLY IF EXISTS ${writtenName(index)}`);
  // Without rows of their own, partitions that are partitioned in turn can be parts at once.
  const onlys = between.flatMap((part) => [
    text.withoutParts(part.table, objectKeyParts(part.index).name),
    attached(part),
  ]);
  const index = writtenName(indexKey(table, name));
  return phasedFix(site, database, {
    goal: `Build the index ${name} of ${displayName(table)} and its partitions`,
    stays: text.withoutParts(table, name),
    undoing: dropsOfIndex(site.file, name).map((each) => ({ statement: each, stays: undefined })),
    undoneAsBefore: true,
    phases: [
      {
        deploy: 1,
        name: migrationName('add', name),
        does: 'makes the index of the partitioned table alone, which reads nothing',
        transactional: true,
        locksBriefly: true,
        up: onlys,
        down: [`DROP INDEX ${index}`],
      },
      {
        deploy: 1,
        name: migrationName('build', name),
        does: 'builds the index of each partition while reads and writes go on',
        transactional: false,
        up: leaves.flatMap((part, i) => [
          drops[i] ?? '',
          text.concurrently(part.table, objectKeyParts(part.index).name),
        ]),
        down: drops,
      },
      {
        deploy: 1,
        name: migrationName('attach', name),
        does: 'makes the indexes of the partitions parts of the whole',
        transactional: true,
        locksBriefly: true,
        up: leaves.map(attached),
        // A part cannot be detached: the whole goes, and is there again without parts.
        down: [`DROP INDEX IF EXISTS ${index}`, text.withoutParts(table, name), ...onlys],
        accepted: { rule: 'down-incomplete', reason: 'an attached index goes with the whole' },
      },
    ],
  });
}

export interface IndexPart {
  /** Key of the partition. */
  readonly table: string;
  /** Key of its index. */
  readonly index: string;
  /** Key of the index that it becomes a part of. */
  readonly parent: string;
  readonly partitioned: boolean;
}

function attached({ parent, index }: IndexPart): string {
  return `ALTER INDEX ${writtenName(parent)} ATTACH PARTITION ${writtenName(index)}`;
}

function indexKey(table: string, index: string): string {
  return objectKey(objectKeyParts(table).schema, index);
}

/**
 * The indexes of the partitions as the statement would make them, each behind its parent's; or, one clause, why they
 * cannot be made before. `table` is a key of the catalog, `name` that of its index.
 */
export function partsOf(step: Step, table: string, name: string): readonly IndexPart[] | string {
  const after = afterStep(step);
  const own = new Map([[table, indexKey(table, name)]]);
  const parts: IndexPart[] = [];
  for (const partition of tableTree(step.before, table).slice(1)) {
    const parent = own.get(tableOf(step.before, partition)?.partitionOf?.parent ?? '');
    const index = parent === undefined ? undefined : partOf(after, partition, parent);
    // A foreign table takes part without an index of its own; what else has none is not known well enough.
    if (parent === undefined || index === undefined)
      return `which index the partition ${displayName(partition)} gets is not known`;
    // One that is there already would be attached, and go with the whole in the down.
    if (step.before.relations.has(index))
      return `the index ${displayName(index)} of the partition ${displayName(partition)} is there already, and equal to it`;
    own.set(partition, index);
    const partitioned = tableOf(step.before, partition)?.partitionBy !== undefined;
    parts.push({ table: partition, index, parent, partitioned });
  }
  return parts;
}

function partOf(after: Catalog, partition: string, parent: string): string | undefined {
  return tableOf(after, partition)?.indexes.find((key) => indexOf(after, key)?.attachedTo === parent);
}

/** A CREATE INDEX as text, for other tables and names. */
export interface IndexText {
  /** In one transaction with what makes the table. */
  plainly(table: string, name: string): string;
  /** ON ONLY: of a partitioned table alone. */
  withoutParts(table: string, name: string): string;
  concurrently(table: string, name: string): string;
}

export function readIndex(
  { text, tokens }: ParsedStatement,
  { relation, unique }: IndexStmt,
): IndexText | undefined {
  let at = tokens.findIndex(({ start }) => start === relation?.location);
  if (at < 0) return undefined;
  while (tokens[at + 1]?.value === '.') at += 2;
  const definition = text.slice(tokens[at]?.end);
  const create = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX`;
  return {
    plainly: (table, name) => `${create} ${quoteName(name)} ON ${writtenName(table)}${definition}`,
    withoutParts: (table, name) => `${create} ${quoteName(name)} ON ONLY ${writtenName(table)}${definition}`,
    concurrently: (table, name) =>
      `${create} CONCURRENTLY IF NOT EXISTS ${quoteName(name)} ON ${writtenName(table)}${definition}`,
  };
}
