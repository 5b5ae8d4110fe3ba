import type { Node } from '@pgsql/types';
import {
  type Catalog,
  type Expression,
  type Index,
  type Relation,
  type Table,
  tableOf,
  tableTree,
} from './catalog.ts';
import { dependentsOf, withRelation } from './edit.ts';
import { expressionOf } from './expression.ts';

/** Renames a column of a table and of those below it, wherever it is named. */
export function renameColumn(catalog: Catalog, key: string, from: string, to: string): Catalog {
  let next = catalog;
  for (const each of tableTree(catalog, key)) {
    const table = tableOf(next, each);
    const view = next.relations.get(each);
    if (table !== undefined) next = withRelation(next, each, inTable(table, each, from, to));
    else if (view !== undefined && 'query' in view) {
      const columns = view.columns?.map((name) => (name === from ? to : name));
      next = withRelation(next, each, { ...view, columns });
    }
    for (const index of table?.indexes ?? []) {
      const found = next.relations.get(index);
      if (found?.kind === 'index') next = withRelation(next, index, inIndex(found, from, to));
    }
    for (const [other, relation] of dependentsOf(next, each)) {
      next = withRelation(next, other, inDependent(relation, each, from, to));
    }
  }
  return next;
}

/** Renames an attribute of a composite type, and the columns of the tables OF it (CASCADE). */
export function renameAttribute(catalog: Catalog, key: string, from: string, to: string): Catalog {
  const composite = catalog.relations.get(key);
  if (composite?.kind !== 'compositeType') return catalog;
  const columns = composite.columns.map((each) => (each.name === from ? { ...each, name: to } : each));
  let next = withRelation(catalog, key, { ...composite, columns });
  for (const [table, relation] of dependentsOf(catalog, key)) {
    if (relation.kind === 'table' && relation.ofType === key) next = renameColumn(next, table, from, to);
  }
  return next;
}

function inTable(table: Table, key: string, from: string, to: string): Table {
  const swap = (name: string): string => (name === from ? to : name);
  const known = table.columns.some((column) => column.name === from);
  const columns =
    known || table.complete ? table.columns : [...table.columns, { name: from, notNull: undefined }];
  const changed: Table = {
    ...table,
    columns: columns.map((column) => ({
      ...column,
      name: swap(column.name),
      ...(column.generated
        ? {
            generated: {
              ...column.generated,
              expression: inExpression(column.generated.expression, from, to),
            },
          }
        : {}),
    })),
    triggers: table.triggers.map((each) => ({ ...each, columns: each.columns.map(swap) })),
    constraints: table.constraints.map((each) => ({
      ...each,
      columns: each.columns.map(swap),
      ...(each.expression ? { expression: inExpression(each.expression, from, to) } : {}),
    })),
    ...(table.partitionBy
      ? {
          partitionBy: {
            ...table.partitionBy,
            columns: table.partitionBy.columns.map((each) => (each === from ? to : each)),
          },
        }
      : {}),
  };
  return inDependent(changed, key, from, to) as Table;
}

function inIndex(index: Index, from: string, to: string): Index {
  return {
    ...index,
    elements: index.elements.map((each) => ({
      ...each,
      ...(each.column === from ? { column: to } : {}),
      ...(each.expression ? { expression: inExpression(each.expression, from, to) } : {}),
    })),
    include: index.include.map((each) => (each === from ? to : each)),
    ...(index.predicate ? { predicate: inExpression(index.predicate, from, to) } : {}),
  };
}

/** What another relation says of the column: a foreign key's reference, a view's uses, a sequence's owner. */
function inDependent(relation: Relation, key: string, from: string, to: string): Relation {
  const used = (all: readonly string[]): readonly string[] =>
    all.map((each) => (each === `${key}.${from}` ? `${key}.${to}` : each));
  const uses = <T extends { readonly usesColumns: readonly string[] }>(each: T): T => ({
    ...each,
    usesColumns: used(each.usesColumns),
  });
  switch (relation.kind) {
    case 'table':
    case 'foreignTable':
      return {
        ...relation,
        policies: relation.policies.map(uses),
        rules: relation.rules.map(uses),
        constraints: relation.constraints.map((each) =>
          each.references?.table === key
            ? {
                ...each,
                references: {
                  ...each.references,
                  columns: each.references.columns.map((name) => (name === from ? to : name)),
                },
              }
            : each,
        ),
      };
    case 'view':
    case 'materializedView':
      return { ...uses(relation), rules: relation.rules.map(uses) };
    case 'sequence':
      return relation.ownedBy?.table === key && relation.ownedBy.column === from
        ? { ...relation, ownedBy: { table: key, column: to } }
        : relation;
    default:
      return relation;
  }
}

/** The expression with the column under its new name. */
export function inExpression(expression: Expression, from: string, to: string): Expression {
  return expression.fingerprint.includes(JSON.stringify(from))
    ? expressionOf(inNode(expression.node, from, to) as Node)
    : expression;
}

function inNode(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map((each) => inNode(each, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'ColumnRef' ? inReference(each as { fields?: Node[] }, from, to) : inNode(each, from, to),
    ]),
  );
}

function inReference(reference: { fields?: Node[] }, from: string, to: string): unknown {
  const fields = reference.fields ?? [];
  const last = fields.at(-1);
  if (last === undefined || !('String' in last) || last.String.sval !== from) return reference;
  return { ...reference, fields: [...fields.slice(0, -1), { String: { sval: to } }] };
}
