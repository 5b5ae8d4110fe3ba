import type { CopyStmt, ExplainStmt, Node, PrepareStmt, RangeVar, SelectStmt } from '@pgsql/types';
import { type Catalog, type Table, tableOf, tableTree, type View } from '../catalog/catalog.ts';
import { keyOfRangeVar, qualified, routineKey, stringsOf } from '../catalog/resolve.ts';
import type { EffectBuilder, EffectContext } from './effect.ts';
import type { LockMode } from './lockMode.ts';
import { rowPredicate } from './partitionBound.ts';
import type { Predicate } from './predicate.ts';
import { conditionOn, EVERYTHING, type Filter, partitionsLeft } from './pruning.ts';
import { fireForeignKeys, type Writing } from './referentialActions.ts';
import { partitionedAbove } from './relations.ts';
import { statementsOfRoutine } from './routineBody.ts';

/**
 * How far Postgres goes with a query. Parse analysis opens the relations that it names (CREATE VIEW stops there), the
 * rewriter those under its views (PREPARE, a SQL function's body), and the planner all that it will read.
 */
export type Depth = 'analyze' | 'rewrite' | 'run';

/** What a query or a data-modifying statement locks: reads, writes, and what its foreign keys look up. */
export function lockQuery(
  node: Node | undefined,
  to: EffectBuilder,
  context: EffectContext,
  depth: Depth,
): void {
  if (node !== undefined) new QueryLocks(to, context, depth, new Set()).node(node, new Set());
}

/** Locks what an expression with subqueries reads, as the statement that stores it analyses it. */
export function lockExpressions(
  nodes: readonly (Node | undefined)[],
  to: EffectBuilder,
  context: EffectContext,
): void {
  for (const node of nodes) lockQuery(node, to, context, 'analyze');
}

/** Names of WITH queries: they hide tables of the same name. */
type Local = ReadonlySet<string>;

class QueryLocks {
  private readonly to: EffectBuilder;
  private readonly context: EffectContext;
  private readonly depth: Depth;
  /** The routines that run because of it: each is followed once. */
  private readonly running: Set<string>;

  constructor(to: EffectBuilder, context: EffectContext, depth: Depth, running: Set<string>) {
    this.to = to;
    this.context = context;
    this.depth = depth;
    this.running = running;
  }

  node(node: Node, local: Local): void {
    if ('RangeVar' in node) this.read(node.RangeVar, local);
    else if ('SelectStmt' in node) this.select(node.SelectStmt, local);
    else if ('InsertStmt' in node) this.insert(node.InsertStmt, local);
    else if ('UpdateStmt' in node) {
      const { relation, targetList, whereClause, fromClause } = node.UpdateStmt;
      const writing: Writing = {
        event: 'update',
        columns: assigned(targetList),
        rows: [assignments(targetList)],
      };
      this.statement(node.UpdateStmt, local, relation, [writing], {
        where: whereClause,
        alone: fromClause === undefined,
      });
    } else if ('DeleteStmt' in node) {
      const { relation, whereClause, usingClause } = node.DeleteStmt;
      const filter = { where: whereClause, alone: usingClause === undefined };
      this.statement(node.DeleteStmt, local, relation, [{ event: 'delete' }], filter);
    } else if ('MergeStmt' in node) {
      const writings = (node.MergeStmt.mergeWhenClauses ?? []).flatMap((each) =>
        'MergeWhenClause' in each ? mergeWriting(each.MergeWhenClause) : [],
      );
      this.statement(node.MergeStmt, local, node.MergeStmt.relation, writings, EVERYTHING);
    } else if ('FuncCall' in node) {
      this.children(node.FuncCall, local);
      const { schema, name } = qualified(stringsOf(node.FuncCall.funcname));
      this.routine(routineKey(this.context.catalog, this.context.scope, schema, name));
    } else this.children(node, local);
  }

  /** What a function or trigger does in turn, as far as the history shows its body. */
  private routine(key: string | undefined): void {
    const routine = key === undefined ? undefined : this.context.catalog.routines.get(key);
    if (this.depth !== 'run' || key === undefined || routine === undefined || this.running.has(key)) return;
    this.running.add(key);
    for (const { node } of statementsOfRoutine(routine)) this.node(node, new Set());
  }

