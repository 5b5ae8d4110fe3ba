import type { Node, SelectStmt } from '@pgsql/types';
import { type Catalog, type TypeName, tableOf } from './catalog.ts';
import { outputName } from './impliedName.ts';
import { keyOfRangeVar, type NameScope, stringsOf, typeNameOf } from './resolve.ts';

/** A column of a query's result; its type where it is a column of a known table, or a cast. */
export interface OutputColumn {
  readonly name: string;
  readonly type?: TypeName;
}

/**
 * The columns that a query gives, `names` in the place of their own. Undefined where the catalog does not show what a
 * star stands for.
 */
export function outputColumns(
  catalog: Catalog,
  scope: NameScope,
  query: Node,
  names?: readonly Node[],
): readonly OutputColumn[] | undefined {
  if (!('SelectStmt' in query)) return undefined;
  const columns = columnsOfSelect(catalog, scope, firstArm(query.SelectStmt), new Map());
  const given = stringsOf(names);
  return columns?.map((column, i) => ({ ...column, name: given[i] ?? column.name }));
}

/** The columns of WITH queries and of aliases in FROM, by name; undefined for what is not known. */
type Sources = ReadonlyMap<string, readonly OutputColumn[] | undefined>;

function columnsOfSelect(
  catalog: Catalog,
  scope: NameScope,
  select: SelectStmt,
  outer: Sources,
): readonly OutputColumn[] | undefined {
  const local = new Map(outer);
  for (const node of select.withClause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const { ctename = '', ctequery, aliascolnames } = node.CommonTableExpr;
    local.set(ctename, ctequery && outputColumns(catalog, scope, ctequery, aliascolnames));
  }
  if (select.valuesLists?.[0] !== undefined) return columnsOfValues(select.valuesLists[0]);
  const from = new Map<string, readonly OutputColumn[] | undefined>();
  for (const node of select.fromClause ?? []) addSource(catalog, scope, node, local, from);
  const out: OutputColumn[] = [];
  for (const node of select.targetList ?? []) {
    const target = 'ResTarget' in node ? node.ResTarget : undefined;
    const columns = target?.val && columnsOfTarget(catalog, scope, target.val, from);
    if (columns === undefined) return undefined;
    for (const column of columns) out.push({ ...column, name: target?.name ?? column.name });
  }
  return out.length === 0 ? undefined : out;
}

function firstArm(select: SelectStmt): SelectStmt {
  return select.larg === undefined ? select : firstArm(select.larg);
}

/** VALUES names its columns column1, column2 … */
function columnsOfValues(list: Node): readonly OutputColumn[] | undefined {
  const values = 'List' in list ? list.List.items : undefined;
  return values?.map((_, i) => ({ name: `column${i + 1}` }));
}

function addSource(
  catalog: Catalog,
  scope: NameScope,
  node: Node,
  local: Sources,
  from: Map<string, readonly OutputColumn[] | undefined>,
): void {
  if ('RangeVar' in node) {
    const { schemaname, relname = '', alias } = node.RangeVar;
    const known =
      schemaname === undefined && local.has(relname)
        ? local.get(relname)
        : columnsOfRelation(catalog, scope, keyOfRangeVar(catalog, scope, node.RangeVar));
    from.set(alias?.aliasname ?? relname, renamed(known, alias?.colnames));
  } else if ('RangeSubselect' in node && node.RangeSubselect.subquery) {
    const { alias, subquery } = node.RangeSubselect;
    from.set(alias?.aliasname ?? '', outputColumns(catalog, scope, subquery, alias?.colnames));
  } else if ('JoinExpr' in node) {
    // USING and NATURAL show a column once, before the others.
    if (node.JoinExpr.usingClause !== undefined || node.JoinExpr.isNatural) from.set('', undefined);
    for (const side of [node.JoinExpr.larg, node.JoinExpr.rarg]) {
      if (side !== undefined) addSource(catalog, scope, side, local, from);
    }
  } else from.set('', undefined);
}

function renamed(
  columns: readonly OutputColumn[] | undefined,
  names: readonly Node[] | undefined,
): readonly OutputColumn[] | undefined {
  const given = stringsOf(names);
  return columns?.map((column, i) => ({ ...column, name: given[i] ?? column.name }));
}

/** The columns of a table or view; undefined where the catalog does not show them all. */
export function columnsOfRelation(
  catalog: Catalog,
  scope: NameScope,
  key: string,
): readonly OutputColumn[] | undefined {
  const relation = catalog.relations.get(key);
  if (relation?.kind === 'view' || relation?.kind === 'materializedView') {
    const names = relation.columns;
    const own = outputColumns(catalog, scope, relation.query.node);
    return (
      own?.map((column, i) => ({ ...column, name: names?.[i] ?? column.name })) ??
      names?.map((name) => ({ name }))
    );
  }
  if (relation?.kind === 'compositeType') return relation.columns;
  const table = tableOf(catalog, key);
  return table?.complete === true ? table.columns : undefined;
}

function columnsOfTarget(
  catalog: Catalog,
  scope: NameScope,
  value: Node,
  from: Sources,
): readonly OutputColumn[] | undefined {
  if ('ColumnRef' in value) {
    const fields = value.ColumnRef.fields ?? [];
    const names = stringsOf(fields);
    const last = fields.at(-1);
    if (last !== undefined && 'A_Star' in last) return columnsOfStar(names.at(-1), from);
    const name = names.at(-1) ?? '';
    const type = typeOfColumn(name, names.at(-2), from);
    return [type === undefined ? { name } : { name, type }];
  }
  const name = outputName(value);
  const type = 'TypeCast' in value ? typeNameOf(catalog, scope, value.TypeCast.typeName) : undefined;
  return [type === undefined ? { name } : { name, type }];
}

function columnsOfStar(qualifier: string | undefined, from: Sources): readonly OutputColumn[] | undefined {
  if (qualifier !== undefined) return from.get(qualifier);
  const all: OutputColumn[] = [];
  for (const columns of from.values()) {
    if (columns === undefined) return undefined;
    all.push(...columns);
  }
  return all.map(({ name, type }) => (type === undefined ? { name } : { name, type }));
}

function typeOfColumn(name: string, qualifier: string | undefined, from: Sources): TypeName | undefined {
  const sources = qualifier === undefined ? [...from.values()] : [from.get(qualifier)];
  for (const columns of sources) {
    const found = columns?.find((each) => each.name === name);
    if (found !== undefined) return found.type;
  }
  return undefined;
}
