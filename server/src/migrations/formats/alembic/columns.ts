import { type MappedText, mappedTo } from '../../../python/mappedText.ts';
import { type Item, isTrue } from '../../../python/value.ts';
import {
  type Bound,
  bind,
  type Construct,
  constructOf,
  switchedOff,
  switchedOn,
  wholeOf,
} from './arguments.ts';
import { actions, check, foreignKey, type Referent, referentOf } from './constraints.ts';
import { defaultOf, sqlOf } from './expressions.ts';
import { conventionalName, keyword, NOTHING, nameOf, quoted, sql, textOf, words } from './sqlText.ts';
import { type ColumnType, typeOf } from './types.ts';

/** What `sa.Column(…)` says. */
export interface Column {
  readonly item: Item;
  readonly name: Item;
  readonly type: ColumnType | undefined;
  readonly options: Bound;
  readonly primaryKey: boolean;
  readonly foreignKeys: readonly ForeignKey[];
  /** CheckConstraints that stand with the column. */
  readonly checks: readonly Construct[];
  readonly identity: Construct | undefined;
  readonly computed: Construct | undefined;
  /** A Sequence: the value comes from the application. */
  readonly fromSequence: boolean;
}

export interface ForeignKey {
  readonly name: Item | undefined;
  readonly referent: Referent;
  readonly options: Bound;
  /** It would be added by a statement of its own, and alembic adds none. */
  readonly useAlter: boolean;
}

/** Reads a column; undefined for anything else. */
export function columnOf(item: Item): Column | undefined {
  const construct = constructOf(item.value);
  if (construct?.name !== 'Column') return undefined;
  const [name, ...others] = construct.args;
  const options = bind({ ...construct, args: [] }, []);
  const named = name ?? options.get('name');
  if (named === undefined) return undefined;
  const parts = others.map((each) => ({ item: each, construct: constructOf(each.value) }));
  const called = (wanted: string) => parts.find(({ construct: each }) => each?.name === wanted)?.construct;
  const type = parts.find(({ construct: each }) => !SCHEMA_ITEMS.has(each?.name ?? ''))?.item;
  const typed = type ?? options.get('type_');
  return {
    item,
    name: named,
    type: typed && typeOf(typed),
    options,
    primaryKey: switchedOn(options, 'primary_key') !== undefined,
    foreignKeys: parts.flatMap(({ construct: each }) => (each === undefined ? [] : foreignKeyOf(each))),
    checks: parts.flatMap(({ construct: each }) => (each?.name === 'CheckConstraint' ? [each] : [])),
    identity: called('Identity'),
    computed: called('Computed'),
    fromSequence: called('Sequence') !== undefined,
  };
}

const SCHEMA_ITEMS: ReadonlySet<string> = new Set([
  'ForeignKey',
  'CheckConstraint',
  'Identity',
  'Computed',
  'Sequence',
  'FetchedValue',
  'DefaultClause',
]);

function foreignKeyOf(construct: Construct): ForeignKey[] {
  if (construct.name !== 'ForeignKey') return [];
  const options = bind(construct, ['column']);
  const target = options.get('column');
  if (target === undefined) return [];
  return [
    {
      name: options.get('name'),
      referent: referentOf([target]),
      options,
      useAlter: switchedOn(options, 'use_alter') !== undefined,
    },
  ];
}

/** The foreign key of a column as a constraint of its table. */
export function foreignKeyConstraint(
  { name }: Column,
  { name: given, referent, options }: ForeignKey,
): MappedText {
  return foreignKey(given, nameOf(name), referent, options);
}

/** `REFERENCES table (column)`, inside the column. */
export function inlineReference({ referent, options }: ForeignKey): MappedText {
  return words(sql`REFERENCES ${referent.table} (${referent.columns})`, actions(options));
}

/**
 * A column as SQLAlchemy writes it (PGDDLCompiler.get_column_specification): name, type, default, generation, NOT NULL.
 * `inKey` where it belongs to the primary key, `counts` where it is the one that counts up.
 */
