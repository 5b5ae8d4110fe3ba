import { displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import { generatedName } from '../catalog/generatedNames.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { isAutocommit, phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { undoingCommands } from './undoing.ts';

/**
 * ATTACH PARTITION: first a CHECK that says the same as the bounds, validated while reads and writes go on; ATTACH then
 * reads nothing (documentation: Table Partitioning, Partition Maintenance). Keys of the catalog; only where the bounds
 * are those of one column.
 */
export function attachPartition(
  site: Site,
  database: LiveDatabase,
  parent: string,
  partition: string,
): readonly Offer[] {
  const { step, file } = site;
  const keys = tableOf(step.before, parent)?.partitionBy?.columns ?? [];
  const [key] = keys;
  const bounds = key === undefined || keys.length > 1 ? undefined : boundsOf(step.statement, quoteName(key));
  // Later migrations must have left it where it is put here.
  const attached = tableOf(site.end(), partition)?.partitionOf?.parent === parent;
  if (bounds === undefined || isAutocommit(site) || !attached) return [];
  const { schema, name } = objectKeyParts(partition);
  const taken = new Set(tableOf(step.before, partition)?.constraints.map((each) => each.name));
  const check = generatedName(step.before, schema, name, undefined, 'fits', (each) => taken.has(each));
  const alter = `ALTER TABLE ${writtenName(partition)}`;
  const add = `${alter} ADD CONSTRAINT ${quoteName(check)} CHECK (${bounds}) NOT VALID`;
  const drop = `${alter} DROP CONSTRAINT IF EXISTS ${quoteName(check)}`;
  return phasedFix(site, database, {
    goal: `Attach ${displayName(partition)} to ${displayName(parent)}`,
    stays: undefined,
    undoing: undoingCommands(file, parent, ({ subtype, def }) => {
      const detached =
        def !== undefined && 'PartitionCmd' in def ? def.PartitionCmd.name?.relname : undefined;
      return subtype === 'AT_DetachPartition' && detached === name;
    }),
    phases: [
      {
        deploy: 1,
        name: migrationName('check', name),
        does: 'refuses new rows outside the bounds from now on, and reads none of the old ones',
        transactional: true,
        locksBriefly: true,
        up: [add],
        down: [drop],
      },
      {
        deploy: 1,
        name: migrationName('validate', check),
        does: 'reads every old row; reads and writes go on meanwhile',
        mustBeTrueBefore: 'no old row lies outside the bounds',
        transactional: true,
        up: [`${alter} VALIDATE CONSTRAINT ${quoteName(check)}`],
        down: [],
      },
      {
        deploy: 1,
        name: migrationName('attach', name),
        does: 'attaches the partition, which reads nothing, and drops the CHECK',
        transactional: true,
        locksBriefly: true,
        up: [step.statement.text, drop],
        down: [`ALTER TABLE ${writtenName(parent)} DETACH PARTITION ${writtenName(partition)}`, add],
      },
    ],
  });
}

/** The bounds of an ATTACH PARTITION as a condition on the key, a range or a list of one column; undefined of others. */
function boundsOf(statement: ParsedStatement, key: string): string | undefined {
  const { text } = statement;
  const values = findKeywords(statement, ['for', 'values']);
  if (values === undefined) return undefined;
  const bound = text.slice(values.end);
  const list = /^\s*in\s*\(([\s\S]*)\)\s*$/i.exec(bound)?.[1];
  if (list !== undefined) {
    // A list that holds NULL takes rows without a value.
    return /\bnull\b/i.test(list) ? undefined : `${key} IS NOT NULL AND ${key} IN (${list})`;
  }
  const range = /^\s*from\s*\(([\s\S]*)\)\s*to\s*\(([\s\S]*)\)\s*$/i.exec(bound);
  if (range === null) return undefined;
  const [, from = '', to = ''] = range.map((each) => each.trim());
  return [
    `${key} IS NOT NULL`,
    ...(/^minvalue$/i.test(from) ? [] : [`${key} >= ${from}`]),
    ...(/^maxvalue$/i.test(to) ? [] : [`${key} < ${to}`]),
  ].join(' AND ');
}
