import type {
  AlterDomainStmt,
  AlterEnumStmt,
  CompositeTypeStmt,
  CreateDomainStmt,
  CreateTableAsStmt,
  IndexStmt,
  Node,
  SelectStmt,
  ViewStmt,
} from '@pgsql/types';
import { indexElement } from './addConstraint.ts';
import { alterTable, clusterBy } from './alterTable.ts';
import { alterPolicy, createPolicy, createRule, createTrigger } from './attachments.ts';
import type { Catalog, Column, Constraint, Table, TypeDefinition, View } from './catalog.ts';
import { columnFrom, createTable } from './defineTable.ts';
import { drop } from './drop.ts';
import { type ApplyScope, assumedTable, putIndex, putRelation } from './edit.ts';
import { expressionOf } from './expression.ts';
import { columnsPart, generatedName } from './generatedNames.ts';
import { indexElementNames } from './impliedName.ts';
import { partIndex } from './indexCopies.ts';
import { alterPublication, createPublication } from './publication.ts';
import { outputColumns } from './queryColumns.ts';
import { changeOwner, rename, setSchema } from './rename.ts';
import {
  keyForNew,
  keyForNewRelation,
  keyOfRangeVar,
  objectKeyParts,
  qualified,
  stringsOf,
  typeKey,
  typeNameOf,
} from './resolve.ts';
import { alterRoutine, createAggregate, createRoutine } from './routine.ts';
import { createStatistics } from './statistics.ts';
import { usesOf } from './uses.ts';

/**
 * The catalog after a statement. What Postgres would refuse (a table made twice) leaves it as it is; an object that
 * the history has not made but speaks of is assumed to exist.
 */
export function apply(catalog: Catalog, node: Node, scope: ApplyScope): Catalog {
  if ('CreateStmt' in node) return createTable(catalog, scope, node.CreateStmt);
  if ('CreateForeignTableStmt' in node) {
    return createTable(
      catalog,
      scope,
      node.CreateForeignTableStmt.base ?? {},
      node.CreateForeignTableStmt.servername ?? '',
    );
  }
  if ('AlterTableStmt' in node) return alterTable(catalog, scope, node.AlterTableStmt);
  if ('IndexStmt' in node) return createIndex(catalog, scope, node.IndexStmt);
  if ('DropStmt' in node) return drop(catalog, scope, node.DropStmt);
  if ('RenameStmt' in node) return rename(catalog, scope, node.RenameStmt);
  if ('AlterOwnerStmt' in node) return changeOwner(catalog, scope, node.AlterOwnerStmt);
  if ('AlterObjectSchemaStmt' in node) return setSchema(catalog, scope, node.AlterObjectSchemaStmt);
  if ('CreateTableAsStmt' in node) return createTableAs(catalog, scope, node.CreateTableAsStmt);
  if ('SelectStmt' in node) return selectInto(catalog, scope, node.SelectStmt);
  if ('ViewStmt' in node) return createView(catalog, scope, node.ViewStmt);
  if ('CreateSeqStmt' in node) {
    const key = keyForNewRelation(scope, node.CreateSeqStmt.sequence);
    if (catalog.relations.has(key)) return catalog;
    const made = putRelation(catalog, { kind: 'sequence', ...objectKeyParts(key), path: scope.path });
    return ownSequence(made, scope, key, node.CreateSeqStmt.options);
  }
  if ('AlterSeqStmt' in node) {
    const { sequence, options } = node.AlterSeqStmt;
    return ownSequence(catalog, scope, keyOfRangeVar(catalog, scope, sequence), options);
  }
  if ('CreateSchemaStmt' in node) return createSchema(catalog, scope, node);
  if ('CreateExtensionStmt' in node) {
    const name = node.CreateExtensionStmt.extname ?? '';
    return { ...catalog, extensions: catalog.extensions.set(name, { path: scope.path }) };
  }
  if ('CreateTrigStmt' in node) return createTrigger(catalog, scope, node.CreateTrigStmt);
  if ('CreatePolicyStmt' in node) return createPolicy(catalog, scope, node.CreatePolicyStmt);
  if ('AlterPolicyStmt' in node) return alterPolicy(catalog, scope, node.AlterPolicyStmt);
  if ('RuleStmt' in node) return createRule(catalog, scope, node.RuleStmt);
  if ('CreatePublicationStmt' in node) return createPublication(catalog, scope, node.CreatePublicationStmt);
  if ('AlterPublicationStmt' in node) return alterPublication(catalog, scope, node.AlterPublicationStmt);
  if ('CreateStatsStmt' in node) return createStatistics(catalog, scope, node.CreateStatsStmt);
  if ('ClusterStmt' in node) return clusterBy(catalog, scope, node.ClusterStmt);
  return applyType(catalog, node, scope);
}

