import type { DeleteStmt, Node, RangeVar, UpdateStmt } from '@pgsql/types';
import { type Catalog, tableOf } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { keyOfRangeVar, stringsOf } from '../catalog/resolve.ts';
import { perStep } from '../replay/perStep.ts';
import { isNew, type Step } from '../replay/step.ts';
import { isMissing } from './alteredTable.ts';

/** An UPDATE or DELETE of rows that were there before the script. */
export interface RowWrite {
  readonly verb: 'UPDATE' | 'DELETE';
  /** Key of its table. */
  readonly table: string;
  readonly statement: UpdateStmt | DeleteStmt;
  /** The columns that UPDATE sets. */
  readonly sets: readonly string[];
}

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
 * takes them from a query with a LIMIT. Inside a DO block a range of the key counts too: that is how batches are cut.
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
  /** How the statement may call its table. */
  private readonly target: ReadonlySet<string>;
  /** Names of the FROM items and WITH queries that have a few rows only. */
  private readonly small: ReadonlySet<string>;

  constructor(step: Step, table: string, statement: UpdateStmt | DeleteStmt) {
    this.catalog = step.before;
    this.table = table;
    this.nested = step.nested;
    this.target = new Set([statement.relation?.alias?.aliasname ?? statement.relation?.relname ?? '']);
    this.small = new Set(smallSources(statement));
  }

  holds(where: Node): boolean {
    if ('CurrentOfExpr' in where) return true;
    if ('BoolExpr' in where && where.BoolExpr.boolop === 'OR_EXPR') {
      return (where.BoolExpr.args ?? []).every((arm) => this.holds(arm));
    }
    const conditions = conjuncts(where);
    if (conditions.some((each) => this.isLimited(each))) return true;
    const fixed = new Set(conditions.flatMap((each) => this.fixedBy(each)));
    for (const column of this.nested ? this.ranges(conditions) : []) fixed.add(column);
    return this.uniqueKeys().some((key) => key.length > 0 && key.every((column) => fixed.has(column)));
  }

  /** A column IN (SELECT … LIMIT n), whichever it is. */
  private isLimited(condition: Node): boolean {
    if ('SubLink' in condition) {
      const { subLinkType, subselect } = condition.SubLink;
      return subLinkType === 'ANY_SUBLINK' && isSmall(subselect);
    }
    if (!('A_Expr' in condition) || condition.A_Expr.kind !== 'AEXPR_OP_ANY') return false;
    const { rexpr } = condition.A_Expr;
    return rexpr !== undefined && 'SubLink' in rexpr && isSmall(rexpr.SubLink.subselect);
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
      const column = this.column(condition.A_Expr.lexpr);
      if (column === undefined) continue;
      const between = condition.A_Expr.kind === 'AEXPR_BETWEEN';
      if (between || operator(condition).startsWith('>')) above.add(column);
      if (between || operator(condition).startsWith('<')) below.add(column);
    }
    return [...above].filter((column) => below.has(column));
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
      const isVariable = this.nested && qualifier === undefined && !this.hasColumn(names[0] ?? '');
      if (!isVariable && (qualifier === undefined || !this.small.has(qualifier))) given = false;
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

/** VALUES, or a query with a LIMIT. */
function isSmall(query: Node | undefined): boolean {
  if (query === undefined || !('SelectStmt' in query)) return false;
  return query.SelectStmt.valuesLists !== undefined || query.SelectStmt.limitCount !== undefined;
}

function smallSources(statement: UpdateStmt | DeleteStmt): readonly string[] {
  const ctes = (statement.withClause?.ctes ?? []).flatMap((node) =>
    'CommonTableExpr' in node && isSmall(node.CommonTableExpr.ctequery)
      ? (node.CommonTableExpr.ctename ?? [])
      : [],
  );
  const sources = ('fromClause' in statement ? statement.fromClause : undefined) ?? usingOf(statement);
  return (sources ?? []).flatMap((node): string[] => {
    if ('RangeSubselect' in node) {
      const { subquery, alias } = node.RangeSubselect;
      return isSmall(subquery) && alias?.aliasname !== undefined ? [alias.aliasname] : [];
    }
    return 'RangeVar' in node ? named(node.RangeVar, ctes) : [];
  });
}

function usingOf(statement: UpdateStmt | DeleteStmt): Node[] | undefined {
  return 'usingClause' in statement ? statement.usingClause : undefined;
}

function named(source: RangeVar, small: readonly string[]): string[] {
  const name = source.relname ?? '';
  return small.includes(name) ? [source.alias?.aliasname ?? name] : [];
}
