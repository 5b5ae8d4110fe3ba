import type { DeleteStmt, Node, UpdateStmt } from '@pgsql/types';
import { type Catalog, tableOf } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { keyOfRangeVar, stringsOf } from '../catalog/resolve.ts';
import { perStep } from '../replay/perStep.ts';
import { inTransactionBlock, isNew, type Step } from '../replay/step.ts';
import type { RowWrite } from '../rewrites/writeInBatches.ts';
import { isPlaceholder } from '../sql/placeholders.ts';
import { isMissing } from './alteredTable.ts';

/** The UPDATEs and DELETEs of a step, those in WITH too; tables that the script made, and temporary ones, left out. */
export const rowWrites = perStep((step: Step): readonly RowWrite[] => {
  if (!DATA_STATEMENTS.some((kind) => kind in step.node)) return [];
  const found: RowWrite[] = [];
  walk(step.node, (kind, body) => {
    if (kind !== 'UpdateStmt' && kind !== 'DeleteStmt') return;
    const statement = body as UpdateStmt | DeleteStmt;
    const table = keyOfRangeVar(step.before, step.session, statement.relation);
    if (isNew(step, table) || isMissing(step, table)) return;
    if (tableOf(step.before, table)?.persistence === 'temporary') return;
    const verb = kind === 'UpdateStmt' ? 'UPDATE' : 'DELETE';
    found.push({ verb, table, statement, sets: verb === 'UPDATE' ? targets(statement as UpdateStmt) : [] });
  });
  return found;
});

