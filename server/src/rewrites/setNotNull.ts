import { columnOf, displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import { generatedName } from '../catalog/generatedNames.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { leavesOutChildren, withCommands, withoutCommands } from './alterTableText.ts';
import { migrationName } from './migrationName.ts';
import { changedLater, type Offer } from './offer.ts';
import { isAutocommit, phasedFix } from './phasedFix.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';
import { undoingCommands } from './undoing.ts';

/**
 * SET NOT NULL without reading the table under its lock. Up to 17 a validated CHECK proves it (documentation: ALTER
 * TABLE, SET NOT NULL); 18 has the constraint itself NOT VALID. `commands` are the SET NOT NULLs of one statement.
 */
export function setNotNull(
  site: Site,
  database: LiveDatabase,
  table: string,
  commands: readonly AlterTableCommandSpans[],
): readonly Offer[] {
  const { step, file } = site;
  const columns = commands.flatMap(({ command }) => command.name ?? []);
  const end = () => columns.every((each) => columnOf(tableOf(site.end(), table), each)?.notNull === true);
  if (leavesOutChildren(step, table)) return [];
  if (!isAutocommit(site) && !end()) return [changedLater(columns.join(', '))];
  const undoing = undoingCommands(
    file,
    table,
    ({ subtype, name = '' }) => subtype === 'AT_DropNotNull' && columns.includes(name),
  );
  const proofs = proofsOf(step, database, table, columns);
  const [first, second] = phasesOf(table, proofs, database);
  const again = isAutocommit(site);
  return phasedFix(site, database, {
    goal: `Set ${columns.join(', ')} of ${displayName(table)} NOT NULL`,
    stays: again
      ? withoutCommands(step.statement, commands)
      : withCommands(
          step.statement,
          commands.map((spans, i) => ({ spans, text: proofs[i]?.add ?? '' })),
        ),
    undoing,
    undoneAsBefore: database.postgresVersion >= 18,
    phases: [{ ...first, up: again ? proofs.map((each) => added(site, table, each)) : [] }, second],
  });
}

/** The phases after which nullable columns are NOT NULL, behind others of a rewrite; none where there are no columns. */
export function notNullPhases(
  site: Site,
  database: LiveDatabase,
  table: string,
  columns: readonly string[],
): readonly Phase[] {
  if (columns.length === 0) return [];
  const proofs = proofsOf(site.step, database, table, columns);
  const [require, notNull] = phasesOf(table, proofs, database);
  return [{ ...require, up: proofs.map((each) => added(site, table, each)) }, notNull];
}

/** What proves that a column holds no NULL. */
interface Proof {
  readonly column: string;
  readonly constraint: string;
  /** The ALTER TABLE command that adds it. */
  readonly add: string;
  /** It is the NOT NULL itself, not a CHECK that goes once it has proved its point. */
  readonly isNotNull: boolean;
}

/** What proves of each column that it holds no NULL, under names that are free. */
function proofsOf(
  step: Step,
  { postgresVersion }: LiveDatabase,
  table: string,
  columns: readonly string[],
): readonly Proof[] {
  const { schema, name } = objectKeyParts(table);
  const taken = new Set(tableOf(step.before, table)?.constraints.map((each) => each.name));
  const isNotNull = postgresVersion >= 18;
  return columns.map((column) => {
    // The label that 18 gives to the NOT NULL; a CHECK of that name would be in its way.
    const label = isNotNull ? 'not_null' : 'is_set';
    const constraint = generatedName(step.before, schema, name, column, label, (each) => taken.has(each));
    taken.add(constraint);
    const what = isNotNull ? `NOT NULL ${quoteName(column)}` : `CHECK (${quoteName(column)} IS NOT NULL)`;
    return {
      column,
      constraint,
      add: `ADD CONSTRAINT ${quoteName(constraint)} ${what} NOT VALID`,
      isNotNull,
    };
  });
}

/**
 * Adds the proof. Where a failure leaves what was done, it may be there from a run before: what one ALTER TABLE drops
 * goes before what it adds (ATPrepCmd, commands/tablecmds.c).
 */
function added(site: Site, table: string, { constraint, add }: Proof): string {
  const drop = isAutocommit(site) ? `DROP CONSTRAINT IF EXISTS ${quoteName(constraint)}, ` : '';
  return `ALTER TABLE ${writtenName(table)} ${drop}${add}`;
}

/** From the proof to NOT NULL. The statements of the first phase are left to the caller. */
function phasesOf(
  table: string,
  proofs: readonly Proof[],
  { postgresVersion }: LiveDatabase,
): readonly [Phase, Phase] {
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const columns = proofs.map(({ column }) => column);
  const validate = proofs.map(({ constraint }) => `${alter} VALIDATE CONSTRAINT ${quoteName(constraint)}`);
  const dropped = proofs.map(
    ({ constraint }) => `${alter} DROP CONSTRAINT IF EXISTS ${quoteName(constraint)}`,
  );
  const set = `${alter} ${columns.map((each) => `ALTER COLUMN ${quoteName(each)} SET NOT NULL`).join(', ')}`;
  const unset = `${alter} ${columns.map((each) => `ALTER COLUMN ${quoteName(each)} DROP NOT NULL`).join(', ')}`;
  const ofItself = postgresVersion >= 18;
  const { name } = objectKeyParts(table);
  const names = columns.map((each) => `${displayName(table)}.${each}`).join(', ');
  return [
    {
      deploy: 1,
      name: migrationName('require', name, ...columns),
      does: 'refuses NULL in new rows from now on, and reads none of the old ones',
      mustBeTrueBefore: `the application writes no NULL into ${names} any more`,
      transactional: true,
      locksBriefly: true,
      up: [],
      down: dropped,
    },
    {
      deploy: 1,
      name: migrationName(name, ...columns, 'not_null'),
      does: ofItself
        ? 'reads every old row; reads and writes go on meanwhile'
        : 'reads every old row while reads and writes go on; what that proves saves SET NOT NULL the reading',
      mustBeTrueBefore: `no old row has NULL in ${names}`,
      transactional: true,
      ...(ofItself ? {} : { locksBriefly: true }),
      up: ofItself ? validate : [...validate, set, ...dropped],
      down: ofItself ? [] : [...proofs.map(({ add }) => `${alter} ${add}`), unset],
    },
  ];
}