export function columnSpecification(column: Column, inKey: boolean, counts: boolean): MappedText {
  const { name, type, options, identity, computed } = column;
  const server = options.get('server_default');
  const generated = identity ?? named(server, 'Identity');
  const formula = computed ?? named(server, 'Computed');
  const plain = server !== undefined && named(server, 'Identity') === undefined && formula === undefined;
  const place = type?.text.pieces[0]?.origin ?? name.span;
  const serial = counts && generated === undefined ? type?.serial : undefined;
  const value = plain ? defaultOf(server) : undefined;
  return words(
    nameOf(name),
    serial === undefined ? (type?.text ?? typeOf(column.item).text) : mappedTo(serial, place),
    value === undefined || serial !== undefined ? undefined : sql`DEFAULT ${value}`,
    formula === undefined ? undefined : computedClause(formula),
    generated === undefined ? undefined : identityClause(generated),
    nullability(options, inKey, generated !== undefined),
  );
}

function named(item: Item | undefined, name: string): Construct | undefined {
  const construct = item && constructOf(item.value);
  return construct?.name === name ? construct : undefined;
}

function nullability(options: Bound, inKey: boolean, hasIdentity: boolean): MappedText | undefined {
  const off = switchedOff(options, 'nullable');
  const on = switchedOn(options, 'nullable');
  if (hasIdentity) return on && keyword('NULL', on);
  if (off !== undefined) return keyword('NOT NULL', off);
  if (!inKey || on !== undefined) return undefined;
  const key = wholeOf(options, 'primary_key');
  return key === undefined ? sql`NOT NULL` : keyword('NOT NULL', key);
}

/** What stands behind a column: its CHECK constraints. */
export function columnChecks({ checks }: Column): MappedText {
  return words(
    ...checks.map((construct) => {
      const bound = bind(construct, ['sqltext', 'name', 'deferrable', 'initially']);
      return check(bound.get('name'), bound.get('sqltext'), bound);
    }),
  );
}

/** Without `persisted` a server before 18 stores it, and a newer one may not: the older is meant. */
function computedClause(construct: Construct): MappedText {
  const bound = bind(construct, ['sqltext', 'persisted']);
  const formula = bound.get('sqltext');
  const isVirtual = switchedOff(bound, 'persisted') !== undefined;
  return sql`GENERATED ALWAYS AS (${formula === undefined ? NOTHING : sqlOf(formula)}) ${isVirtual ? 'VIRTUAL' : 'STORED'}`;
}

/** Identity's options in SQLAlchemy's order. */
const IDENTITY_OPTIONS: readonly (readonly [string, string])[] = [
  ['increment', 'INCREMENT BY'],
  ['start', 'START WITH'],
  ['minvalue', 'MINVALUE'],
  ['maxvalue', 'MAXVALUE'],
  ['nominvalue', 'NO MINVALUE'],
  ['nomaxvalue', 'NO MAXVALUE'],
  ['cache', 'CACHE'],
  ['cycle', 'CYCLE'],
];

export function identityClause(construct: Construct): MappedText {
  const bound = bind(construct, ['always', 'on_null', 'start', 'increment', 'minvalue', 'maxvalue']);
  const when = switchedOn(bound, 'always') === undefined ? 'BY DEFAULT' : 'ALWAYS';
  const options = words(...IDENTITY_OPTIONS.map(([name, word]) => identityOption(bound, name, word)));
  return words(`GENERATED ${when} AS IDENTITY`, options.text === '' ? undefined : sql`(${options})`);
}

function identityOption(bound: Bound, name: string, word: string): MappedText | undefined {
  const item = bound.get(name);
  if (item === undefined) return undefined;
  if (item.value.kind === 'number') return words(word, textOf(item));
  const on = isTrue(item.value) === true;
  return mappedTo(name === 'cycle' && !on ? 'NO CYCLE' : word, item.span);
}

/** Names that nobody gave: `ix_table_column`, with the schema in front where there is one (SQLAlchemy's own convention). */
export function indexName(column: Column, table: Item, schema: Item | undefined): MappedText {
  const parts = [schema, table, column.name].filter((part) => part !== undefined);
  const name = parts.map((part) => textOf(part).text).join('_');
  const place = wholeOf(column.options, 'index') ?? column.name.span;
  return quoted(conventionalName(mappedTo(`ix_${name}`, place)));
}
