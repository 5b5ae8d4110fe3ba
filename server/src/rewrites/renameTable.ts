import type { Node } from '@pgsql/types';
import { displayName, writtenName } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import { migrationName } from './migrationName.ts';
import type { Move } from './movedRelation.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { standInView } from './standInView.ts';
import { transactionPlace } from './transactionPlace.ts';
import { undoingStatements } from './undoing.ts';

/** RENAME TO and SET SCHEMA of a table or view: a view under the old name, in the same transaction, until nobody needs it. */
export function renameTable(site: Site, database: LiveDatabase, { from, to, kind }: Move): readonly Offer[] {
  const { step, file } = site;
  const isKnown = step.before.relations.has(from);
  if ((kind !== 'OBJECT_TABLE' && kind !== 'OBJECT_VIEW') || step.conditional) return [];
  if ('RenameStmt' in step.node && step.node.RenameStmt.missing_ok === true && !isKnown) return [];
  // Later migrations must have left both names as they are made here.
  if (site.end().relations.has(from) || !site.end().relations.has(to)) return [];
  const shown = displayName(from);
  // Between the renaming and the view the table would be missing.
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return [transaction];
  const view = standInView(site, database, from, to, '*');
  if ('refused' in view) return [view];
  const [old, now] = [objectKeyParts(from), objectKeyParts(to)];
  const back =
    old.schema === now.schema ? `RENAME TO ${quoteName(old.name)}` : `SET SCHEMA ${quoteName(old.schema)}`;
  return phasedFix(site, database, {
    goal: `Rename ${shown} to ${displayName(to)}`,
    stays: undefined,
    undoing: undoingStatements(file, (node) => movesBack(node, from, to)),
    transaction,
    phases: [
      {
        deploy: 1,
        name: migrationName('rename', old.name),
        does: `renames ${shown}, and leaves a view under the old name, which reads and writes as the table did (but for TRUNCATE, COPY FROM and ON CONFLICT ON CONSTRAINT)`,
        transactional: true,
        locksBriefly: true,
        up: [step.statement.text, ...view.made],
        down: [view.dropped, `ALTER TABLE ${writtenName(to)} ${back}`],
      },
      {
        deploy: 2,
        name: migrationName('drop', 'old', 'name', old.name),
        does: 'drops the view under the old name',
        mustBeTrueBefore: `no version of the application runs any more that names ${shown}`,
        transactional: true,
        locksBriefly: true,
        up: [view.dropped],
        down: view.made,
      },
    ],
  });
}

function movesBack(node: Node, from: string, to: string): boolean {
  const [old, now] = [objectKeyParts(from), objectKeyParts(to)];
  if ('RenameStmt' in node) {
    const { relation, newname, subname } = node.RenameStmt;
    return relation?.relname === now.name && newname === old.name && subname === undefined;
  }
  if (!('AlterObjectSchemaStmt' in node)) return false;
  const { relation, newschema } = node.AlterObjectSchemaStmt;
  return relation?.relname === now.name && newschema === old.schema;
}
