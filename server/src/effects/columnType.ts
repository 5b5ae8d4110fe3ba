import type { Node } from '@pgsql/types';
import type { Column, TypeName } from '../catalog/catalog.ts';
import { typeDefinition, typeNameOf } from '../catalog/resolve.ts';
import { isPlaceholder } from '../sql/placeholders.ts';
import type { EffectContext } from './effect.ts';

/**
 * What ALTER COLUMN … TYPE costs. `free`: the stored values stay as they are (indexes and constraints on the column may
 * still have to be built or checked again). `unknown`: the history does not show the old type, and one exists from which
 * it would be free; or one of the two is known only to the program that writes the statement.
 */
export type TypeChangeCost = 'free' | 'rewrite' | 'unknown';

export interface TypeChange {
  readonly cost: TypeChangeCost;
  /** Undefined when the history does not show it. */
  readonly from: TypeName | undefined;
  readonly to: TypeName;
  /** True when it is the session's TimeZone, not known to be UTC, that makes it a rewrite. */
  readonly dependsOnTimeZone: boolean;
  /** Whether the operators of the type stay the same, and with them an index or a foreign key on the column. */
  readonly sameOperators: boolean;
  readonly sameCollation: boolean;
}

/**
 * What changing `column` to the type of `definition` (ALTER COLUMN TYPE's ColumnDef: type, COLLATE, USING) costs.
 * A new type is free when the planner reduces the conversion to the column itself (ATColumnChangeRequiresRewrite,
 * commands/tablecmds.c).
 */
export function typeChange(
  context: EffectContext,
  column: Column | undefined,
  to: TypeName,
  collation: string | undefined,
  using: Node | undefined,
): TypeChange {
  const from = column?.type;
  const converted = using === undefined ? identity(from) : evaluate(context, column, using);
  const final = convert(context, converted, to);
  return {
    cost: from === undefined && final.cost === 'free' ? 'unknown' : final.cost,
    from,
    to,
    dependsOnTimeZone: final.dependsOnTimeZone,
    sameOperators: from !== undefined && sameOperators(context, from, to),
    sameCollation: column?.collation === collation,
  };
}

/** An expression's value on its way from the column: its type by now, and what it took so far. */
interface Value {
  readonly type: TypeName | undefined;
  readonly cost: TypeChangeCost;
  readonly dependsOnTimeZone: boolean;
}

function identity(type: TypeName | undefined): Value {
  return { type, cost: 'free', dependsOnTimeZone: false };
}

/** The value of a USING expression: the column itself under casts, or something computed. */
function evaluate(context: EffectContext, column: Column | undefined, node: Node): Value {
  if ('ColumnRef' in node) {
    const last = node.ColumnRef.fields?.at(-1);
    if (column !== undefined && last !== undefined && 'String' in last && last.String.sval === column.name) {
      return identity(column.type);
    }
  }
  if ('CollateClause' in node && node.CollateClause.arg)
    return evaluate(context, column, node.CollateClause.arg);
  if ('TypeCast' in node && node.TypeCast.arg) {
    const type = typeNameOf(context.catalog, context.scope, node.TypeCast.typeName);
    if (type !== undefined) return convert(context, evaluate(context, column, node.TypeCast.arg), type);
  }
  return { type: undefined, cost: 'rewrite', dependsOnTimeZone: false };
}

