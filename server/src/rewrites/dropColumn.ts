import { type Column, columnOf, displayName, type Table, tableOf, writtenName } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';
import { leavesOutChildren, withoutCommands } from './alterTableText.ts';
import { bringsBack } from './bringsBack.ts';
import { freeColumnName } from './freeName.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';
import { transactionPlace } from './transactionPlace.ts';

/**
 * DROP COLUMN in steps that can be taken back: no value is wanted in it any more, it goes by a name that nobody uses,
 * it goes. `table` is a key of the catalog.
 */
export function dropColumn(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
): readonly Offer[] {
  const { step } = site;
  const { name = '' } = spans.command;
  const known = tableOf(step.before, table);
  const column = columnOf(known, name);
  const shown = `${displayName(table)}.${name}`;
  if (step.conditional || leavesOutChildren(step, table) || spans.name === undefined) return [];
  // Later migrations must have left it dropped.
  if (columnOf(tableOf(site.end(), table), name) !== undefined) return [];
  if (column?.notNull === undefined) {
    return [{ refused: `the history does not show how ${shown} was made, nor what its way back is` }];
  }
  if (known?.constraints.some(({ kind, columns }) => kind === 'primaryKey' && columns.includes(name))) {
    return [
      {
        refused: `${shown} is part of the primary key: the application cannot stop writing it before it goes`,
      },
    ];
  }
  // A rename cannot run twice.
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return [transaction];
  const cascade = spans.command.behavior === 'DROP_CASCADE';
  const back = bringsBack(site, database, {
    shown,
    names: [objectKeyParts(table).name, name],
    cascade,
    alone: isOnlyCommand(site),
  });
  if ('refused' in back) return [back];
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const deprecated = freeColumnName(site, table, `deprecated_${name}`);
  const rename = `${alter} RENAME COLUMN ${quoteName(name)} TO ${quoteName(deprecated)}`;
  const nullable = `${alter} ALTER COLUMN ${quoteName(name)} DROP NOT NULL`;
  const wantsValue = isRequired(column);
  const { text } = step.statement;
  const command =
    text.slice(spans.span.start, spans.name.start) +
    quoteName(deprecated) +
    text.slice(spans.name.end, spans.span.end);
  const tableName = objectKeyParts(table).name;
  const relax: Phase = {
    deploy: 1,
    name: migrationName('relax', tableName, name),
    does: `lets new rows do without ${shown}`,
    transactional: true,
    locksBriefly: true,
    up: [nullable],
    down: [`${alter} ALTER COLUMN ${quoteName(name)} SET NOT NULL`],
  };
  const deploy = wantsValue ? 2 : 1;
  return phasedFix(site, database, {
    goal: `Drop ${shown}`,
    stays: withoutCommands(step.statement, [spans]),
    undoing: back.undoing,
    transaction,
    phases: [
      ...(wantsValue ? [relax] : []),
      {
        deploy,
        name: migrationName('deprecate', tableName, name),
        does: `renames the column to ${deprecated}: what still uses it fails, and its down mends that without loss`,
        mustBeTrueBefore: `no version of the application runs any more that names ${shown}`,
        transactional: true,
        locksBriefly: true,
        up: [rename],
        down: [`${alter} RENAME COLUMN ${quoteName(deprecated)} TO ${quoteName(name)}`],
        accepted: { rule: 'rename-column', reason: 'no version of the application names it any more' },
      },
      {
        deploy: deploy + 1,
        name: migrationName('drop', tableName, name),
        does: 'drops the column, and what is in it is lost',
        mustBeTrueBefore:
          'nothing has missed it since; what is in it is kept elsewhere, where it could be wanted',
        transactional: true,
        locksBriefly: true,
        up: [`${alter} ${command}`],
        down: [...back.statements, ...(wantsValue ? [nullable] : []), rename],
        accepted: {
          rule: [
            'drop-column',
            ...(cascade ? ['drop-cascade'] : []),
            ...(refers(known, name) ? ['drop-locks-referenced'] : []),
          ].join(', '),
          reason: 'it goes by a name that nobody uses',
        },
      },
    ],
  });
}

/** Whether a new row must bring a value. */
function isRequired({ notNull, identity, generated, default: value }: Column): boolean {
  return notNull === true && identity === undefined && generated === undefined && value === undefined;
}

/** Whether a foreign key of the column goes with it. */
function refers(table: Table | undefined, column: string): boolean {
  return (
    table?.constraints.some(({ kind, columns }) => kind === 'foreignKey' && columns.includes(column)) === true
  );
}

function isOnlyCommand({ step }: Site): boolean {
  return alterTableCommands(step.statement).length === 1;
}
