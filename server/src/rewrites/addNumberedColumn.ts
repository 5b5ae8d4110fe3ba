import type { ColumnDef, Constraint as ConstraintNode } from '@pgsql/types';
import { displayName, writtenName } from '../catalog/catalog.ts';
import { columnConstraints, integerOfSerial, isSerial } from '../catalog/defineTable.ts';
import { generatedName } from '../catalog/generatedNames.ts';
import { objectKeyParts, stringsOf } from '../catalog/resolve.ts';
import type { Site } from '../replay/site.ts';
import { quoteLiteral, quoteName, quotePath } from '../sql/names.ts';
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
 * ADD COLUMN of serial or as identity, which would number all rows under its lock: a plain column first, a sequence for
 * new rows, numbers for the old ones in batches, NOT NULL; what makes it an identity comes last.
 */
export function addNumberedColumn(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
): readonly Offer[] {
  const { step, file } = site;
  const { def } = spans.command;
  const numbered =
    def !== undefined && 'ColumnDef' in def ? readColumn(site, spans, def.ColumnDef) : undefined;
  if (numbered === undefined) return [];
  const { name, type, options, identity, definition } = numbered;
  const found = orderForNewColumn(site, database, table, name, 'numbered');
  if ('refused' in found) return [found];
  const { schema, name: bare } = objectKeyParts(table);
  const taken = (each: string) => step.before.relations.has(`${schema}\u0000${each}`);
  const label = identity === undefined ? 'seq' : 'numbers';
  const sequence = generatedName(step.before, schema, bare, name, label, taken);
  const written = quotePath(schema === 'public' ? undefined : schema, sequence);
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const column = quoteName(name);
  const next = `nextval(${quoteLiteral(written)}::regclass)`;
  return phasedFix(site, database, {
    goal: `Add ${name} to ${displayName(table)}, numbered`,
    stays: withCommands(step.statement, [{ spans, text: definition }]),
    writesData: true,
    undoing: dropsOfColumn(file, table, name),
    undoneAsBefore: true,
    phases: [
      {
        deploy: 1,
        name: migrationName('add', bare, name),
        does: 'adds the column without numbers, and a sequence that numbers new rows',
        transactional: true,
        locksBriefly: true,
        up: [
          `CREATE SEQUENCE ${written} AS ${type}${options}`,
          `ALTER SEQUENCE ${written} OWNED BY ${writtenName(table)}.${column}`,
          `${alter} ALTER COLUMN ${column} SET DEFAULT ${next}`,
        ],
        down: [`${alter} DROP COLUMN ${column}`],
      },
      backfill(
        migrationName('number', bare, name),
        'numbers the old rows',
        {
          table,
          write: `UPDATE ${writtenName(table)} SET ${column} = ${next}`,
          needed: `${column} IS NULL`,
        },
        found.order,
        triggersOn(step.before, table, 'update'),
      ),
      ...notNullPhases(site, database, table, [name]),
      ...(identity === undefined ? [] : [identityPhase(table, name, written, type, options, identity, next)]),
    ],
  });
}

/** The identity takes over where the sequence stands, both under one lock. */
function identityPhase(
  table: string,
  name: string,
  sequence: string,
  type: string,
  options: string,
  identity: string,
  next: string,
): Phase {
  const alter = `ALTER TABLE ${writtenName(table)} ALTER COLUMN ${quoteName(name)}`;
  const own = `pg_get_serial_sequence(${quoteLiteral(writtenName(table))}, ${quoteLiteral(name)})`;
  return {
    deploy: 1,
    name: migrationName('identity', objectKeyParts(table).name, name),
    does: 'makes the column an identity that goes on where the sequence stands',
    transactional: true,
    locksBriefly: true,
    up: [
      `${alter} DROP DEFAULT`,
      `${alter} ADD ${identity}`,
      `SELECT setval(${own}, last_value, is_called) FROM ${sequence}`,
      `DROP SEQUENCE ${sequence}`,
    ],
    down: [
      `CREATE SEQUENCE ${sequence} AS ${type}${options}`,
      `SELECT setval(${quoteLiteral(sequence)}, nextval(${own}), false)`,
      `${alter} DROP IDENTITY`,
      `${alter} SET DEFAULT ${next}`,
      `ALTER SEQUENCE ${sequence} OWNED BY ${writtenName(table)}.${quoteName(name)}`,
    ],
  };
}

interface NumberedColumn {
  readonly name: string;
  /** Of its values. */
  readonly type: string;
  /** Options of its sequence, with a blank before them. */
  readonly options: string;
  /** GENERATED … AS IDENTITY, as written. */
  readonly identity: string | undefined;
  /** The command without what numbers it. */
  readonly definition: string;
}

function readColumn(
  { step }: Site,
  spans: AlterTableCommandSpans,
  definition: ColumnDef,
): NumberedColumn | undefined {
  const { column, span } = spans;
  const { text } = step.statement;
  const constraints = columnConstraints(definition);
  if (column?.type === undefined) return undefined;
  const name = definition.colname ?? '';
  const serial = isSerial(definition)
    ? integerOfSerial(stringsOf(definition.typeName?.names)[0] ?? '')
    : undefined;
  const at = constraints.findIndex(({ contype }) => contype === 'CONSTR_IDENTITY');
  const place = column.constraints[at];
  const identity = place && unnamed(text.slice(place.start, place.end));
  if (serial === undefined && identity === undefined) return undefined;
  const type = serial ?? text.slice(column.type.start, column.type.end);
  const options = /\(([\s\S]*)\)\s*$/.exec(identity ?? '')?.[1]?.trim();
  const goes = (each: ConstraintNode) =>
    each.contype === 'CONSTR_IDENTITY' || each.contype === 'CONSTR_NOTNULL';
  const rest = constraints.flatMap((each, i) => {
    const own = column.constraints[i];
    return goes(each) || own === undefined ? [] : [` ${text.slice(own.start, own.end)}`];
  });
  return {
    name,
    type,
    options: options ? ` ${options}` : '',
    identity,
    definition: `${text.slice(span.start, column.type.start)}${type}${rest.join('')}`,
  };
}