  private children(value: unknown, local: Local): void {
    if (Array.isArray(value)) for (const each of value) this.children(each, local);
    else if (typeof value === 'object' && value !== null) {
      for (const [kind, body] of Object.entries(value)) {
        if (typeof body !== 'object' || body === null) continue;
        if (QUERIES.has(kind)) this.node({ [kind]: body } as unknown as Node, local);
        else this.children(body, local);
      }
    }
  }

  private select(select: SelectStmt, outer: Local): void {
    const local = withNames(select.withClause, outer);
    const { larg, rarg, lockingClause, fromClause, ...rest } = select;
    this.children(rest, local);
    const filter = filterOf(select);
    for (const each of fromClause ?? []) this.from(each, local, filter);
    if (larg !== undefined) this.select(larg, local);
    if (rarg !== undefined) this.select(rarg, local);
    for (const clause of lockingClause ?? []) {
      if ('LockingClause' in clause) this.lockRows(select, clause.LockingClause.lockedRels, local);
    }
  }

  private from(node: Node, local: Local, filter: Filter): void {
    if ('RangeVar' in node) this.read(node.RangeVar, local, 'ACCESS SHARE', filter);
    else if ('JoinExpr' in node) {
      const { larg, rarg, quals } = node.JoinExpr;
      for (const side of [larg, rarg]) if (side !== undefined) this.from(side, local, filter);
      this.children(quals, local);
    } else this.children(node, local);
  }

  /** FOR UPDATE and its like lock rows of the tables named after OF, or of all in FROM (ROW SHARE on the table). */
  private lockRows(select: SelectStmt, named: Node[] | undefined, local: Local): void {
    const only = new Set(
      (named ?? []).flatMap((each) => ('RangeVar' in each ? (each.RangeVar.relname ?? []) : [])),
    );
    const filter = filterOf(select);
    const visit = (node: Node): void => {
      if ('RangeVar' in node) {
        const alias = node.RangeVar.alias?.aliasname ?? node.RangeVar.relname ?? '';
        if (only.size === 0 || only.has(alias)) this.read(node.RangeVar, local, 'ROW SHARE', filter);
      } else if ('JoinExpr' in node) {
        for (const side of [node.JoinExpr.larg, node.JoinExpr.rarg]) if (side !== undefined) visit(side);
      } else if (
        'RangeSubselect' in node &&
        node.RangeSubselect.subquery &&
        'SelectStmt' in node.RangeSubselect.subquery
      ) {
        const alias = node.RangeSubselect.alias?.aliasname ?? '';
        if (only.size === 0 || only.has(alias))
          this.lockRows(node.RangeSubselect.subquery.SelectStmt, undefined, local);
      }
    };
    for (const each of select.fromClause ?? []) visit(each);
  }

  private read(
    relation: RangeVar,
    local: Local,
    mode: LockMode = 'ACCESS SHARE',
    filter: Filter = EVERYTHING,
  ): void {
    if (relation.schemaname === undefined && local.has(relation.relname ?? '')) return;
    const key = keyOfRangeVar(this.context.catalog, this.context.scope, relation);
    const { catalog } = this.context;
    this.to.lock(key, mode);
    const found = catalog.relations.get(key);
    if (found?.kind === 'view') {
      if (this.depth !== 'analyze') this.throughView(found, mode);
    } else if (this.depth === 'run') {
      const condition = this.condition(key, relation, filter);
      if (relation.inh === true) this.to.lockAll(partitionsLeft(catalog, key, condition), mode);
      // The planner works out the bound of a partition that is partitioned itself (set_relation_partition_info).
      if (tableOf(catalog, key)?.partitionBy) this.to.lockAll(partitionedAbove(catalog, key), 'ACCESS SHARE');
    }
  }

  private condition(key: string, relation: RangeVar | undefined, filter: Filter): Predicate | undefined {
    const table = tableOf(this.context.catalog, key);
    const alias = relation?.alias?.aliasname ?? relation?.relname ?? '';
    return table === undefined ? undefined : conditionOn(table, alias, filter);
  }

  /** A view's own relations are read as its query says; FOR UPDATE goes on to them. */
  private throughView(view: View, mode: LockMode): void {
    this.node(view.query.node, new Set());
    if (mode === 'ROW SHARE' && 'SelectStmt' in view.query.node) {
      this.lockRows(view.query.node.SelectStmt, undefined, new Set());
    }
  }