/** Statements that make or change types and routines. */
function applyType(catalog: Catalog, node: Node, scope: ApplyScope): Catalog {
  if ('CreateEnumStmt' in node) {
    const values = stringsOf(node.CreateEnumStmt.vals);
    return putType(catalog, scope, node.CreateEnumStmt.typeName, (at) => ({ kind: 'enum', ...at, values }));
  }
  if ('CreateRangeStmt' in node) {
    return putType(catalog, scope, node.CreateRangeStmt.typeName, (at) => ({ kind: 'other', ...at }));
  }
  if ('DefineStmt' in node) {
    if (node.DefineStmt.kind === 'OBJECT_TYPE') {
      return putType(catalog, scope, node.DefineStmt.defnames, (at) => ({ kind: 'other', ...at }));
    }
    return node.DefineStmt.kind === 'OBJECT_AGGREGATE'
      ? createAggregate(catalog, scope, node.DefineStmt)
      : catalog;
  }
  if ('CompositeTypeStmt' in node) return createComposite(catalog, scope, node.CompositeTypeStmt);
  if ('CreateDomainStmt' in node) return createDomain(catalog, scope, node.CreateDomainStmt);
  if ('AlterDomainStmt' in node) return alterDomain(catalog, scope, node.AlterDomainStmt);
  if ('AlterEnumStmt' in node) return alterEnum(catalog, scope, node.AlterEnumStmt);
  if ('AlterFunctionStmt' in node) return alterRoutine(catalog, scope, node.AlterFunctionStmt);
  if ('CreateFunctionStmt' in node) return createRoutine(catalog, scope, node.CreateFunctionStmt);
  return catalog;
}

function createIndex(catalog: Catalog, scope: ApplyScope, statement: IndexStmt): Catalog {
  const tableKey = keyOfRangeVar(catalog, scope, statement.relation);
  const owner = catalog.relations.get(tableKey);
  let next = catalog;
  if (owner === undefined) {
    next = putRelation(catalog, assumedTable(objectKeyParts(tableKey).schema, displayNameOnly(tableKey)));
  }
  const { schema, name: table } = objectKeyParts(tableKey);
  const elements = (statement.indexParams ?? []).map(indexElement);
  const include = (statement.indexIncludingParams ?? []).flatMap((node) => indexElement(node).column ?? []);
  const name =
    statement.idxname ??
    generatedName(
      next,
      schema,
      table,
      columnsPart([...indexElementNames(elements), ...include]),
      'idx',
      () => false,
    );
  if (next.relations.has(`${schema}\u0000${name}`)) return next;
  const partitioned = owner?.kind === 'table' && owner.partitionBy !== undefined;
  const only = statement.relation?.inh !== true;
  const children = owner?.kind === 'table' ? owner.children : [];
  next = putIndex(next, {
    kind: 'index',
    schema,
    name,
    path: scope.path,
    table: tableKey,
    method: statement.accessMethod ?? 'btree',
    elements,
    include,
    unique: statement.unique === true,
    valid: !(partitioned && only && children.length > 0),
    partitioned,
    ...(statement.nulls_not_distinct ? { nullsNotDistinct: true } : {}),
    ...(hasSettings(statement) ? { hasSettings: true } : {}),
    ...(statement.whereClause ? { predicate: expressionOf(statement.whereClause) } : {}),
  });
  return partitioned && !only
    ? children.reduce((rest, child) => partIndex(rest, scope, `${schema}\u0000${name}`, child), next)
    : next;
}

function hasSettings({ options, tableSpace, indexParams }: IndexStmt): boolean {
  const ofClasses = indexParams?.some((each) => 'IndexElem' in each && each.IndexElem.opclassopts);
  return options !== undefined || tableSpace !== undefined || ofClasses === true;
}

function displayNameOnly(key: string): string {
  return objectKeyParts(key).name;
}

function createTableAs(catalog: Catalog, scope: ApplyScope, statement: CreateTableAsStmt): Catalog {
  const key = keyForNewRelation(scope, statement.into?.rel);
  if (catalog.relations.has(key) || statement.query === undefined) return catalog;
  if (statement.objtype === 'OBJECT_MATVIEW') {
    return putRelation(
      catalog,
      viewFrom(catalog, scope, key, 'materializedView', statement.query, statement.into?.colNames),
    );
  }
  return putRelation(catalog, tableFromQuery(catalog, key, scope, statement.query, statement.into?.colNames));
}

