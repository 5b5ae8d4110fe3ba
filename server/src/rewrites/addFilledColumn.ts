import type { Constraint as ConstraintNode } from '@pgsql/types';
import { columnOf, displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import { columnConstraints } from '../catalog/defineTable.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { withCommands } from './alterTableText.ts';
import { inBatches, rowOrder, triggersInWords, triggersOn } from './batches.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';
import { added, phasesOf, proofsOf } from './setNotNull.ts';
import { undoingCommands } from './undoing.ts';

/**
 * ADD COLUMN NOT NULL without a default: without NOT NULL first; what old rows get, a person says; NOT NULL once they
 * have it.
 */
export function addRequiredColumn(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
): readonly Offer[] {
  const { name } = columnOfCommand(spans);
  const column = `${writtenName(table)}.${quoteName(name)}`;
  return [
    {
      title: `Add ${name}, fill it in batches, then set it NOT NULL …`,
      asks: { table, column: name },
      without: `what the rows of ${displayName(table)} are to have in ${name} is yours to say: --set '${column}=EXPRESSION'`,
      answered: (expression) =>
        fill(site, database, table, spans, `(${expression})`, undefined).filter(isFix),
    },
    ...fill(site, database, table, spans, 'NULL', undefined).filter((offer) => 'refused' in offer),
  ];
}

/** ADD COLUMN with a default that gives each row a value of its own: the default for new rows, then the old ones. */
export function addComputedColumn(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
): readonly Offer[] {
  const { constraints } = columnOfCommand(spans);
  const at = constraints.findIndex(({ contype }) => contype === 'CONSTR_DEFAULT');
  const span = spans.column?.constraints[at];
  if (span === undefined) return [];
  const text = site.step.statement.text.slice(span.start, span.end);
  const value = /^(?:constraint\s+(?:"(?:[^"]|"")*"|\S+)\s+)?default\s+/i.exec(text);
  return value === null ? [] : fill(site, database, table, spans, text.slice(value[0].length), at);
}

function isFix(offer: Offer): offer is Fix {
  return 'changes' in offer;
}

interface NewColumn {
  readonly name: string;
  readonly constraints: readonly ConstraintNode[];
}

function columnOfCommand({ command: { def } }: AlterTableCommandSpans): NewColumn {
  if (def === undefined || !('ColumnDef' in def)) return { name: '', constraints: [] };
  return { name: def.ColumnDef.colname ?? '', constraints: columnConstraints(def.ColumnDef) };
}

/** `defaultAt` is the place of the DEFAULT among the column's constraints, where `value` is the default of new rows too. */
function fill(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
  value: string,
  defaultAt: number | undefined,
): readonly Offer[] {
  const { step, file } = site;
  const { name, constraints } = columnOfCommand(spans);
  const shown = displayName(table);
  const key = rowOrder(step.before, table, database);
  if (key === undefined) {
    return [{ refused: `${shown} has no primary key that is known, so it cannot be filled in batches` }];
  }
  if (constraints.some(({ contype }) => contype === 'CONSTR_PRIMARY')) return [];
  // Later migrations must have left it as it is made here.
  if (columnOf(tableOf(site.end(), table), name)?.path !== file.path) return [];
  const required = constraints.findIndex(({ contype }) => contype === 'CONSTR_NOTNULL');
  const definition = without(site, spans, [required, defaultAt ?? -1]);
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const column = quoteName(name);
  const triggers = triggersOn(step.before, table, 'update');
  const ofDefault = defaultAt !== undefined;
  const deploy = ofDefault ? 1 : 2;
  const backfill: Phase = {
    deploy,
    name: migrationName('backfill', objectKeyParts(table).name, name),
    does: `writes ${name} into the old rows, batch by batch${triggersInWords(triggers)}`,
    ...(ofDefault ? {} : { mustBeTrueBefore: `the application writes ${shown}.${name} in every new row` }),
    transactional: false,
    up: [
      inBatches(
        {
          table,
          write: `UPDATE ${writtenName(table)} SET ${column} = ${value}`,
          needed: `${column} IS NULL`,
        },
        key,
      ),
    ],
    down: [],
  };
  const proofs = required < 0 ? [] : proofsOf(step, database, table, [name]);
  const [require, notNull] = phasesOf(table, proofs, database);
  const later =
    proofs.length === 0
      ? []
      : [
          {
            ...require,
            deploy,
            up: proofs.flatMap((each) => added(table, each)),
            down: proofs.map(
              ({ constraint }) => `${alter} DROP CONSTRAINT IF EXISTS ${quoteName(constraint)}`,
            ),
          },
          { ...notNull, deploy },
        ];
  return phasedFix(site, database, {
    goal: `Add ${name} to ${shown}`,
    stays: withCommands(step.statement, [{ spans, text: definition }]),
    writesData: true,
    undoing: undoingCommands(file, table, (each) => each.subtype === 'AT_DropColumn' && each.name === name),
    undoneAsBefore: true,
    phases: [
      {
        deploy: 1,
        name: migrationName('add', objectKeyParts(table).name, name),
        does: ofDefault
          ? 'adds the column without a value, and the default for new rows'
          : 'adds the column without NOT NULL',
        transactional: true,
        locksBriefly: true,
        up: ofDefault ? [`${alter} ALTER COLUMN ${column} SET DEFAULT ${value}`] : [],
        down: [`${alter} DROP COLUMN ${column}`],
      },
      backfill,
      ...later,
    ],
  });
}

/** The command without some of the column's constraints, by their places. */
function without({ step }: Site, spans: AlterTableCommandSpans, out: readonly number[]): string {
  const { text } = step.statement;
  const removed = out
    .flatMap((at): Span | readonly Span[] => spans.column?.constraints[at] ?? [])
    .sort((a, b) => b.start - a.start);
  let end = spans.span.end;
  let result = '';
  for (const span of removed) {
    result = text.slice(span.end, end) + result;
    end = text.slice(0, span.start).trimEnd().length;
  }
  return text.slice(spans.span.start, end) + result;
}
