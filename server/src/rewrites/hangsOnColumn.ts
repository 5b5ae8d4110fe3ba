import {
  type Catalog,
  type Column,
  type Constraint,
  columnOf,
  displayName,
  type Index,
  type IndexElement,
  indexOf,
  type ReferentialAction,
  type Sequence,
  type Table,
  tableOf,
  tableTree,
  writtenName,
} from '../catalog/catalog.ts';
import { dependentsOf, keyOf } from '../catalog/edit.ts';
import { columnsIn, indexUses } from '../catalog/expression.ts';
import { printExpression } from '../catalog/printExpression.ts';
import { publicationOf } from '../catalog/publication.ts';
import { inExpression } from '../catalog/renameColumn.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import { quoteName, quotePath } from '../sql/names.ts';

/** A constraint or index that has the column, as it can be made again. */
export interface Hanging {
  readonly name: string;
  /** Key of the table that has it. */
  readonly table: string;
  readonly kind: 'index' | 'key' | 'check' | 'foreignKey';
  /** Unique, of an index or the one under a key. */
  readonly unique: boolean;
  /** What follows ON table of an index, or ADD CONSTRAINT name; `column` in the place of the column. */
  definition(column: string): string;
  /** Of an index and of a key, what follows ON table of the index. */
  readonly index?: (column: string) => string;
  /** Of a key, how it takes over the index `name`: what follows ADD CONSTRAINT name. */
  readonly using?: (index: string) => string;
  /** CLUSTER uses it. */
  readonly clusters: boolean;
  /** Of an index of a partitioned table, those of its partitions: keys of the tables, and names. */
  readonly parts: readonly IndexOfPartition[];
}

export interface IndexOfPartition {
  readonly table: string;
  readonly name: string;
}

/** All that hangs on a column of a table. */
export interface HangingOn {
  readonly parts: readonly Hanging[];
  readonly column: Column;
  /** Its default as SQL. */
  readonly default?: string;
  /** The sequence that it owns. */
  readonly sequence?: Sequence;
}

/** What hangs on the column in this schema; the reason, one clause, where something of it could not be made again. */
export function hangingOn(catalog: Catalog, table: string, name: string): HangingOn | string {
  const known = tableOf(catalog, table);
  const column = columnOf(known, name);
  const shown = displayName(table);
  if (known === undefined || column === undefined || !known.complete || catalog.uncertain) {
    return `the history does not show all that hangs on ${shown}.${name}`;
  }
  const reason = inTheWay(catalog, table, known, column);
  if (reason !== undefined) return reason;
  const parts: Hanging[] = [];
  for (const constraint of known.constraints) {
    const refersHere = constraint.references?.table === table && constraint.references.columns.includes(name);
    if (!constraint.columns.includes(name) && !includes(catalog, constraint, name) && !refersHere) continue;
    const part = ofConstraint(catalog, table, constraint, table, name);
    if (typeof part === 'string') return part;
    if (part !== undefined) parts.push(part);
  }
  for (const key of known.indexes) {
    const index = indexOf(catalog, key);
    if (index === undefined || index.constraint !== undefined || !indexUses(index, name)) continue;
    const part = ofIndex(known, index, name);
    if (typeof part === 'string') return part;
    const ofPartitions = known.partitionBy === undefined ? [] : partsOfIndex(catalog, table, key, index.name);
    if (typeof ofPartitions === 'string') return ofPartitions;
    parts.push({ ...part, parts: ofPartitions });
  }
  for (const [other, relation] of dependentsOf(catalog, table)) {
    if (other === table || (relation.kind !== 'table' && relation.kind !== 'foreignTable')) continue;
    for (const constraint of relation.constraints) {
      const { references } = constraint;
      if (references?.table !== table || !references.columns.includes(name)) continue;
      if (relation.partitionBy !== undefined || relation.partitionOf !== undefined) {
        return `the partitioned table ${displayName(other)} refers to it`;
      }
      const part = ofConstraint(catalog, other, constraint, table, name);
      if (typeof part === 'string') return part;
      if (part !== undefined) parts.push(part);
    }
  }
  const value = column.default === undefined ? undefined : printExpression(column.default);
  if (column.default !== undefined && value === undefined) return `its default cannot be written again`;
  const [sequence] = dependentsOf(catalog, table).flatMap(([, each]) =>
    each.kind === 'sequence' && each.ownedBy?.table === table && each.ownedBy.column === name ? each : [],
  );
  return {
    parts,
    column,
    ...(value === undefined ? {} : { default: value }),
    ...(sequence === undefined ? {} : { sequence }),
  };
}