function selectInto(catalog: Catalog, scope: ApplyScope, statement: SelectStmt): Catalog {
  if (statement.intoClause === undefined) return catalog;
  const key = keyForNewRelation(scope, statement.intoClause.rel);
  if (catalog.relations.has(key)) return catalog;
  return putRelation(
    catalog,
    tableFromQuery(catalog, key, scope, { SelectStmt: statement }, statement.intoClause.colNames),
  );
}

function tableFromQuery(
  catalog: Catalog,
  key: string,
  scope: ApplyScope,
  query: Node,
  names: Node[] | undefined,
): Table {
  const { schema, name } = objectKeyParts(key);
  const columns = outputColumns(catalog, scope, query, names);
  return {
    ...assumedTable(schema, name),
    path: scope.path,
    complete: columns !== undefined,
    columns: (columns ?? []).map(
      ({ name: column, type }): Column => ({
        name: column,
        notNull: false,
        path: scope.path,
        ...(type === undefined ? {} : { type }),
      }),
    ),
  };
}

function createView(catalog: Catalog, scope: ApplyScope, statement: ViewStmt): Catalog {
  const key = keyForNewRelation(scope, statement.view);
  if (statement.query === undefined || (catalog.relations.has(key) && statement.replace !== true))
    return catalog;
  return putRelation(catalog, viewFrom(catalog, scope, key, 'view', statement.query, statement.aliases));
}

function viewFrom(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  kind: View['kind'],
  query: Node,
  names: Node[] | undefined,
): View {
  const { schema, name } = objectKeyParts(key);
  const old = catalog.relations.get(key);
  const replaced = old?.kind === kind ? old : undefined;
  return {
    kind,
    schema,
    name,
    path: scope.path,
    columns: outputColumns(catalog, scope, query, names)?.map((each) => each.name),
    ...usesOf(catalog, scope, query),
    indexes: [],
    triggers: replaced?.triggers ?? [],
    rules: replaced?.rules ?? [],
    query: expressionOf(query),
  };
}

/** OWNED BY among the options of a sequence; OWNED BY NONE sets it free. */
function ownSequence(
  catalog: Catalog,
  scope: ApplyScope,
  key: string,
  options: readonly Node[] | undefined,
): Catalog {
  const sequence = catalog.relations.get(key);
  const option = options?.find((each) => 'DefElem' in each && each.DefElem.defname === 'owned_by');
  if (sequence?.kind !== 'sequence' || option === undefined || !('DefElem' in option)) return catalog;
  const list =
    option.DefElem.arg && 'List' in option.DefElem.arg ? stringsOf(option.DefElem.arg.List.items) : [];
  const { ownedBy: _, ...free } = sequence;
  if (list.length < 2) return putRelation(catalog, free);
  const table = qualified(list.slice(0, -1));
  const tableKey = keyOfRangeVar(catalog, scope, {
    relname: table.name,
    ...(table.schema === undefined ? {} : { schemaname: table.schema }),
  });
  return putRelation(catalog, { ...free, ownedBy: { table: tableKey, column: list.at(-1) ?? '' } });
}

function createSchema(
  catalog: Catalog,
  scope: ApplyScope,
  node: Extract<Node, { CreateSchemaStmt: unknown }>,
): Catalog {
  const name = node.CreateSchemaStmt.schemaname ?? node.CreateSchemaStmt.authrole?.rolename ?? '';
  const made = catalog.schemas.has(name)
    ? catalog
    : { ...catalog, schemas: catalog.schemas.set(name, { name, path: scope.path }) };
  const inside = { ...scope, searchPath: [name, ...scope.searchPath] };
  return (node.CreateSchemaStmt.schemaElts ?? []).reduce(
    (next, element) => apply(next, element, inside),
    made,
  );
}

function putType(
  catalog: Catalog,
  scope: ApplyScope,
  names: Node[] | undefined,
  make: (at: { schema: string; name: string; path: string }) => TypeDefinition,
): Catalog {
  const { schema, name } = qualified(stringsOf(names));
  const key = keyForNew(scope, schema, name);
  if (catalog.types.has(key)) return catalog;
  const definition = make({ ...objectKeyParts(key), path: scope.path });
  return { ...catalog, types: catalog.types.set(key, definition), gone: catalog.gone.delete(key) };
}