  private insert(insert: Extract<Node, { InsertStmt: unknown }>['InsertStmt'], outer: Local): void {
    const { catalog, scope } = this.context;
    const columns = insert.cols === undefined ? undefined : assigned(insert.cols);
    const table = tableOf(catalog, keyOfRangeVar(catalog, scope, insert.relation));
    const rows = insertedRows(insert, columns ?? table?.columns.map((each) => each.name) ?? []);
    const writings: Writing[] = [
      {
        event: 'insert',
        ...(columns === undefined ? {} : { columns }),
        ...(rows === undefined ? {} : { rows }),
      },
    ];
    const conflict = insert.onConflictClause;
    if (conflict?.action === 'ONCONFLICT_UPDATE') {
      writings.push({ event: 'update', columns: assigned(conflict.targetList) });
    }
    this.statement(insert, outer, insert.relation, writings, EVERYTHING);
  }

  /** A statement that writes: its target, then what it reads. */
  private statement(
    body: { readonly withClause?: unknown },
    outer: Local,
    relation: RangeVar | undefined,
    writings: readonly Writing[],
    filter: Filter,
  ): void {
    const { relation: _, ...rest } = body as Record<string, unknown>;
    const local = withNames(body.withClause, outer);
    this.children(rest, local);
    if (relation === undefined) return;
    const key = keyOfRangeVar(this.context.catalog, this.context.scope, relation);
    this.write(key, relation.inh === true, writings, this.condition(key, relation, filter));
  }

  private write(
    key: string,
    below: boolean,
    writings: readonly Writing[],
    condition: Predicate | undefined,
  ): void {
    const { catalog } = this.context;
    this.to.lock(key, 'ROW EXCLUSIVE');
    const target = catalog.relations.get(key);
    if (this.depth === 'analyze') return;
    if (target?.kind === 'view') this.writeThroughView(target, writings);
    this.runRules(key, writings);
    if (this.depth !== 'run') return;
    const table = tableOf(catalog, key);
    const inserts = writings.every((each) => each.event === 'insert');
    const reached =
      below && (!inserts || table?.partitionBy !== undefined)
        ? partitionsLeft(catalog, key, inserts ? rowsPredicate(table, writings) : condition)
        : [key];
    this.to.lockAll(reached, 'ROW EXCLUSIVE');
    // New rows are held against the partition's own bound; until 13 that was worked out for deleted ones as well.
    const bound = this.context.postgresVersion < 14 || writings.some((each) => each.event !== 'delete');
    if (bound || table?.partitionBy) this.to.lockAll(partitionedAbove(catalog, key), 'ACCESS SHARE');
    for (const each of writings) {
      fireForeignKeys(this.to, this.context, reached, each);
      this.fireTriggers(reached, each);
    }
  }

  private fireTriggers(tables: readonly string[], { event }: Writing): void {
    for (const key of tables) {
      for (const trigger of tableOf(this.context.catalog, key)?.triggers ?? []) {
        if (trigger.enabled && trigger.events.includes(event)) this.routine(trigger.routine);
      }
    }
  }

  /** An updatable view hands the change on to its one table (rewriteTargetView), unless a trigger or rule does it. */
  private writeThroughView(view: View, writings: readonly Writing[]): void {
    if (view.triggers.some((each) => each.timing === 'insteadOf')) {
      this.throughView(view, 'ACCESS SHARE');
      return;
    }
    if (view.rules.some((rule) => rule.instead && writings.some((each) => each.event === rule.event))) return;
    const [base] = view.dependsOn;
    if (base !== undefined) this.write(base, true, writings, undefined);
    this.throughView(view, 'ACCESS SHARE');
  }

  private runRules(key: string, writings: readonly Writing[]): void {
    const target = this.context.catalog.relations.get(key);
    if (target === undefined || !('rules' in target)) return;
    for (const rule of target.rules) {
      if (!rule.enabled || !writings.some((each) => each.event === rule.event)) continue;
      for (const action of rule.actions) this.node(action.node, new Set(['old', 'new']));
    }
  }
}

const QUERIES: ReadonlySet<string> = new Set([
  'RangeVar',
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'FuncCall',
]);

function withNames(clause: unknown, outer: Local): Local {
  const ctes = (clause as { ctes?: readonly Node[] } | undefined)?.ctes;
  if (ctes === undefined) return outer;
  const own = ctes.flatMap((each) => ('CommonTableExpr' in each ? (each.CommonTableExpr.ctename ?? []) : []));
  return new Set([...outer, ...own]);
}

