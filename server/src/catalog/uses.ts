import type { Node } from '@pgsql/types';
import { type Catalog, tableOf, type Uses } from './catalog.ts';
import { keyOfRangeVar, lookUp, type NameScope, objectKeyParts, qualified, stringsOf } from './resolve.ts';

/**
 * The relations that a query or expression reads or writes, the columns it names of them, and its types. `own` is the key of the table
 * that an expression belongs to: its columns need no FROM.
 */
export function usesOf(catalog: Catalog, scope: NameScope, query: unknown, own?: string): Uses {
  const collector = new UsesCollector(catalog, scope);
  const sources = new Map(own === undefined ? [] : [[objectKeyParts(own).name, own]]);
  collector.visit(query, { sources, withQueries: new Set(), outer: undefined });
  const { relations, columns, types } = collector;
  return {
    dependsOn: [...relations].filter((each) => each !== own),
    usesColumns: [...columns],
    usesTypes: [...types],
  };
}

/** What names mean at one level of a query. */
interface Level {
  /** Key of the relation under each alias in FROM; undefined of a subquery, a WITH query and a function. */
  readonly sources: Map<string, string | undefined>;
  /** The names of WITH queries, those of the levels around it too. */
  readonly withQueries: ReadonlySet<string>;
  readonly outer: Level | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** Looks names up as the parser does: from the innermost FROM outwards (colNameToVar, parser/parse_relation.c). */
class UsesCollector {
  readonly relations = new Set<string>();
  readonly columns = new Set<string>();
  readonly types = new Set<string>();
  private readonly catalog: Catalog;
  private readonly scope: NameScope;

  constructor(catalog: Catalog, scope: NameScope) {
    this.catalog = catalog;
    this.scope = scope;
  }

  visit(value: unknown, level: Level): void {
    if (Array.isArray(value)) for (const each of value) this.visit(each, level);
    else if (typeof value === 'object' && value !== null) {
      for (const [kind, body] of Object.entries(value)) this.node(kind, body, level);
    }
  }

  private node(kind: string, body: unknown, level: Level): void {
    if (typeof body !== 'object' || body === null) return;
    const fields = body as Body;
    if (kind === 'SelectStmt' || kind === 'larg' || kind === 'rarg') this.query(fields, level);
    else if (WRITES.has(kind)) this.write(fields, level);
    else if (kind === 'ColumnRef') this.column(list(fields.fields), level);
    else if (kind === 'typeName') this.type(list(fields.names));
    else this.visit(body, level);
  }

  /** Of a cast. A relation has a row type of its name. */
  private type(names: readonly Node[]): void {
    const { schema, name } = qualified(stringsOf(names));
    const { types, relations } = this.catalog;
    const key = lookUp(types, this.scope, schema, name) ?? lookUp(relations, this.scope, schema, name);
    if (key !== undefined) this.types.add(key);
  }

  private query({ withClause, fromClause, ...clauses }: Body, outer: Level): void {
    const level = this.inner(withClause, outer);
    for (const each of list(fromClause)) this.source(each, level);
    this.visit(clauses, level);
  }

  /** INSERT, UPDATE, DELETE and MERGE: their target stands in FROM as well, but is a bare RangeVar. */
  private write(body: Body, outer: Level): void {
    const { withClause, relation, fromClause, usingClause, sourceRelation, selectStmt, ...clauses } = body;
    const level = this.inner(withClause, outer);
    this.visit(selectStmt, level);
    if (typeof relation === 'object' && relation !== null) {
      const key = this.relation(relation as Body, level);
      const assigned = [...list(body.cols), ...list(body.targetList)];
      for (const each of assigned) {
        if (key !== undefined && 'ResTarget' in each) this.columns.add(`${key}.${each.ResTarget.name ?? ''}`);
      }
    }
    for (const each of [...list(fromClause), ...list(usingClause)]) this.source(each, level);
    if (sourceRelation !== undefined) this.source(sourceRelation as Node, level);
    this.visit(clauses, level);
  }

