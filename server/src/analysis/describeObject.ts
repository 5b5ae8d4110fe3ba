import {
  type Catalog,
  type Column,
  type Constraint,
  displayName,
  type Index,
  indexOf,
  type Relation,
  type Table,
  type TypeDefinition,
} from '../catalog/catalog.ts';
import { typeText } from '../catalog/typeText.ts';

/** An object as it stands in a schema, as markdown; undefined when the schema does not have it. */
export function describeObject(catalog: Catalog, key: string): string | undefined {
  const relation = catalog.relations.get(key);
  if (relation !== undefined) return describeRelation(catalog, key, relation);
  const type = catalog.types.get(key);
  return type === undefined ? undefined : describeType(key, type);
}

function describeRelation(catalog: Catalog, key: string, relation: Relation): string {
  switch (relation.kind) {
    case 'table':
    case 'foreignTable':
      return describeTable(catalog, key, relation);
    case 'view':
    case 'materializedView': {
      const what = relation.kind === 'view' ? 'View' : 'Materialized view';
      const columns = relation.columns?.map(code).join(', ') ?? 'columns that the history does not tell';
      return [
        `**${what} ${code(displayName(key))}**: ${columns}`,
        ...indexList(catalog, relation.indexes),
      ].join('\n\n');
    }
    case 'index':
      return `**Index ${code(displayName(key))}** on ${code(displayName(relation.table))}: ${indexInWords(relation)}`;
    case 'sequence': {
      const owner = relation.ownedBy;
      const owned =
        owner === undefined ? '' : `, owned by ${code(`${displayName(owner.table)}.${owner.column}`)}`;
      return `**Sequence ${code(displayName(key))}**${owned}`;
    }
    case 'compositeType':
      return `**Type ${code(displayName(key))}**\n\n${columnTable(relation.columns)}`;
  }
}

function describeTable(catalog: Catalog, key: string, table: Table): string {
  const kind = table.kind === 'foreignTable' ? 'Foreign table' : 'Table';
  const persistence = table.persistence === 'permanent' ? '' : ` (${table.persistence})`;
  const parts = [`**${kind} ${code(displayName(key))}**${persistence}`, ...belonging(table)];
  if (table.columns.length > 0) parts.push(columnTable(table.columns));
  if (!table.complete) parts.push('The history does not show all of it.');
  if (table.constraints.length > 0) {
    parts.push(list('Constraints', table.constraints.map(constraintInWords)));
  }
  parts.push(...indexList(catalog, table.indexes));
  if (table.triggers.length > 0) {
    parts.push(`Triggers: ${table.triggers.map(({ name }) => code(name)).join(', ')}`);
  }
  return parts.join('\n\n');
}

function belonging({ partitionBy, partitionOf, inherits, children }: Table): string[] {
  const names = (keys: readonly string[]) => keys.map((key) => code(displayName(key))).join(', ');
  const parts: string[] = [];
  if (partitionOf !== undefined) parts.push(`Partition of ${code(displayName(partitionOf.parent))}.`);
  if (inherits.length > 0) parts.push(`Inherits from ${names(inherits)}.`);
  if (partitionBy !== undefined) {
    const columns = partitionBy.columns.map((column) =>
      column === undefined ? 'an expression' : code(column),
    );
    parts.push(`Partitioned by ${partitionBy.strategy} of ${columns.join(', ')}.`);
  }
  if (children.length > 0)
    parts.push(`${partitionBy ? 'Partitions' : 'Tables below it'}: ${names(children)}.`);
  return parts;
}

/** Longer tables are cut: a hover is no listing. */
const mostColumns = 60;

function columnTable(columns: readonly Column[]): string {
  const rows = columns
    .slice(0, mostColumns)
    .map(
      (column) => `| ${code(column.name)} | ${cell(columnType(column))} | ${cell(columnInWords(column))} |`,
    );
  const more = columns.length > mostColumns ? [`| … ${columns.length - mostColumns} more | | |`] : [];
  return ['| column | type | |', '| --- | --- | --- |', ...rows, ...more].join('\n');
}