function createComposite(catalog: Catalog, scope: ApplyScope, statement: CompositeTypeStmt): Catalog {
  const key = keyForNewRelation(scope, statement.typevar);
  if (catalog.relations.has(key)) return catalog;
  const at = { ...objectKeyParts(key), path: scope.path };
  const columns = (statement.coldeflist ?? []).flatMap((node) =>
    'ColumnDef' in node ? [columnFrom(catalog, scope, node.ColumnDef)] : [],
  );
  const next = putRelation(catalog, { kind: 'compositeType', ...at, columns });
  return { ...next, types: next.types.set(key, { kind: 'other', ...at }) };
}

function createDomain(catalog: Catalog, scope: ApplyScope, statement: CreateDomainStmt): Catalog {
  const base = typeNameOf(catalog, scope, statement.typeName);
  const constraints = (statement.constraints ?? []).flatMap((node) =>
    'Constraint' in node ? [node.Constraint] : [],
  );
  const itsDefault = constraints.find((each) => each.contype === 'CONSTR_DEFAULT')?.raw_expr;
  return putType(catalog, scope, statement.domainname, (at) => ({
    kind: 'domain',
    ...at,
    ...(base === undefined ? {} : { base }),
    notNull: constraints.some((each) => each.contype === 'CONSTR_NOTNULL'),
    ...(itsDefault === undefined ? {} : { default: expressionOf(itsDefault) }),
    checks: constraints
      .filter((each) => each.contype === 'CONSTR_CHECK')
      .map((each, i) =>
        domainCheck(scope, each.conname ?? `${at.name}_check${i === 0 ? '' : i}`, each.raw_expr, true),
      ),
  }));
}

function domainCheck(
  scope: ApplyScope,
  name: string,
  expression: Node | undefined,
  validated: boolean,
): Constraint {
  return {
    kind: 'check',
    name,
    nameIsGenerated: false,
    columns: [],
    validated,
    enforced: true,
    deferrable: false,
    deferred: false,
    inherited: false,
    noInherit: false,
    path: scope.path,
    ...(expression === undefined ? {} : { expression: expressionOf(expression) }),
  };
}

/** `subtype` is one letter (nodes/parsenodes.h, AlterDomainStmt). */
function alterDomain(catalog: Catalog, scope: ApplyScope, statement: AlterDomainStmt): Catalog {
  const { schema, name } = qualified(stringsOf(statement.typeName));
  const key = typeKey(catalog, scope, schema, name);
  const domain = catalog.types.get(key);
  if (domain?.kind !== 'domain') return catalog;
  const put = (changed: TypeDefinition): Catalog => ({ ...catalog, types: catalog.types.set(key, changed) });
  switch (statement.subtype) {
    case 'O':
      return put({ ...domain, notNull: true });
    case 'N':
      return put({ ...domain, notNull: false });
    case 'T': {
      const { default: _, ...rest } = domain;
      return put(statement.def === undefined ? rest : { ...rest, default: expressionOf(statement.def) });
    }
    case 'C': {
      const node = statement.def && 'Constraint' in statement.def ? statement.def.Constraint : undefined;
      if (node?.contype === 'CONSTR_NOTNULL') return put({ ...domain, notNull: true });
      const check = domainCheck(
        scope,
        node?.conname ?? `${name}_check`,
        node?.raw_expr,
        node?.skip_validation !== true,
      );
      return put({ ...domain, checks: [...domain.checks, check] });
    }
    case 'X':
      return put({ ...domain, checks: domain.checks.filter((each) => each.name !== statement.name) });
    case 'V':
      return put({
        ...domain,
        checks: domain.checks.map((each) =>
          each.name === statement.name ? { ...each, validated: true } : each,
        ),
      });
    default:
      return catalog;
  }
}

function alterEnum(catalog: Catalog, scope: ApplyScope, statement: AlterEnumStmt): Catalog {
  const { schema, name } = qualified(stringsOf(statement.typeName));
  const key = typeKey(catalog, scope, schema, name);
  const type = catalog.types.get(key);
  const value = statement.newVal;
  if (type?.kind !== 'enum' || value === undefined || type.values.includes(value)) return catalog;
  const values = [...type.values];
  const neighbour = values.indexOf(statement.newValNeighbor ?? statement.oldVal ?? '');
  if (statement.oldVal !== undefined && neighbour >= 0) values[neighbour] = value;
  else if (neighbour < 0) values.push(value);
  else values.splice(statement.newValIsAfter ? neighbour + 1 : neighbour, 0, value);
  return { ...catalog, types: catalog.types.set(key, { ...type, values }) };
}
