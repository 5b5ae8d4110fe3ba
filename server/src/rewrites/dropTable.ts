import { displayName, objectKey, tableOf, writtenName } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import { foreignKeysTo } from '../effects/relations.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import { bringsBack } from './bringsBack.ts';
import { freeRelationName } from './freeName.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase } from './rewrite.ts';
import { transactionPlace } from './transactionPlace.ts';

/** DROP TABLE in steps that can be taken back: the tables go by names that nobody uses, then they go. */
export function dropTable(site: Site, database: LiveDatabase, tables: readonly string[]): readonly Offer[] {
  const { step } = site;
  if (step.conditional || !('DropStmt' in step.node)) return [];
  const { missing_ok, behavior, removeType } = step.node.DropStmt;
  // Later migrations must have left them dropped.
  if (tables.some((each) => site.end().relations.has(each))) return [];
  const shown = tables.map(displayName).join(', ');
  // A rename cannot run twice.
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return [transaction];
  const names = tables.map((each) => objectKeyParts(each).name);
  const [firstName = ''] = names;
  const cascade = behavior === 'DROP_CASCADE';
  const back = bringsBack(site, database, {
    shown,
    names: names.length === 1 ? [firstName] : [],
    cascade,
    alone: true,
  });
  if ('refused' in back) return [back];
  const ifExists = missing_ok ? 'IF EXISTS ' : '';
  const kind = removeType === 'OBJECT_FOREIGN_TABLE' ? 'FOREIGN TABLE' : 'TABLE';
  const moves = tables.map((table) => {
    const { schema, name } = objectKeyParts(table);
    return { table, to: objectKey(schema, freeRelationName(site, schema, `deprecated_${name}`)) };
  });
  const rename = (from: string, to: string): string =>
    `ALTER ${kind} ${ifExists}${writtenName(from)} RENAME TO ${quoteName(objectKeyParts(to).name)}`;
  const renames = moves.map(({ table, to }) => rename(table, to));
  return phasedFix(site, database, {
    goal: `Drop ${shown}`,
    stays: undefined,
    undoing: back.undoing,
    transaction,
    phases: [
      {
        deploy: 1,
        name: migrationName('deprecate', ...names),
        does: `renames to ${moves.map(({ to }) => displayName(to)).join(', ')}: what still uses it fails, and its down mends that without loss`,
        mustBeTrueBefore: `no version of the application runs any more that names ${shown}`,
        transactional: true,
        locksBriefly: true,
        up: renames,
        down: moves.map(({ table, to }) => rename(to, table)).reverse(),
        accepted: { rule: 'rename-table', reason: 'no version of the application names it any more' },
      },
      {
        deploy: 2,
        name: migrationName('drop', ...names),
        does: 'drops what nobody has missed, and its rows are lost',
        mustBeTrueBefore:
          'nothing has missed it since; its rows are kept elsewhere, where they could be wanted',
        transactional: true,
        locksBriefly: true,
        up: [
          `DROP ${kind} ${ifExists}${moves.map(({ to }) => writtenName(to)).join(', ')}${cascade ? ' CASCADE' : ''}`,
        ],
        down: [...back.statements, ...renames],
        accepted: {
          rule: [
            'drop-table',
            ...(cascade ? ['drop-cascade'] : []),
            ...(referToOthers(site, tables) ? ['drop-locks-referenced'] : []),
          ].join(', '),
          reason: 'it goes by a name that nobody uses',
        },
      },
    ],
  });
}

/** Whether foreign keys go that have another table at their other end. */
function referToOthers({ step: { before } }: Site, tables: readonly string[]): boolean {
  return tables.some(
    (table) =>
      tableOf(before, table)?.constraints.some(
        ({ references }) => references !== undefined && !tables.includes(references.table),
      ) === true || foreignKeysTo(before, table).some(({ from }) => !tables.includes(from)),
  );
}