function inTheWay(catalog: Catalog, key: string, table: Table, column: Column): string | undefined {
  const { name } = column;
  if (table.kind === 'foreignTable') return 'a foreign table has no rows of its own';
  if (table.partitionOf !== undefined || table.inherits.length > 0)
    return 'its columns come from another table';
  if (table.partitionBy === undefined && table.children.length > 0) return 'other tables inherit from it';
  if (table.partitionBy?.columns.some((each) => each === name || each === undefined)) {
    return 'it is partitioned by the column';
  }
  if (table.ofType !== undefined) return 'its columns come from a type';
  if (column.generated !== undefined)
    return 'it is a generated column: SET EXPRESSION and the type go together';
  const named = namedBy(catalog, key, table, name);
  if (named !== undefined) return named;
  for (const partition of tableTree(catalog, key).slice(1)) {
    const reason = ofPartition(catalog, partition, column);
    if (reason !== undefined) return `of the partition ${displayName(partition)} ${reason}`;
  }
  return undefined;
}

/** What a partition has of its own on the column: a new column of the whole would not bring it along. */
function ofPartition(
  catalog: Catalog,
  key: string,
  { name, notNull, default: value }: Column,
): string | undefined {
  const partition = tableOf(catalog, key);
  const column = columnOf(partition, name);
  if (partition === undefined || column === undefined || !partition.complete) {
    return 'the history does not show all that hangs on it';
  }
  if (partition.kind === 'foreignTable') return 'the rows are elsewhere';
  if (partition.partitionBy?.columns.some((each) => each === name || each === undefined)) {
    return 'the column is what it is partitioned by';
  }
  const written = (each: Column['default']) => each && printExpression(each);
  if (written(column.default) !== written(value)) return 'the column has a default of its own';
  if (column.notNull !== notNull) return 'the column is NOT NULL by itself';
  const own = partition.constraints.find(
    (each) => !each.inherited && (each.columns.includes(name) || includes(catalog, each, name)),
  );
  if (own !== undefined) return `the constraint ${own.name} is its own`;
  for (const each of partition.indexes) {
    const index = indexOf(catalog, each);
    if (index !== undefined && index.attachedTo === undefined && indexUses(index, name)) {
      return `the index ${index.name} is its own`;
    }
  }
  for (const [other, relation] of dependentsOf(catalog, key)) {
    const reads = 'usesColumns' in relation && relation.usesColumns.includes(`${key}.${name}`);
    const refers =
      'constraints' in relation &&
      relation.constraints.some(
        ({ references, inherited }) =>
          !inherited && references?.table === key && references.columns.includes(name),
      );
    if (reads || refers) return `${displayName(other)} uses the column`;
  }
  return namedBy(catalog, key, partition, name);
}

/** What names the column besides constraints, indexes and views. */
function namedBy(catalog: Catalog, key: string, table: Table, name: string): string | undefined {
  const uses = ({ usesColumns }: { readonly usesColumns: readonly string[] }): boolean =>
    usesColumns.includes(`${key}.${name}`);
  const generated = table.columns.find((each) => columnsIn(each.generated?.expression.node).includes(name));
  if (generated !== undefined) return `the column ${generated.name} is generated from it`;
  const trigger = table.triggers.find(({ columns }) => columns.includes(name));
  if (trigger !== undefined) return `the trigger ${trigger.name} names the column`;
  const policy = table.policies.find(uses);
  if (policy !== undefined) return `the policy ${policy.name} reads the column`;
  const rule = table.rules.find(uses);
  if (rule !== undefined) return `the rule ${rule.name} reads the column`;
  for (const [, each] of catalog.statistics.entries()) {
    if (each.table === key && each.columns.includes(name)) return `the statistics ${each.name} are about it`;
  }
  const publication = publicationOf(catalog, key);
  return publication && `the publication ${publication.name} holds its table`;
}

/** Whether an index under the constraint has the column without it being one of the constraint's. */
function includes(catalog: Catalog, { index }: Constraint, column: string): boolean {
  const known = indexOf(catalog, index);
  return known !== undefined && indexUses(known, column);
}

