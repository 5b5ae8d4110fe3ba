import type { Constraint as ConstraintNode } from '@pgsql/types';
import { displayName, writtenName } from '../catalog/catalog.ts';
import { columnConstraints } from '../catalog/defineTable.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { quoteName } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { unnamed, withCommands } from './alterTableText.ts';
import { backfill, triggersOn } from './batches.ts';
import { migrationName } from './migrationName.ts';
import { orderForNewColumn } from './newColumn.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';
import { notNullPhases } from './setNotNull.ts';
import { dropsOfColumn } from './undoing.ts';

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
  const filled = (value: string) => fill(site, database, table, spans, value, undefined);
  // What nothing can come of is not asked.
  const tried = filled('NULL');
  if (!tried.some(isFix)) return tried;
  return [
    {
      title: `Add ${name}, fill it in batches, then set it NOT NULL …`,
      asks: { table, column: name },
      without: `what the rows of ${displayName(table)} are to have in ${name} is yours to say: --set '${column}=EXPRESSION'`,
      answered: (expression) => filled(`(${expression})`).filter(isFix),
    },
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
  const text = unnamed(site.step.statement.text.slice(span.start, span.end));
  return fill(site, database, table, spans, text.replace(/^default\s+/i, ''), at);
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
  const found = orderForNewColumn(site, database, table, name, 'filled');
  if ('refused' in found) return [found];
  const required = constraints.findIndex(({ contype }) => contype === 'CONSTR_NOTNULL');
  const definition = without(site, spans, [required, defaultAt ?? -1]);
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const column = quoteName(name);
  const ofDefault = defaultAt !== undefined;
  const deploy = ofDefault ? 1 : 2;
  const filled: Phase = {
    ...backfill(
      migrationName('backfill', objectKeyParts(table).name, name),
      `writes ${name} into the old rows`,
      {
        table,
        write: `UPDATE ${writtenName(table)} SET ${column} = ${value}`,
        needed: `${column} IS NULL`,
      },
      found.order,
      triggersOn(step.before, table, 'update'),
    ),
    ...(ofDefault ? {} : { mustBeTrueBefore: `the application writes ${shown}.${name} in every new row` }),
  };
  const later = [filled, ...notNullPhases(site, database, table, required < 0 ? [] : [name])];
  return phasedFix(site, database, {
    goal: `Add ${name} to ${shown}`,
    stays: withCommands(step.statement, [{ spans, text: definition }]),
    writesData: true,
    undoing: dropsOfColumn(file, table, name),
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
      ...later.map((phase) => ({ ...phase, deploy })),
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