function assigned(targets: readonly Node[] | undefined): readonly string[] {
  return (targets ?? []).flatMap((each) => ('ResTarget' in each ? (each.ResTarget.name ?? []) : []));
}

/** What SET gives to a row. */
function assignments(targets: readonly Node[] | undefined): ReadonlyMap<string, Node> {
  return new Map(
    (targets ?? []).flatMap((each) =>
      'ResTarget' in each && each.ResTarget.name !== undefined && each.ResTarget.val !== undefined
        ? [[each.ResTarget.name, each.ResTarget.val] as const]
        : [],
    ),
  );
}

function filterOf({ fromClause, whereClause }: SelectStmt): Filter {
  return { where: whereClause, alone: fromClause?.length === 1 && 'RangeVar' in (fromClause[0] ?? {}) };
}

function mergeWriting(
  clause: Extract<Node, { MergeWhenClause: unknown }>['MergeWhenClause'],
): readonly Writing[] {
  switch (clause.commandType) {
    case 'CMD_INSERT':
      return [
        {
          event: 'insert',
          ...(clause.targetList === undefined ? {} : { columns: assigned(clause.targetList) }),
        },
      ];
    case 'CMD_UPDATE':
      return [{ event: 'update', columns: assigned(clause.targetList) }];
    case 'CMD_DELETE':
      return [{ event: 'delete' }];
    default:
      return [];
  }
}

/** The rows of INSERT … VALUES, column by column; undefined when they come from a query. */
function insertedRows(
  insert: Extract<Node, { InsertStmt: unknown }>['InsertStmt'],
  columns: readonly string[],
): Writing['rows'] {
  const select =
    insert.selectStmt && 'SelectStmt' in insert.selectStmt ? insert.selectStmt.SelectStmt : undefined;
  return select?.valuesLists?.map((list) => {
    const values = 'List' in list ? (list.List.items ?? []) : [];
    return new Map(
      values.flatMap((value, i) => (columns[i] === undefined ? [] : [[columns[i], value] as const])),
    );
  });
}

/** What is known of all the rows that are inserted. */
function rowsPredicate(table: Table | undefined, writings: readonly Writing[]): Predicate | undefined {
  const rows = writings.flatMap((each) => each.rows ?? []);
  if (table === undefined || rows.length === 0) return undefined;
  return { kind: 'or', parts: rows.map((row) => rowPredicate(table, row)) };
}

/** The tables that COPY, LOCK and TRUNCATE name: with those below, unless ONLY. */
export function namedTables(
  catalog: Catalog,
  context: EffectContext,
  nodes: readonly Node[] | undefined,
): readonly string[] {
  return (nodes ?? []).flatMap((node) => {
    if (!('RangeVar' in node)) return [];
    const key = keyOfRangeVar(catalog, context.scope, node.RangeVar);
    return node.RangeVar.inh === true ? tableTree(catalog, key) : [key];
  });
}

/** A query or change as a statement of its own. */
export function runQuery(kind: string): (body: unknown, to: EffectBuilder, context: EffectContext) => void {
  return (body, to, context) => {
    lockQuery({ [kind]: body } as unknown as Node, to, context, 'run');
  };
}

/** EXPLAIN plans the statement, ANALYZE runs it too; both lock alike, but for what foreign keys look up. */
export function explain(statement: ExplainStmt, to: EffectBuilder, context: EffectContext): void {
  lockQuery(statement.query, to, context, 'run');
}

/** PREPARE stops before planning (CreateCachedPlan, utils/cache/plancache.c). */
export function prepare(statement: PrepareStmt, to: EffectBuilder, context: EffectContext): void {
  lockQuery(statement.query, to, context, 'rewrite');
}

/** COPY of a table is of that table alone; COPY FROM inserts. */
export function copy(statement: CopyStmt, to: EffectBuilder, context: EffectContext): void {
  lockQuery(statement.query, to, context, 'run');
  if (statement.relation === undefined) return;
  const key = keyOfRangeVar(context.catalog, context.scope, statement.relation);
  to.lock(key, statement.is_from ? 'ROW EXCLUSIVE' : 'ACCESS SHARE');
  if (!statement.is_from) return;
  to.lockAll(partitionsLeft(context.catalog, key, undefined), 'ROW EXCLUSIVE');
  to.lockAll(partitionedAbove(context.catalog, key), 'ACCESS SHARE');
  fireForeignKeys(to, context, [key], { event: 'insert' });
}