function ofConstraint(
  catalog: Catalog,
  owner: string,
  constraint: Constraint,
  table: string,
  column: string,
): Hanging | string | undefined {
  const { kind, name, columns, expression, references } = constraint;
  const swap = (each: string, to: string): string => quoteName(each === column ? to : each);
  const own = (each: string, to: string): string => (owner === table ? swap(each, to) : quoteName(each));
  if (kind === 'notNull') return constraint.nameIsGenerated ? undefined : `its NOT NULL is called ${name}`;
  if (!constraint.enforced || !constraint.validated) return `the constraint ${name} is not valid`;
  if (constraint.inherited || constraint.nameIsOpen) return `the constraint ${name} is not known well enough`;
  const common = { name, table: owner, unique: false, clusters: false, parts: [] };
  const deferral = `${constraint.deferrable ? ' DEFERRABLE' : ''}${constraint.deferred ? ' INITIALLY DEFERRED' : ''}`;
  if (kind === 'check') {
    if (expression === undefined || printExpression(expression) === undefined) {
      return `the CHECK ${name} cannot be written again`;
    }
    const suffix = constraint.noInherit ? ' NO INHERIT' : '';
    const definition = (to: string) =>
      `CHECK (${printExpression(inExpression(expression, column, to))})${suffix}`;
    return { ...common, kind: 'check', definition };
  }
  if (kind === 'foreignKey') {
    if (references === undefined || references.sets !== undefined)
      return `the foreign key ${name} sets some columns only`;
    const there = (each: string, to: string): string =>
      references.table === table ? swap(each, to) : quoteName(each);
    const definition = (to: string) =>
      [
        `FOREIGN KEY (${columns.map((each) => own(each, to)).join(', ')})`,
        `REFERENCES ${writtenName(references.table)} (${references.columns.map((each) => there(each, to)).join(', ')})`,
        ...(references.matchFull ? ['MATCH FULL'] : []),
        ...action('ON DELETE', references.onDelete),
        ...action('ON UPDATE', references.onUpdate),
      ].join(' ') + deferral;
    return { ...common, kind: 'foreignKey', definition };
  }
  const index = indexOf(catalog, constraint.index);
  const known = tableOf(catalog, owner);
  if (kind === 'exclude' || index === undefined || known === undefined) {
    return `the constraint ${name} cannot be built beside the old one`;
  }
  if (known.partitionBy !== undefined) {
    return `the constraint ${name} of the partitioned table cannot take over indexes that were built beside the old ones`;
  }
  const part = ofIndex(known, index, column);
  if (typeof part === 'string') return part;
  const word = kind === 'primaryKey' ? 'PRIMARY KEY' : 'UNIQUE';
  const included = (to: string): string =>
    index.include.length === 0 ? '' : ` INCLUDE (${index.include.map((each) => swap(each, to)).join(', ')})`;
  const nulls = index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
  return {
    ...part,
    kind: 'key',
    index: part.definition,
    definition: (to) =>
      `${word}${nulls} (${columns.map((each) => swap(each, to)).join(', ')})${included(to)}${deferral}`,
    using: (to) => `${word} USING INDEX ${quoteName(to)}${deferral}`,
  };
}

/** The indexes of the partitions under one of the whole; the reason where one may not be made again as it is. */
function partsOfIndex(
  catalog: Catalog,
  table: string,
  key: string,
  name: string,
): readonly IndexOfPartition[] | string {
  const parts: IndexOfPartition[] = [];
  for (const partition of tableTree(catalog, table).slice(1)) {
    const known = tableOf(catalog, partition);
    if (known?.partitionBy !== undefined)
      return `of the index ${name} the partition ${displayName(partition)} has parts in turn`;
    const own = known?.indexes.map((each) => indexOf(catalog, each)).find((each) => each?.attachedTo === key);
    if (own === undefined || own.hasSettings || !own.valid)
      return `the index of the partition ${displayName(partition)} under ${name} cannot be written again`;
    parts.push({ table: partition, name: own.name });
  }
  return parts;
}

function ofIndex(table: Table, index: Index, column: string): Hanging | string {
  const { name, method, elements, include, predicate } = index;
  const printable = [predicate, ...elements.map(({ expression }) => expression)].every(
    (each) => each === undefined || printExpression(each) !== undefined,
  );
  if (!printable || index.hasSettings || !index.valid) return `the index ${name} cannot be written again`;
  if (table.replicaIdentity !== undefined && table.replicaIdentity === name) {
    return `the index ${name} is the replica identity`;
  }
  const swap = (each: string, to: string): string => quoteName(each === column ? to : each);
  const definition = (to: string) =>
    [
      ...(method === 'btree' ? [] : [`USING ${quoteName(method)}`]),
      `(${elements.map((each) => element(each, column, to)).join(', ')})`,
      ...(include.length === 0 ? [] : [`INCLUDE (${include.map((each) => swap(each, to)).join(', ')})`]),
      ...(index.nullsNotDistinct ? ['NULLS NOT DISTINCT'] : []),
      ...(predicate === undefined ? [] : [`WHERE ${printExpression(inExpression(predicate, column, to))}`]),
    ].join(' ');
  return {
    name,
    table: index.table,
    kind: 'index',
    unique: index.unique,
    definition,
    index: definition,
    clusters: table.clusteredOn === keyOf(index),
    parts: [],
  };
}

function element(
  { column, expression, collation, operatorClass, order }: IndexElement,
  from: string,
  to: string,
) {
  const what =
    expression === undefined
      ? quoteName(column === from ? to : (column ?? ''))
      : `(${printExpression(inExpression(expression, from, to))})`;
  return [
    what,
    ...(collation === undefined ? [] : [`COLLATE ${quotePath(...collation.split('.'))}`]),
    ...(operatorClass === undefined ? [] : [quotePath(...operatorClass.split('.'))]),
    ...(order === undefined ? [] : [order]),
  ].join(' ');
}

const ACTIONS: Readonly<Record<ReferentialAction, string>> = {
  noAction: '',
  restrict: 'RESTRICT',
  cascade: 'CASCADE',
  setNull: 'SET NULL',
  setDefault: 'SET DEFAULT',
};

function action(when: string, what: ReferentialAction): readonly string[] {
  return what === 'noAction' ? [] : [`${when} ${ACTIONS[what]}`];
}

/** Key of an index in the schema of its table. */
export function indexNamed({ table }: Pick<Hanging, 'table'>, name: string): string {
  return writtenName(`${objectKeyParts(table).schema}\u0000${name}`);
}
