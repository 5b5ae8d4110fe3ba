import { placeholder } from '../../../python/formatting.ts';
import { concat, type MappedText, mappedTo } from '../../../python/mappedText.ts';
import { type Item, isTrue, stringOf } from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';
import {
  type Bound,
  bind,
  type Construct,
  constructOf,
  methodCallOf,
  stringArgument,
  switchedOn,
} from './arguments.ts';
import { commaList, literal, nameOf, qualified, quoted, sql, textOf } from './sqlText.ts';

/** A column's type as SQLAlchemy's PostgreSQL dialect writes it (2.1: PGTypeCompiler, GenericTypeCompiler). */
export interface ColumnType {
  readonly text: MappedText;
  /** Whether a primary key of this type counts up by itself: SERIAL instead of it. */
  readonly serial?: 'SERIAL' | 'BIGSERIAL' | 'SMALLSERIAL';
  readonly enumeration?: EnumType;
  /** The type is none that is known here: a placeholder stands for it. */
  readonly unknown: boolean;
}

/** An enum: a type of its own in the database, or a VARCHAR that a CHECK may guard. */
export interface EnumType {
  readonly name: MappedText;
  readonly labels: readonly Item[];
  readonly native: boolean;
  /** Whether CREATE TABLE makes it first. */
  readonly createsType: boolean;
  /** Whether there is a CHECK, where it is not native. */
  readonly checked: boolean;
  readonly span: Span;
}

/** Types whose name is all there is to them. */
const PLAIN: Readonly<Record<string, string>> = {
  BigInteger: 'BIGINT',
  BIGINT: 'BIGINT',
  Boolean: 'BOOLEAN',
  BOOLEAN: 'BOOLEAN',
  Date: 'DATE',
  DATE: 'DATE',
  Double: 'DOUBLE PRECISION',
  DOUBLE: 'DOUBLE',
  DOUBLE_PRECISION: 'DOUBLE PRECISION',
  Integer: 'INTEGER',
  INTEGER: 'INTEGER',
  INT: 'INTEGER',
  LargeBinary: 'BYTEA',
  PickleType: 'BYTEA',
  BYTEA: 'BYTEA',
  REAL: 'REAL',
  // Types of sqlalchemy_utils that PostgreSQL has itself.
  TSVectorType: 'TSVECTOR',
  UUIDType: 'UUID',
  JSONType: 'JSON',
  SmallInteger: 'SMALLINT',
  SMALLINT: 'SMALLINT',
  ...Object.fromEntries(
    (
      'JSON JSONB JSONPATH HSTORE INET CIDR CITEXT MACADDR MACADDR8 MONEY OID REGCLASS REGCONFIG TSVECTOR TSQUERY ' +
      'INT4RANGE INT8RANGE NUMRANGE DATERANGE TSRANGE TSTZRANGE INT4MULTIRANGE INT8MULTIRANGE NUMMULTIRANGE ' +
      'DATEMULTIRANGE TSMULTIRANGE TSTZMULTIRANGE UUID'
    )
      .split(' ')
      .map((name) => [name, name]),
  ),
};

const SERIAL: Readonly<Record<string, ColumnType['serial']>> = {
  INTEGER: 'SERIAL',
  BIGINT: 'BIGSERIAL',
  SMALLINT: 'SMALLSERIAL',
};

/** Types of characters: their length, and a collation. */
const CHARACTERS: Readonly<Record<string, string>> = {
  String: 'VARCHAR',
  Unicode: 'VARCHAR',
  VARCHAR: 'VARCHAR',
  // sqlmodel's own name for a string.
  AutoString: 'VARCHAR',
  Text: 'TEXT',
  UnicodeText: 'TEXT',
  TEXT: 'TEXT',
  CHAR: 'CHAR',
  NCHAR: 'NCHAR',
  NVARCHAR: 'NVARCHAR',
};

/** Libraries whose types these are. Another dialect's type is not known to PostgreSQL. */
const LIBRARIES = /^(sqlalchemy(?!\.dialects\.(?!postgresql))|sqlalchemy_utils|sqlmodel)\b/;

/** The type that an argument names. */
export function typeOf(item: Item): ColumnType {
  const variant = variantFor(item);
  const construct = constructOf(variant.value);
  const place = { ...variant, span: item.span };
  const known = construct && LIBRARIES.test(construct.path) ? knownType(construct, place) : undefined;
  return known ?? { text: placeholder(item.span), unknown: true };
}

/** `with_variant(type, 'postgresql')` gives another type to PostgreSQL. */
function variantFor(item: Item): Item {
  const method = methodCallOf(item.value);
  if (method?.name !== 'with_variant') return item;
  const [type, ...dialects] = method.args;
  const ours = dialects.some(({ value }) => stringOf(value) === 'postgresql');
  return variantFor(ours && type !== undefined ? type : { value: method.of, span: item.span });
}

