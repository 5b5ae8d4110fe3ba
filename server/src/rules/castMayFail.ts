import type { Node } from '@pgsql/types';
import { columnOf, type TypeName } from '../catalog/catalog.ts';
import { columnsIn } from '../catalog/expression.ts';
import { typeDefinition, typeNameOf } from '../catalog/resolve.ts';
import { typeText } from '../catalog/typeText.ts';
import { isEmptied, type Step } from '../replay/step.ts';
import { isPlaceholder } from '../sql/placeholders.ts';
import { alteredTable, isOldColumn } from './alteredTable.ts';
import type { Rule } from './rule.ts';

export const castMayFail: Rule = {
  id: 'cast-may-fail',
  category: 'data',
  level: 'hint',
  since: '0.1.0',
  peers: ['pgfence alter-column-type', 'Bytebase dml-dry-run'],
  summary: 'Some values may not fit the new type: then the migration fails.',
  why: 'ALTER COLUMN … TYPE converts each value, and the first one that cannot be converted makes the statement fail: text that is no number or date (22P02, 22007), a number out of range (22003), a string too long (22001). Look for such values first.',
  bad: () => [
    { files: ['ALTER TABLE orders ALTER COLUMN code TYPE int USING code::int;'] },
    {
      files: [
        'CREATE TABLE orders (id bigint, total numeric(12,2), note text);',
        'ALTER TABLE orders ALTER id TYPE int, ALTER COLUMN total SET DATA TYPE numeric(8,2), ALTER note TYPE varchar(20);',
      ],
    },
    {
      files: [
        "CREATE TYPE state_t AS ENUM ('new');\nCREATE TABLE orders (state text);",
        '-- +goose Up\nALTER TABLE orders ALTER state TYPE state_t USING CAST(trim(state) AS state_t);\n',
      ],
    },
    {
      files: [
        'CREATE DOMAIN percent AS int CHECK (VALUE < 100);\nCREATE TABLE orders (off int);',
        'ALTER TABLE orders ALTER off TYPE percent;',
      ],
    },
    { files: ['CREATE TABLE o (v int, w text);', 'ALTER TABLE o ALTER v TYPE varchar(10) USING w;'] },
  ],
  good: () => [
    // What that is on the server is not known.
    { files: ['CREATE TABLE o (a text);', 'ALTER TABLE o ALTER a TYPE {{ state }};'] },
    {
      files: [
        'CREATE TABLE o (id int, v varchar(20));',
        'ALTER TABLE o ALTER id TYPE bigint, ALTER v TYPE text;',
      ],
    },
    { files: ['CREATE TABLE o (v varchar(20));', 'ALTER TABLE o ALTER v TYPE varchar(30);'] },
    { files: ['CREATE TABLE o (n numeric(8,2));', 'ALTER TABLE o ALTER n TYPE numeric(12,2);'] },
    {
      files: [
        'CREATE TABLE o (at timestamp);',
        'ALTER TABLE o ALTER at TYPE timestamptz, ALTER at TYPE date;',
      ],
    },
    { files: ['ALTER TABLE o ALTER v TYPE text USING v::text;'] },
    { files: ['ALTER TABLE o ALTER v TYPE bigint;'] },
    { files: ['CREATE TABLE o (v text);\nALTER TABLE o ALTER v TYPE int USING v::int;'] },
    {
      files: [
        'CREATE TABLE o (v text, w varchar(20));',
        'ALTER TABLE o ALTER v TYPE varchar(20) USING w;\nALTER TABLE o ALTER v TYPE varchar(10) USING left(v, 10);\nALTER TABLE o ALTER v TYPE int USING length(v || w)::int;',
      ],
    },
    {
      files: [
        'CREATE TABLE o (j json);',
        'ALTER TABLE o ALTER j TYPE text, ALTER j TYPE jsonb USING j::jsonb;',
      ],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o ALTER v TYPE int USING v::int;\n'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step) {
    const altered = alteredTable(step);
    for (const { command, type, span } of altered?.commands ?? []) {
      if (altered === undefined || isEmptied(step, altered.key)) return;
      if (command.subtype !== 'AT_AlterColumnType') continue;
      if (command.def === undefined || !('ColumnDef' in command.def)) continue;
      const name = command.name ?? '';
      const to = typeNameOf(step.before, step.session, command.def.ColumnDef.typeName);
      if (to === undefined || !isOldColumn(step, altered.key, name)) continue;
      const using = command.def.ColumnDef.raw_default;
      // What is made of several columns is nothing that a look at one of them could tell.
      const [source, ...others] = using === undefined ? [name] : columnsIn([using]);
      if (source === undefined || others.length > 0) continue;
      const from = columnOf(altered.table, source)?.type;
      const reason = mayFail(step, from, to, using);
      if (reason === undefined) continue;
      yield {
        span: type ?? span,
        message: `A value of ${altered.name}.${source} that ${reason} makes this fail.`,
        why: `Each value is converted ${from === undefined ? '' : `from ${typeText(from)} `}to ${typeText(to)}; the first that cannot be stops the migration. Look for such values before the deployment.`,
      };
    }
  },
};

/** What a value must be like to make the conversion fail; undefined where none can, or where too little is known. */
function mayFail(
  step: Step,
  from: TypeName | undefined,
  to: TypeName,
  using: Node | undefined,
): string | undefined {
  if (isPlaceholder(to.name) || isPlaceholder(from?.name ?? '')) return undefined;
  const domain = typeDefinition(step.before, step.session, to.schema, to.name);
  if (domain?.kind === 'domain' && (domain.notNull || domain.checks.length > 0))
    return `breaks a rule of ${to.name}`;
  if (from?.array === true || to.array) return undefined;
  const cast = castTo(step, using, to);
  if (TEXT.has(to.name)) {
    const length = to.modifiers[0];
    const known = from === undefined ? undefined : (from.modifiers[0] ?? Number.POSITIVE_INFINITY);
    // An explicit cast cuts what is too long, and a function may.
    const cut =
      (using !== undefined && !('ColumnRef' in using)) ||
      length === undefined ||
      known === undefined ||
      known <= length ||
      !TEXT.has(from?.name ?? '');
    return cut ? undefined : `is longer than ${length} characters`;
  }
  if (from === undefined)
    return cast && !NUMBERS.has(to.name) ? undefined : cast ? `is no ${to.name}` : undefined;
  if (TEXT.has(from.name)) return using === undefined || cast ? `is no ${to.name}` : undefined;
  return using === undefined || cast ? outOfRange(from, to) : undefined;
}

const TEXT: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'citext', 'name']);

/** Digits before the point that a number of this type can have (documentation: Numeric Types). */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['int2', 4.5],
  ['int4', 9.5],
  ['int8', 18.5],
  ['float4', 38],
  ['float8', 308],
  ['numeric', 131072],
]);

function outOfRange(from: TypeName, to: TypeName): string | undefined {
  const has = digits(from);
  const room = digits(to);
  return has !== undefined && room !== undefined && has > room
    ? `is out of the range of ${typeText(to)}`
    : undefined;
}

function digits({ name, modifiers: [precision, scale = 0] }: TypeName): number | undefined {
  return name === 'numeric' && precision !== undefined ? precision - scale : NUMBERS.get(name);
}

/** Whether USING is a cast to the new type. */
function castTo(step: Step, using: Node | undefined, to: TypeName): boolean {
  if (using === undefined || !('TypeCast' in using)) return false;
  const type = typeNameOf(step.before, step.session, using.TypeCast.typeName);
  return type?.name === to.name && type.schema === to.schema;
}