function convert(context: EffectContext, value: Value, to: TypeName): Value {
  if (value.cost === 'rewrite') return { ...value, type: to };
  const rewrite: Value = { type: to, cost: 'rewrite', dependsOnTimeZone: false };
  const from = value.type;
  // A template's, or a type of the program: what it is on the server is not known.
  if (isPlaceholder(to.name) || isPlaceholder(from?.name ?? ''))
    return { ...value, type: to, cost: 'unknown' };
  if (from !== undefined && sameType(from, to) && sameModifiers(from, to)) return { ...value, type: to };
  // The checks of a domain are tested for every row, whatever the base type (CoerceToDomain).
  if (isConstrainedDomain(context, to)) return rewrite;
  const source = baseType(context, from);
  const target = baseType(context, to);
  if (target === undefined) return rewrite;
  if (source === undefined)
    return { type: to, cost: freeFromOther(target) ? 'unknown' : 'rewrite', dependsOnTimeZone: false };
  if (isTimestamp(source) && isTimestamp(target) && source.name !== target.name) {
    if ((target.modifiers[0] ?? 6) < 6) return rewrite;
    return isUtc(context.timeZone) ? { ...value, type: to } : { ...rewrite, dependsOnTimeZone: true };
  }
  // Once the value is seen as another type, its length is no longer known.
  const seenAs = from !== undefined && sameType(from, source) ? source : { ...source, modifiers: [] };
  return freeConversion(seenAs, target) ? { ...value, type: to } : rewrite;
}

function freeConversion(from: TypeName, to: TypeName): boolean {
  if (from.array !== to.array) return false;
  if (sameType(from, to)) {
    if (to.modifiers.length === 0 || sameModifiers(from, to)) return true;
    // An array's elements are converted one by one (ArrayCoerceExpr), even to a longer length.
    return !to.array && freeLengthChange(from, to);
  }
  return !to.array && to.modifiers.length === 0 && (BINARY_COERCIBLE.get(to.name)?.has(from.name) ?? false);
}

/**
 * The length coercions that the planner drops: varchar_support, varbit_support (utils/adt), numeric_support, and
 * TemporalSimplify for the date and time types. char(n) and bit(n) have none.
 */
function freeLengthChange(from: TypeName, to: TypeName): boolean {
  const [before, scaleBefore = 0] = from.modifiers;
  const [after = 0, scaleAfter = 0] = to.modifiers;
  switch (to.name) {
    case 'varchar':
    case 'varbit':
      return before !== undefined && after >= before;
    case 'numeric':
      return before !== undefined && after >= before && scaleAfter === scaleBefore;
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      return after >= 6 || (before !== undefined && after >= before);
    case 'interval':
      return freeInterval(from.modifiers, to.modifiers);
    default:
      return false;
  }
}

/** Fields of an interval, lowest first, as bits of its first modifier (utils/timestamp.h, INTERVAL_MASK). */
const INTERVAL_FIELDS = [12, 11, 10, 3, 1, 2];

/** interval_support: the lowest field may not rise, and where seconds count their precision may not shrink. */
function freeInterval(from: readonly number[], to: readonly number[]): boolean {
  const lowest = (mask: number | undefined): number =>
    mask === undefined || mask === 0x7fff ? 0 : INTERVAL_FIELDS.findIndex((bit) => (mask & (1 << bit)) !== 0);
  const before = lowest(from[0]);
  const precision = to[1] ?? 6;
  return lowest(to[0]) <= before && (before > 0 || precision >= 6 || precision >= (from[1] ?? 6));
}

/**
 * Target type to the types that are stored the same way (pg_cast.dat, castmethod 'b'; for citext its own CREATE CAST …
 * WITHOUT FUNCTION), none of them with a length to enforce.
 */
const BINARY_COERCIBLE: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    text: ['varchar', 'citext', 'xml', 'pg_node_tree'],
    varchar: ['text', 'citext', 'xml'],
    bpchar: ['text', 'varchar', 'citext', 'xml'],
    citext: ['text', 'varchar'],
    inet: ['cidr'],
    varbit: ['bit'],
    bit: ['varbit'],
    oid: 'int4 regproc regprocedure regoper regoperator regclass regtype regconfig regdictionary regrole regnamespace regcollation'.split(
      ' ',
    ),
    int4: 'oid regproc regprocedure regoper regoperator regclass regtype regconfig regdictionary regrole regnamespace regcollation'.split(
      ' ',
    ),
    ...Object.fromEntries(
      ['regclass', 'regtype', 'regconfig', 'regdictionary', 'regrole', 'regnamespace', 'regcollation'].map(
        (each) => [each, ['oid', 'int4']],
      ),
    ),
    regproc: ['oid', 'int4', 'regprocedure'],
    regprocedure: ['oid', 'int4', 'regproc'],
    regoper: ['oid', 'int4', 'regoperator'],
    regoperator: ['oid', 'int4', 'regoper'],
  }).map(([to, from]) => [to, new Set(from)]),
);