function knownType(construct: Construct, { span }: Item): ColumnType | undefined {
  const { name } = construct;
  const plain = (text: string): ColumnType => {
    const serial = SERIAL[text];
    return { text: mappedTo(text, span), unknown: false, ...(serial === undefined ? {} : { serial }) };
  };
  if (Object.hasOwn(PLAIN, name)) return plain(PLAIN[name] ?? name);
  if (Object.hasOwn(CHARACTERS, name)) {
    const bound = bind(construct, ['length', 'collation']);
    return { text: characters(CHARACTERS[name] ?? name, bound, span), unknown: false };
  }
  switch (name) {
    case 'Numeric':
    case 'NUMERIC':
      return { text: numeric('NUMERIC', construct, span), unknown: false };
    case 'DECIMAL':
      return { text: numeric('DECIMAL', construct, span), unknown: false };
    case 'Float':
    case 'FLOAT': {
      const precision = bind(construct, ['precision']).get('precision');
      return precision === undefined
        ? plain('FLOAT')
        : { text: sql`${mappedTo('FLOAT', span)}(${textOf(precision)})`, unknown: false };
    }
    case 'DateTime':
    case 'TIMESTAMP':
      return plain(withTimeZone('TIMESTAMP', construct));
    case 'Time':
    case 'TIME':
      return plain(withTimeZone('TIME', construct));
    case 'Interval':
    case 'INTERVAL':
      return plain(interval(construct));
    case 'Uuid': {
      const native = isTrue(bind(construct, ['as_uuid', 'native_uuid']).get('native_uuid')?.value ?? YES);
      return plain(native === false ? 'CHAR(32)' : 'UUID');
    }
    case 'BIT':
      return plain(bits(construct));
    case 'ARRAY': {
      const bound = bind(construct, ['item_type', 'as_tuple', 'dimensions']);
      const element = bound.get('item_type');
      if (element === undefined) return undefined;
      const inner = typeOf(element);
      const count = bound.get('dimensions')?.value;
      const brackets = '[]'.repeat(count?.kind === 'number' ? count.value : 1);
      const { serial: _, ...rest } = inner;
      return { ...rest, text: sql`${inner.text}${brackets}` };
    }
    case 'Enum':
    case 'ENUM':
      return enumType(construct, span);
    default:
      return undefined;
  }
}

const YES = { kind: 'constant', value: true } as const;

function characters(name: string, bound: Bound, span: Span): MappedText {
  const length = bound.get('length');
  const collation = bound.get('collation');
  return concat([
    length === undefined ? mappedTo(name, span) : sql`${mappedTo(name, span)}(${textOf(length)})`,
    collation === undefined ? sql`` : sql` COLLATE "${textOf(collation)}"`,
  ]);
}

function numeric(name: string, construct: Construct, span: Span): MappedText {
  const bound = bind(construct, ['precision', 'scale']);
  const [precision, scale] = [bound.get('precision'), bound.get('scale')];
  if (precision === undefined) return mappedTo(name, span);
  const sizes = scale === undefined ? [precision] : [precision, scale];
  return sql`${mappedTo(name, span)}(${commaList(sizes.map(textOf))})`;
}

function withTimeZone(name: string, construct: Construct): string {
  const bound = bind(construct, ['timezone', 'precision']);
  const precision = bound.get('precision')?.value;
  const size = precision?.kind === 'number' ? `(${precision.text})` : '';
  return `${name}${size} ${switchedOn(bound, 'timezone') ? 'WITH' : 'WITHOUT'} TIME ZONE`;
}

function interval(construct: Construct): string {
  const generic = construct.name === 'Interval';
  const bound = bind(construct, generic ? ['native', 'second_precision'] : ['precision', 'fields']);
  const precision = bound.get(generic ? 'second_precision' : 'precision')?.value;
  const fields = stringArgument(bound, 'fields');
  const size = precision?.kind === 'number' ? ` (${precision.text})` : '';
  return `INTERVAL${fields === undefined ? '' : ` ${fields}`}${size}`;
}

function bits(construct: Construct): string {
  const bound = bind(construct, ['length', 'varying']);
  const length = bound.get('length')?.value;
  const size = length?.kind === 'number' ? `(${length.text})` : '';
  return switchedOn(bound, 'varying') ? `BIT VARYING${size}` : `BIT${size === '' ? '(1)' : size}`;
}

/** `Enum('a', 'b', name='letter')`, or of a class of Python's whose members are not known here. */
function enumType(construct: Construct, span: Span): ColumnType | undefined {
  const bound = bind(construct, []);
  const { args: labels } = construct;
  const given = bound.get('name');
  const [first] = labels;
  // A class gives its name, in lower case.
  const className = first?.value.kind === 'string' ? undefined : first && constructOf(first.value)?.name;
  const name =
    given === undefined
      ? className === undefined
        ? undefined
        : quoted(mappedTo(className.toLowerCase(), span))
      : nameOf(given);
  const native = isTrue(bound.get('native_enum')?.value ?? YES) !== false;
  const checked = switchedOn(bound, 'create_constraint') !== undefined;
  const creates = construct.name === 'Enum' || isTrue(bound.get('create_type')?.value ?? YES) !== false;
  if (!native) {
    const length = Math.max(0, ...labels.map(({ value }) => stringOf(value)?.length ?? 0));
    const given = bound.get('length');
    const text = given === undefined ? mappedTo(`VARCHAR(${length})`, span) : sql`VARCHAR(${textOf(given)})`;
    const enumeration = { name: name ?? sql``, labels, native, checked, createsType: false, span };
    return { text, enumeration, unknown: false };
  }
  if (name === undefined) return undefined;
  const full = qualified(bound.get('schema'), name);
  const enumeration = { name: full, labels, native, checked, createsType: creates, span };
  return { text: full, enumeration, unknown: false };
}

/** `CREATE TYPE name AS ENUM ('a', 'b')`. */
export function createEnum({ name, labels }: EnumType): MappedText {
  const texts = labels.map((label) =>
    literal(label.value.kind === 'string' ? textOf(label) : placeholder(label.span)),
  );
  return sql`CREATE TYPE ${name} AS ENUM (${commaList(texts)})`;
}
