import type { ColumnDef } from '@pgsql/types';
import {
  type Column,
  columnOf,
  displayName,
  indexOf,
  type Table,
  type TypeName,
} from '../catalog/catalog.ts';
import { indexUses } from '../catalog/expression.ts';
import { stringsOf, typeNameOf } from '../catalog/resolve.ts';
import { type TypeChange, typeChange } from '../effects/columnType.ts';
import { lockOn } from '../effects/effect.ts';
import { foreignKeysTo } from '../effects/relations.ts';
import type { Step } from '../replay/step.ts';
import { changeColumnType as rewriteColumnType } from '../rewrites/changeColumnType.ts';
import { alteredTable } from './alteredTable.ts';
import { effectContext } from './effectContext.ts';
import type { Rule, StepReport } from './rule.ts';
import { listed, lockInWords } from './wording.ts';

export const changeColumnType: Rule = {
  id: 'change-column-type',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'squawk changing-column-type',
    'strong_migrations change_column',
    'eugene E5',
    'pgfence alter-column-type',
  ],
  summary: 'Most changes of a column’s type rewrite the table while they block reads and writes.',
  why: 'ALTER COLUMN TYPE takes an ACCESS EXCLUSIVE lock. Unless the stored values can stay as they are (a longer varchar, varchar to text, numeric with more digits before the point) the table and its indexes are built anew under it; what hangs on the column (a CHECK, a foreign key, an index on an expression) is tested or built again even then. Add a column of the new type, keep it up to date with a trigger, fill it in batches, and swap the two.',
  bad: () => [
    {
      files: ['CREATE TABLE orders (id int);', 'ALTER TABLE orders ALTER COLUMN id TYPE bigint;'],
    },
    { files: ['CREATE TABLE o (a varchar(50));', 'ALTER TABLE o ALTER a TYPE varchar(20);'] },
    { files: ['CREATE TABLE o (a text);', '-- +goose Up\nALTER TABLE o ALTER a TYPE varchar(80);\n'] },
    { files: ['CREATE TABLE o (a json);', 'ALTER TABLE o ALTER a TYPE jsonb USING a::jsonb;'] },
    { files: ['CREATE TABLE o (a varchar(10)[]);', 'ALTER TABLE o ALTER a TYPE varchar(20)[];'] },
    { files: ['CREATE TABLE o (a timestamp);', 'ALTER TABLE o ALTER a TYPE timestamptz;'] },
    {
      files: [
        'CREATE TABLE o (a timestamp);',
        "SET timezone = 'UTC';\nALTER TABLE o ALTER a TYPE timestamptz USING a AT TIME ZONE 'UTC';",
      ],
    },
    {
      files: [
        "CREATE TABLE o (a varchar(10) CONSTRAINT a_set CHECK (a <> ''));",
        'ALTER TABLE o ALTER a TYPE varchar(20);',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a varchar(10));\nCREATE INDEX o_lower ON o (lower(a));',
        'ALTER TABLE o ALTER a TYPE varchar(20);',
      ],
    },
    { files: ['ALTER TABLE o ALTER a TYPE varchar(200);'] },
    { files: ['ALTER TABLE o ALTER a TYPE bigint;'] },
  ],
  good: () => [
    { files: ['CREATE TABLE o (a varchar(50));', 'ALTER TABLE o ALTER a TYPE varchar(80);'] },
    { files: ['CREATE TABLE o (a varchar(50));', 'ALTER TABLE o ALTER a TYPE text;'] },
    { files: ['CREATE TABLE o (a text);', 'ALTER TABLE o ALTER a TYPE varchar;'] },
    { files: ['CREATE TABLE o (a numeric(10, 2));', 'ALTER TABLE o ALTER a TYPE numeric(12, 2);'] },
    { files: ['CREATE TABLE o (a numeric(10, 2));', 'ALTER TABLE o ALTER a TYPE numeric;'] },
    { files: ['CREATE TABLE o (a timestamptz(3));', 'ALTER TABLE o ALTER a TYPE timestamptz(6);'] },
    { files: ['CREATE TABLE o (a varbit(3));', 'ALTER TABLE o ALTER a TYPE varbit(6);'] },
    { files: ['CREATE TABLE o (a cidr);', 'ALTER TABLE o ALTER a TYPE inet;'] },
    { files: ['CREATE TABLE o (a int);', 'ALTER TABLE o ALTER a TYPE oid;'] },
    { files: ['CREATE TABLE o (a text);', 'ALTER TABLE o ALTER a TYPE text USING a::text;'] },
    { files: ['CREATE DOMAIN d AS text;\nCREATE TABLE o (a text);', 'ALTER TABLE o ALTER a TYPE d;'] },
    {
      files: [
        'CREATE TABLE o (a timestamp);',
        "SET timezone = 'UTC';\nALTER TABLE o ALTER a TYPE timestamptz;",
      ],
    },
    { files: ['CREATE TABLE o (id int);\nALTER TABLE o ALTER id TYPE bigint;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o ALTER id TYPE int;\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    const altered = alteredTable(step);
    if (altered === undefined) return;
    const { key: table, table: known, commands } = altered;
    for (const spans of commands) {
      const { command, type, span } = spans;
      if (command.subtype !== 'AT_AlterColumnType' || !command.def || !('ColumnDef' in command.def)) continue;
      const name = command.name ?? '';
      const change = changeTo(step, context, columnOf(known, name), command.def.ColumnDef);
      if (change === undefined) continue;
      const computed = command.def.ColumnDef.raw_default !== undefined;
      const found = judge(step, table, known, { column: name, change, computed });
      if (found === undefined) continue;
      yield {
        span: type ?? span,
        ...found,
        // What is not known to rewrite anything has nothing to gain.
        fixes: (site) => (found.severity === undefined ? rewriteColumnType(site, context, table, spans) : []),
      };
    }
  },
};

function changeTo(
  step: Step,
  context: Parameters<typeof effectContext>[1],
  column: Column | undefined,
  definition: ColumnDef,
): TypeChange | undefined {
  const at = effectContext(step, context);
  const to = typeNameOf(at.catalog, at.scope, definition.typeName);
  if (to === undefined) return undefined;
  const collation = stringsOf(definition.collClause?.collname).join('.');
  return typeChange(at, column, to, collation === '' ? undefined : collation, definition.raw_default);
}

interface Change {
  readonly column: string;
  readonly change: TypeChange;
  /** Whether USING says how the new value comes about. */
  readonly computed: boolean;
}

function judge(
  step: Step,
  table: string,
  known: Table | undefined,
  { column, change, computed }: Change,
): Omit<StepReport, 'span' | 'fixes'> | undefined {
  const name = displayName(table);
  const lock = `It takes ${lockInWords(step, table)}`;
  const swap = `add a column of the new type, keep it up to date with a trigger, fill it in batches, and swap the two`;
  // It may be of the new type already.
  if (change.cost === 'unknown' || (change.from === undefined && !computed)) {
    const open =
      change.from === undefined
        ? `the type that ${column} has now, which the history does not show`
        : `the types of ${column}, which are not both known here`;
    return {
      severity: 'information',
      message: `Whether this rewrites ${name} depends on ${open}.`,
      why: `${lock}. Between some types the change is free; between others every row and index is written anew while it is held. Where that is so and the table is large, ${swap}.`,
    };
  }
  if (change.cost === 'rewrite') {
    const from = change.from === undefined ? '' : ` from ${typeInWords(change.from)}`;
    return {
      message: `Changing ${column}${from} to ${typeInWords(change.to)} rewrites all of ${name} while it blocks reads and writes.`,
      why: change.dependsOnTimeZone
        ? `${lock}, and writes every row and index anew, unless the session’s TimeZone is UTC: where the values are meant in UTC, SET LOCAL TimeZone = 'UTC' before it, and nothing is rewritten.`
        : `${lock}, and writes every row and index anew while it holds it. Instead ${swap}, in migrations of their own.`,
    };
  }
  const again = workOn(step, table, known, column);
  if (again.length === 0) return undefined;
  return {
    message: `Changing the type of ${column} keeps the rows of ${name} as they are, but ${listed(again)} under a lock that blocks reads and writes.`,
    why: `${lock}, and holds it meanwhile. Drop what hangs on the column first and add it again afterwards (a CHECK or foreign key NOT VALID, an index CONCURRENTLY), or ${swap}.`,
  };
}

/** What hangs on a column whose values stay, and is done again all the same. */
function workOn(step: Step, table: string, known: Table | undefined, column: string): readonly string[] {
  const { before, effect } = step;
  const tested = (known?.constraints ?? []).filter(
    ({ kind, name, columns }) =>
      kind === 'check' &&
      columns.includes(column) &&
      effect.scans.some((scan) => scan.reason === 'columnType' && scan.subject === name),
  );
  const built = effect.reindexes.filter((key) => {
    const index = indexOf(before, key);
    return index !== undefined && index.table === table && indexUses(index, column);
  });
  const own = (known?.constraints ?? []).filter(
    ({ kind, columns }) => kind === 'foreignKey' && columns.includes(column),
  );
  const others = [
    ...own.flatMap(({ references }) => references?.table ?? []),
    ...foreignKeysTo(before, table, [column]).map(({ from }) => from),
  ].filter((each) => lockOn(effect, each) === 'ACCESS EXCLUSIVE');
  return [
    ...tested.map(({ name }) => `tests the CHECK ${name}`),
    ...built.map((key) => `builds the index ${displayName(key)} again`),
    ...[...new Set(others)].map((each) => `makes the foreign key again, also locking ${displayName(each)},`),
  ];
}

function typeInWords({ schema, name, modifiers, array }: TypeName): string {
  const of = modifiers.length === 0 ? '' : `(${modifiers.join(', ')})`;
  return `${schema === undefined || schema === 'public' ? '' : `${schema}.`}${name}${of}${array ? '[]' : ''}`;
}