/** Postgres's own names for types whose usual names are others. */
const usualNames: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  bpchar: 'char',
  varbit: 'bit varying',
};

function columnType({ type }: Column): string {
  if (type === undefined) return '';
  const name =
    type.schema === undefined && Object.hasOwn(usualNames, type.name) ? usualNames[type.name] : undefined;
  return typeText(name === undefined ? type : { ...type, name });
}

function columnInWords({ notNull, default: value, identity, generated, collation }: Column): string {
  return [
    ...(notNull === true ? ['not null'] : []),
    ...(value === undefined ? [] : ['default']),
    ...(identity === undefined ? [] : [identity === 'always' ? 'identity' : 'identity by default']),
    ...(generated === undefined ? [] : [`generated, ${generated.kind}`]),
    ...(collation === undefined ? [] : [`collation ${collation}`]),
  ].join(', ');
}

const constraintKinds: Readonly<Record<Constraint['kind'], string>> = {
  check: 'check',
  unique: 'unique',
  primaryKey: 'primary key',
  foreignKey: 'foreign key',
  exclude: 'exclusion',
  notNull: 'not null',
};

function constraintInWords(constraint: Constraint): string {
  const { kind, name, columns, references, validated, enforced, deferrable } = constraint;
  const target =
    references === undefined ? '' : ` → ${place(displayName(references.table), references.columns)}`;
  return [
    `${code(name)} ${constraintKinds[kind]}${columns.length > 0 ? ` (${columns.map(code).join(', ')})` : ''}${target}`,
    ...(validated ? [] : ['not validated']),
    ...(enforced ? [] : ['not enforced']),
    ...(deferrable ? ['deferrable'] : []),
  ].join(', ');
}

function place(table: string, columns: readonly string[]): string {
  return `${code(table)}${columns.length > 0 ? ` (${columns.map(code).join(', ')})` : ''}`;
}

function indexList(catalog: Catalog, keys: readonly string[]): string[] {
  const lines = keys.flatMap((key) => {
    const index = indexOf(catalog, key);
    return index === undefined ? [] : [`${code(index.name)} ${indexInWords(index)}`];
  });
  return lines.length === 0 ? [] : [list('Indexes', lines)];
}

function indexInWords({ elements, unique, predicate, valid, method, include, constraint }: Index): string {
  const keys = elements
    .map(({ column }) => (column === undefined ? 'an expression' : code(column)))
    .join(', ');
  return [
    `${unique ? 'unique ' : ''}${method} (${keys})`,
    ...(include.length > 0 ? [`including ${include.map(code).join(', ')}`] : []),
    ...(predicate === undefined ? [] : ['partial']),
    ...(valid ? [] : ['not valid']),
    ...(constraint === undefined ? [] : [`of constraint ${code(constraint)}`]),
  ].join(', ');
}

function describeType(key: string, type: TypeDefinition): string {
  const name = code(displayName(key));
  if (type.kind === 'enum')
    return `**Enum ${name}**: ${type.values.map((value) => code(`'${value}'`)).join(', ')}`;
  if (type.kind === 'other') return `**Type ${name}**`;
  const checks = type.checks.map(constraintInWords);
  return [
    `**Domain ${name}** over ${typeText(type.base)}${type.notNull ? ', not null' : ''}`,
    ...(checks.length > 0 ? [list('Constraints', checks)] : []),
  ].join('\n\n');
}

function list(title: string, items: readonly string[]): string {
  return `${title}:\n${items.map((item) => `- ${item}`).join('\n')}`;
}

/** Text as code, whatever is in it; a bar would end the cell of a table. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return cell(fence === '`' ? `\`${text}\`` : `${fence} ${text} ${fence}`);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