  private inner(withClause: unknown, outer: Level): Level {
    const ctes = list((withClause as { ctes?: unknown } | undefined)?.ctes);
    const names = ctes.flatMap((each) =>
      'CommonTableExpr' in each ? (each.CommonTableExpr.ctename ?? []) : [],
    );
    const withQueries = new Set([...outer.withQueries, ...names]);
    this.visit(ctes, { ...outer, withQueries });
    return { sources: new Map(), withQueries, outer };
  }

  /** An item of FROM. What stands in it sees the items before it, as LATERAL does. */
  private source(node: Node, level: Level): void {
    if ('RangeVar' in node) {
      this.relation(node.RangeVar as Body, level);
    } else if ('JoinExpr' in node) {
      const { larg, rarg, quals, usingClause } = node.JoinExpr;
      for (const side of [larg, rarg]) if (side !== undefined) this.source(side, level);
      for (const each of usingClause ?? []) this.column([each], level);
      this.visit(quals, level);
    } else {
      this.visit(node, level);
      const [body] = Object.values(node) as { alias?: { aliasname?: string } }[];
      level.sources.set(body?.alias?.aliasname ?? '', undefined);
    }
  }

  private relation(rangeVar: Body, level: Level): string | undefined {
    const name = String(rangeVar.relname);
    const alias = (rangeVar.alias as { aliasname?: string } | undefined)?.aliasname ?? name;
    const isWithQuery = rangeVar.schemaname === undefined && level.withQueries.has(name);
    const key = isWithQuery ? undefined : keyOfRangeVar(this.catalog, this.scope, rangeVar);
    level.sources.set(alias, key);
    if (key !== undefined) this.relations.add(key);
    return key;
  }

  private column(fields: readonly Node[], level: Level): void {
    const names = stringsOf(fields);
    const last = fields.at(-1);
    const star = last !== undefined && 'A_Star' in last;
    const name = star ? undefined : names.at(-1);
    const qualifier = star ? names.at(-1) : names.at(-2);
    for (const key of this.meant(name, qualifier, level)) {
      const named = name === undefined ? (this.columnsOf(key)?.names ?? []) : [name];
      for (const each of named) this.columns.add(`${key}.${each}`);
    }
  }

  /** The relations that a reference may be to: no more than one, but where the history does not show all columns. */
  private meant(
    name: string | undefined,
    qualifier: string | undefined,
    level: Level | undefined,
  ): readonly string[] {
    if (level === undefined) return [];
    const { sources, outer } = level;
    if (qualifier !== undefined) {
      if (!sources.has(qualifier)) return this.meant(name, qualifier, outer);
      const key = sources.get(qualifier);
      return key === undefined ? [] : [key];
    }
    const keys = [...sources.values()].flatMap((key) => key ?? []);
    if (name === undefined) return keys;
    const having = keys.filter((key) => this.columnsOf(key)?.names.includes(name));
    if (having.length > 0) return having;
    if (sources.size === 1 && keys.length === 1 && this.columnsOf(keys[0])?.all !== true) return keys;
    const hidden = keys.length < sources.size || keys.some((key) => this.columnsOf(key)?.all !== true);
    return hidden ? [] : this.meant(name, undefined, outer);
  }

  /** The columns of a relation that the history shows, and whether these are all. */
  private columnsOf(
    key: string | undefined,
  ): { readonly names: readonly string[]; readonly all: boolean } | undefined {
    const relation = key === undefined ? undefined : this.catalog.relations.get(key);
    if (relation?.kind === 'view' || relation?.kind === 'materializedView') {
      return relation.columns && { names: relation.columns, all: true };
    }
    const table = key === undefined ? undefined : tableOf(this.catalog, key);
    return table && { names: table.columns.map((each) => each.name), all: table.complete };
  }
}

const WRITES: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

function list(nodes: unknown): readonly Node[] {
  return (nodes ?? []) as readonly Node[];
}