const DATA_STATEMENTS = ['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'SelectStmt', 'MergeStmt'] as const;

function targets(statement: UpdateStmt): readonly string[] {
  return (statement.targetList ?? []).flatMap((node) =>
    'ResTarget' in node ? (node.ResTarget.name ?? []) : [],
  );
}

/**
 * Whether the statement can touch a few rows only: its WHERE fixes a unique key to values that it holds itself, or
 * takes them from a query with a LIMIT. A value that a program puts in is one, unless that does so for who knows how many
 * rows, one after the other. Inside a DO block a range of the key counts too: that is how batches are cut.
 * A block in a transaction cannot commit its batches, so there they are one write after all.
 */
export function isBounded(step: Step, write: RowWrite): boolean {
  const { statement, table } = write;
  return (
    statement.whereClause !== undefined && new Bound(step, table, statement).holds(statement.whereClause)
  );
}

class Bound {
  private readonly catalog: Catalog;
  private readonly table: string;
  private readonly nested: boolean;
  /** Whether it runs for one value after the other. */
  private readonly repeated: boolean;
  /** Whether one batch after the other can be committed. */
  private readonly inBatches: boolean;
  /** How the statement may call its table. */
  private readonly target: ReadonlySet<string>;
  /** WITH queries of a few rows, and what they are. */
  private readonly queries: ReadonlyMap<string, Small>;
  /** The same of its FROM items, by the names that they have in the statement. */
  private readonly sources: ReadonlyMap<string, Small>;

  constructor(step: Step, table: string, statement: UpdateStmt | DeleteStmt) {
    this.catalog = step.before;
    this.table = table;
    this.nested = step.nested;
    this.repeated = step.repeated;
    this.inBatches = !step.nested || !inTransactionBlock(step);
    this.target = new Set([statement.relation?.alias?.aliasname ?? statement.relation?.relname ?? '']);
    this.queries = smallQueries(step.node);
    this.sources = smallSources(statement, this.queries);
  }

  holds(where: Node): boolean {
    if ('CurrentOfExpr' in where) return true;
    if ('BoolExpr' in where && where.BoolExpr.boolop === 'OR_EXPR') {
      return (where.BoolExpr.args ?? []).every((arm) => this.holds(arm));
    }
    const conditions = conjuncts(where).flatMap(byColumn);
    if (this.inBatches && conditions.some((each) => this.isLimited(each))) return true;
    const fixed = new Set(conditions.flatMap((each) => this.fixedBy(each)));
    for (const column of this.nested && this.inBatches ? this.ranges(conditions) : []) fixed.add(column);
    // A range of places on disk.
    if (fixed.has('ctid')) return true;
    return this.uniqueKeys().some((key) => key.length > 0 && key.every((column) => fixed.has(column)));
  }

  /** Whatever column is IN (SELECT … LIMIT n), or equal to one of a FROM item with a LIMIT. */
  private isLimited(condition: Node): boolean {
    const small = (query: Node | undefined): boolean => smallness(query, this.queries) === 'limit';
    if ('SubLink' in condition) {
      return condition.SubLink.subLinkType === 'ANY_SUBLINK' && small(condition.SubLink.subselect);
    }
    if (!('A_Expr' in condition) || operator(condition) !== '=') return false;
    const { kind, lexpr, rexpr } = condition.A_Expr;
    if (kind === 'AEXPR_OP_ANY') {
      return rexpr !== undefined && 'SubLink' in rexpr && small(rexpr.SubLink.subselect);
    }
    const limited = (side: Node | undefined): boolean =>
      this.sources.get(qualifierOf(side) ?? '') === 'limit';
    return (
      (this.column(lexpr) !== undefined && limited(rexpr)) ||
      (this.column(rexpr) !== undefined && limited(lexpr))
    );
  }

  /** The columns of the table that the condition fixes to a few values. */
  private fixedBy(condition: Node): readonly string[] {
    if (!('A_Expr' in condition) || operator(condition) !== '=') return [];
    const { kind = 'AEXPR_OP', lexpr, rexpr } = condition.A_Expr;
    if (!EQUALITIES.has(kind)) return [];
    const left = this.column(lexpr);
    if (left !== undefined && this.isGiven(rexpr)) return [left];
    const right = this.column(rexpr);
    return kind === 'AEXPR_OP' && right !== undefined && this.isGiven(lexpr) ? [right] : [];
  }

  /** The columns that are bounded from both sides. */
  private ranges(conditions: readonly Node[]): readonly string[] {
    const above = new Set<string>();
    const below = new Set<string>();
    for (const condition of conditions) {
      if (!('A_Expr' in condition)) continue;
      const between = condition.A_Expr.kind === 'AEXPR_BETWEEN';
      for (const column of this.columns(condition.A_Expr.lexpr)) {
        if (between || operator(condition).startsWith('>')) above.add(column);
        if (between || operator(condition).startsWith('<')) below.add(column);
      }
    }
    return [...above].filter((column) => below.has(column));
  }

  /** The columns of the table that an expression is: one, or a row of them. */
  private columns(node: Node | undefined): readonly string[] {
    const parts = node !== undefined && 'RowExpr' in node ? (node.RowExpr.args ?? []) : [node];
    return parts.flatMap((each) => this.column(each) ?? []);
  }

  /** The column of the table that an expression is. */
  private column(node: Node | undefined): string | undefined {
    if (node === undefined || !('ColumnRef' in node)) return undefined;
    const names = stringsOf(node.ColumnRef.fields);
    const qualifier = names.at(-2);
    return qualifier === undefined || this.target.has(qualifier) ? names.at(-1) : undefined;
  }

  /** Whether a value does not come from the rows of a large table. */
  private isGiven(node: Node | undefined): boolean {
    if (node === undefined) return false;
    if ('SubLink' in node) return node.SubLink.subLinkType === 'EXPR_SUBLINK';
    let given = true;
    walk([node], (kind, body) => {
      if (kind !== 'ColumnRef') return;
      const names = stringsOf(body.fields as Node[] | undefined);
      const qualifier = names.at(-2);
      if (qualifier === undefined && isPlaceholder(names[0] ?? '') && !this.repeated) return;
      const isVariable = this.nested && qualifier === undefined && !this.hasColumn(names[0] ?? '');
      if (!isVariable && (qualifier === undefined || this.sources.get(qualifier) !== 'values')) given = false;
    });
    return given;
  }

  private hasColumn(name: string): boolean {
    return tableOf(this.catalog, this.table)?.columns.some((column) => column.name === name) ?? false;
  }

  private uniqueKeys(): readonly (readonly string[])[] {
    const table = tableOf(this.catalog, this.table);
    const keys = uniqueKeysOf(this.catalog, this.table);
    // Of a table that the history does not show whole, the usual name of a key has to do.
    return table?.complete === true && table.path !== undefined ? keys : [...keys, ['id']];
  }
}

/** The columns of each unique constraint and unique index without a condition. */
export function uniqueKeysOf(catalog: Catalog, key: string): readonly (readonly string[])[] {
  const table = tableOf(catalog, key);
  const constraints = (table?.constraints ?? []).filter(
    (each) => each.kind === 'primaryKey' || each.kind === 'unique',
  );
  const indexes = (table?.indexes ?? []).flatMap((each) => {
    const index = catalog.relations.get(each);
    if (index?.kind !== 'index' || !index.unique || index.predicate !== undefined) return [];
    const columns = index.elements.map((element) => element.column);
    return columns.every((column) => column !== undefined) ? [columns] : [];
  });
  return [...constraints.map((each) => each.columns), ...indexes];
}

const EQUALITIES: ReadonlySet<string> = new Set(['AEXPR_OP', 'AEXPR_IN', 'AEXPR_OP_ANY']);

function operator(node: Extract<Node, { A_Expr: unknown }>): string {
  return stringsOf(node.A_Expr.name).at(-1) ?? '';
}

function conjuncts(where: Node): readonly Node[] {
  if ('BoolExpr' in where && where.BoolExpr.boolop === 'AND_EXPR') {
    return (where.BoolExpr.args ?? []).flatMap(conjuncts);
  }
  return [where];
}

/** `(a, b) = (x, y)` as its two conditions. */
function byColumn(condition: Node): readonly Node[] {
  if (!('A_Expr' in condition) || operator(condition) !== '=') return [condition];
  const { lexpr, rexpr } = condition.A_Expr;
  if (lexpr === undefined || rexpr === undefined || !('RowExpr' in lexpr) || !('RowExpr' in rexpr))
    return [condition];
  const right = rexpr.RowExpr.args ?? [];
  return (lexpr.RowExpr.args ?? []).flatMap((left, i) => {
    const other = right[i];
    return other === undefined ? [] : [{ A_Expr: { ...condition.A_Expr, lexpr: left, rexpr: other } }];
  });
}

function qualifierOf(node: Node | undefined): string | undefined {
  return node !== undefined && 'ColumnRef' in node ? stringsOf(node.ColumnRef.fields).at(-2) : undefined;
}

/** Why a query has a few rows only: it brings them along, or it has a LIMIT. */
type Small = 'values' | 'limit';

function smallness(query: Node | undefined, queries: ReadonlyMap<string, Small>): Small | undefined {
  if (query === undefined || !('SelectStmt' in query)) return undefined;
  const { valuesLists, limitCount, fromClause } = query.SelectStmt;
  if (valuesLists !== undefined) return 'values';
  if (limitCount !== undefined) return 'limit';
  const [from, ...others] = fromClause ?? [];
  if (from === undefined || others.length > 0 || !('RangeVar' in from)) return undefined;
  return queries.get(from.RangeVar.relname ?? '');
}

/** The WITH queries of a step that have a few rows only, those that read from such a one too. */
function smallQueries(node: Node): ReadonlyMap<string, Small> {
  const found = new Map<string, Small>();
  walk(node, (kind, body) => {
    if (kind !== 'CommonTableExpr') return;
    const small = smallness(body.ctequery as Node | undefined, found);
    if (small !== undefined) found.set(String(body.ctename), small);
  });
  return found;
}

function smallSources(
  statement: UpdateStmt | DeleteStmt,
  queries: ReadonlyMap<string, Small>,
): ReadonlyMap<string, Small> {
  const found = new Map<string, Small>();
  const from = 'fromClause' in statement ? statement.fromClause : undefined;
  const using = 'usingClause' in statement ? statement.usingClause : undefined;
  for (const node of from ?? using ?? []) {
    const small =
      'RangeSubselect' in node
        ? smallness(node.RangeSubselect.subquery, queries)
        : 'RangeVar' in node
          ? queries.get(node.RangeVar.relname ?? '')
          : undefined;
    const name = nameOfSource(node);
    if (small !== undefined && name !== undefined) found.set(name, small);
  }
  return found;
}

function nameOfSource(node: Node): string | undefined {
  if ('RangeSubselect' in node) return node.RangeSubselect.alias?.aliasname;
  return 'RangeVar' in node ? (node.RangeVar.alias?.aliasname ?? node.RangeVar.relname) : undefined;
}