/** Whether some other type or length exists from which the change to this one is free. */
function freeFromOther(to: TypeName): boolean {
  if (isTimestamp(to)) return true;
  if (to.array) return to.modifiers.length === 0;
  if (BINARY_COERCIBLE.has(to.name) && to.modifiers.length === 0 && to.name !== 'int4') return true;
  return ['varchar', 'varbit', 'numeric', 'time', 'timetz', 'interval'].includes(to.name);
}

function isTimestamp(type: TypeName): boolean {
  return !type.array && (type.name === 'timestamp' || type.name === 'timestamptz');
}

/** Zones whose offset is zero all the year, as the tz database names them (TimestampTimestampTzRequiresRewrite). */
const UTC = /^(etc\/)?(utc|gmt|uct|universal|zulu|greenwich|gmt[+-]?0)$|^[+-]?0(0?(:00)?)$/i;

function isUtc(timeZone: string | undefined): boolean {
  return timeZone !== undefined && UTC.test(timeZone);
}

export function sameType(a: TypeName, b: TypeName): boolean {
  return a.name === b.name && a.schema === b.schema && a.array === b.array;
}

function sameModifiers(a: TypeName, b: TypeName): boolean {
  return a.modifiers.length === b.modifiers.length && a.modifiers.every((each, i) => each === b.modifiers[i]);
}

/** The type under a domain, and under the domains that it stands on. */
export function baseType(context: EffectContext, type: TypeName | undefined): TypeName | undefined {
  if (type === undefined || type.array) return type;
  const definition = typeDefinition(context.catalog, context.scope, type.schema, type.name);
  return definition?.kind === 'domain' ? baseType(context, definition.base) : type;
}

/** Whether the type is a domain that checks its values (DomainHasConstraints: its own or a base domain's). */
export function isConstrainedDomain(context: EffectContext, type: TypeName | undefined): boolean {
  if (type === undefined || type.array) return false;
  const definition = typeDefinition(context.catalog, context.scope, type.schema, type.name);
  if (definition?.kind !== 'domain') return false;
  return definition.notNull || definition.checks.length > 0 || isConstrainedDomain(context, definition.base);
}

function sameOperators(context: EffectContext, from: TypeName, to: TypeName): boolean {
  if (operatorsOf(context, from) !== operatorsOf(context, to)) return false;
  // The classes of arrays, enums and ranges serve any such type, and an index over them just the one.
  return sameType(from, to) || !isPolymorphic(context, to);
}

function isPolymorphic(context: EffectContext, type: TypeName): boolean {
  const base = baseType(context, type);
  if (base === undefined || base.array || /range$/.test(base.name)) return true;
  const kind = typeDefinition(context.catalog, context.scope, base.schema, base.name)?.kind;
  return kind === 'enum' || kind === 'other';
}

/** The operator class that indexes of the type use by default (pg_opclass.dat): the same word for the same operators. */
function operatorsOf(context: EffectContext, type: TypeName): string {
  const base = baseType(context, type) ?? type;
  const name = OPERATORS_OF.get(base.name) ?? (base.name.startsWith('reg') ? 'oid' : base.name);
  return `${base.schema ?? ''}.${name}${base.array ? '[]' : ''}`;
}

const OPERATORS_OF: ReadonlyMap<string, string> = new Map([
  ['varchar', 'text'],
  ['cidr', 'inet'],
]);
