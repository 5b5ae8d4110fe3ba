import type { Node } from '@pgsql/types';
import { displayName, objectKey, tableOf, writtenName } from '../catalog/catalog.ts';
import { publicationOf } from '../catalog/publication.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import { aroundSite } from './aroundSite.ts';
import { freeRelationName } from './freeName.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { standInView } from './standInView.ts';
import { transactionPlace } from './transactionPlace.ts';
import { undoingStatements } from './undoing.ts';

/**
 * RENAME COLUMN: in the same transaction the table steps aside for a view of its name, in which the column has both
 * names; when nobody uses the old one any more, the table takes its place again. Nothing is copied, and all that hangs
 * on the column stays as it is. `table` is a key of the catalog.
 */
export function renameColumn(
  site: Site,
  database: LiveDatabase,
  table: string,
  from: string,
  to: string,
): readonly Offer[] {
  const { step, file } = site;
  if (step.conditional || tableOf(step.before, table)?.kind === 'foreignTable') return [];
  const relation = step.before.relations.get(table);
  if (relation !== undefined && relation.kind !== 'table') return [];
  const shown = displayName(table);
  if (relation === undefined)
    return [{ refused: `the history does not show ${shown}, nor who may use a view in its place` }];
  const reason = inTheWay(site, table);
  if (reason !== undefined) return [{ refused: reason }];
  // Between the renaming and the view the table would be missing.
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return [transaction];
  const { schema, name } = objectKeyParts(table);
  const base = objectKey(schema, freeRelationName(site, schema, `${name}_base`));
  const view = standInView(site, database, table, base, `*, ${quoteName(to)} AS ${quoteName(from)}`);
  if ('refused' in view) return [view];
  const aside = `ALTER TABLE ${writtenName(table)} RENAME TO ${quoteName(objectKeyParts(base).name)}`;
  const backInPlace = `ALTER TABLE ${writtenName(base)} RENAME TO ${quoteName(name)}`;
  return phasedFix(site, database, {
    goal: `Rename ${shown}.${from} to ${to}`,
    stays: undefined,
    undoing: undoingStatements(file, (node) => renamesBack(node, name, from, to)),
    transaction,
    phases: [
      {
        deploy: 1,
        name: migrationName('rename', name, from),
        does: `renames the column, and puts a view in the place of ${shown} in which it has both names. Until phase 2 it is ${displayName(base)} that TRUNCATE, COPY FROM, ON CONFLICT ON CONSTRAINT and ALTER TABLE must name`,
        transactional: true,
        locksBriefly: true,
        up: [step.statement.text, aside, ...view.made],
        down: [
          view.dropped,
          backInPlace,
          `ALTER TABLE ${writtenName(table)} RENAME COLUMN ${quoteName(to)} TO ${quoteName(from)}`,
        ],
      },
      {
        deploy: 2,
        name: migrationName('drop', 'old', 'name', name, from),
        does: `drops the view, and gives ${shown} its name back`,
        mustBeTrueBefore: `no version of the application runs any more that names ${shown}.${from}`,
        transactional: true,
        locksBriefly: true,
        up: [view.dropped, backInPlace],
        down: [aside, ...view.made],
      },
    ],
  });
}

/** Why a view cannot stand in for the table here; undefined where it can. */
function inTheWay(site: Site, table: string): string | undefined {
  const shown = displayName(table);
  const publication = publicationOf(site.end(), table);
  if (publication !== undefined) {
    return `the publication ${publication.name} holds ${shown}: subscribers would miss it under that name meanwhile`;
  }
  const spokenOf = aroundSite(site).later.some(({ mentions }) => mentions.some(({ key }) => key === table));
  return spokenOf ? `later statements change ${shown}, and would meet the view in its place` : undefined;
}

function renamesBack(node: Node, table: string, from: string, to: string): boolean {
  if (!('RenameStmt' in node)) return false;
  const { relation, subname, newname } = node.RenameStmt;
  return relation?.relname === table && subname === to && newname === from;
}
