import type { ColumnDef, Node, RangeVar, SelectStmt, TypeName as TypeNameNode } from '@pgsql/types';
import { type Catalog, columnOf, tableOf } from '../catalog/catalog.ts';
import { keyOfRangeVar, type NameScope, qualified, stringsOf, typeKey } from '../catalog/resolve.ts';
import { optionsOf } from '../catalog/routine.ts';
import { statementsOf } from '../effects/routineBody.ts';

/** An enum's value, by the type's catalog key. */
export interface EnumValue {
  readonly type: string;
  readonly value: string;
}

/**
 * Where a statement uses an enum's value: the offsets of the literals that PostgreSQL reads as one of the type, in the
 * statement's text. A literal beside a column whose type the history does not show counts; of a SQL function's body
 * the statement itself is the place (0). A PL/pgSQL body is only read when it runs.
 */
export function enumUses(
  node: Node,
  catalog: Catalog,
  scope: NameScope,
  wanted: EnumValue,
): readonly number[] {
  const uses = new Uses(catalog, scope, wanted);
  uses.statement(node);
  return uses.offsets;
}

/** What type a literal is read as: the enum, another one, or one that the history does not show. */
type Expected = 'enum' | 'other' | 'unknown';

type Fields = Readonly<Record<string, unknown>>;

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);

class Uses {
  readonly offsets: number[] = [];
  private readonly catalog: Catalog;
  private readonly scope: NameScope;
  private readonly wanted: EnumValue;
  /** Tables of the statement by what it calls them. */
  private readonly tables = new Map<string, string>();
  /** Columns that the statement itself defines. */
  private readonly defined = new Map<string, TypeNameNode | undefined>();

  constructor(catalog: Catalog, scope: NameScope, wanted: EnumValue) {
    this.catalog = catalog;
    this.scope = scope;
    this.wanted = wanted;
  }

  statement(node: Node): void {
    this.collect(node);
    if ('CreateFunctionStmt' in node) this.routine(node.CreateFunctionStmt.options);
    this.visit(node, 'other');
  }

  private routine(options: readonly Node[] | undefined): void {
    const said = optionsOf(options);
    for (const { node } of said.get('language') === 'sql' ? statementsOf('sql', said.get('as') ?? '') : []) {
      const inner = new Uses(this.catalog, this.scope, this.wanted);
      inner.statement(node);
      if (inner.offsets.length > 0) this.offsets.push(0);
    }
  }

  /** The tables that the statement names, and the columns that it defines. */
  private collect(node: unknown): void {
    if (typeof node !== 'object' || node === null) return;
    const fields = node as Fields;
    if (typeof fields.relname === 'string') {
      const rangeVar = node as RangeVar;
      const key = keyOfRangeVar(this.catalog, this.scope, rangeVar);
      this.tables.set(rangeVar.alias?.aliasname ?? fields.relname, key);
    }
    if (typeof fields.colname === 'string')
      this.defined.set(fields.colname, fields.typeName as TypeNameNode | undefined);
    for (const each of Object.values(fields)) this.collect(each);
  }

  private visit(node: unknown, expected: Expected): void {
    if (Array.isArray(node)) {
      for (const each of node) this.visit(each, expected);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    for (const [kind, body] of Object.entries(node)) {
      if (typeof body !== 'object' || body === null) continue;
      const handler = this.handlers[kind];
      if (handler === undefined) this.visit(body, /^[A-Z]/.test(kind) ? 'other' : expected);
      else handler(body as Fields, expected);
    }
  }

  /** The nodes that decide how a literal in them is read; in all others it is read as something else. */
  private readonly handlers: Readonly<Record<string, (body: Fields, expected: Expected) => void>> = {
    A_Const: (body, expected) => {
      const text = (body.sval as { sval?: string } | undefined)?.sval;
      if (text === this.wanted.value && expected !== 'other') this.offsets.push(Number(body.location ?? 0));
    },
    TypeCast: (body) => this.visit(body.arg, this.typeExpected(body.typeName as TypeNameNode | undefined)),
    List: (body, expected) => this.visit(body.items, expected),
    A_ArrayExpr: (body, expected) => this.visit(body.elements, expected),
    A_Expr: (body) => {
      const operator = stringsOf(body.name as Node[] | undefined).at(-1) ?? '';
      const compares = COMPARISONS.has(operator) || /BETWEEN/.test(String(body.kind));
      this.together([body.lexpr, body.rexpr], compares ? undefined : 'other');
    },
    CoalesceExpr: (body, expected) => this.together(listOf(body.args), undefined, expected),
    MinMaxExpr: (body, expected) => this.together(listOf(body.args), undefined, expected),
    CaseExpr: (body, expected) => this.choice(body, expected),
    InsertStmt: (body) => this.insert(body),
    UpdateStmt: (body) => {
      this.assignments(body.targetList, this.keyOf(body.relation));
      const { targetList: _, ...rest } = body;
      this.visit(rest, 'other');
    },
    ColumnDef: (body) => {
      const expected = this.typeExpected(body.typeName as TypeNameNode | undefined);
      this.visit(body.raw_default, expected);
      for (const each of listOf(body.constraints)) {
        const constraint = (each as { Constraint?: Fields }).Constraint;
        this.visit(constraint?.raw_expr, constraint?.contype === 'CONSTR_DEFAULT' ? expected : 'other');
      }
    },
    AlterTableStmt: (body) => {
      const table = this.keyOf(body.relation);
      for (const each of listOf(body.cmds)) {
        const command = (each as { AlterTableCmd?: Fields }).AlterTableCmd;
        const isDefault = command?.subtype === 'AT_ColumnDefault';
        this.visit(command?.def, isDefault ? this.columnExpected(table, String(command?.name)) : 'other');
      }
    },
    PartitionBoundSpec: (body) => {
      const keys = [...this.tables.values()].flatMap((table) => {
        const columns = tableOf(this.catalog, table)?.partitionBy?.columns ?? [];
        return columns.flatMap((column) =>
          column === undefined ? [] : [this.columnExpected(table, column)],
        );
      });
      const expected = keys.find((each) => each !== 'other') ?? 'other';
      this.visit([body.listdatums, body.lowerdatums, body.upperdatums], expected);
    },
  };

  /** Operands of one type: what a column or cast among them says holds for the literals. */
  private together(nodes: readonly unknown[], fixed: Expected | undefined, outer: Expected = 'other'): void {
    const types = nodes.flatMap((each) => this.typeOf(each) ?? []);
    const expected = fixed ?? types.find((each) => each !== 'other') ?? (types.length > 0 ? 'other' : outer);
    for (const each of nodes) this.visit(each, expected);
  }

  private choice(body: Fields, expected: Expected): void {
    const whens = listOf(body.args).map((each) => (each as { CaseWhen?: Fields }).CaseWhen);
    if (body.arg === undefined)
      this.visit(
        whens.map((each) => each?.expr),
        'other',
      );
    else this.together([body.arg, ...whens.map((each) => each?.expr)], undefined);
    this.together([...whens.map((each) => each?.result), body.defresult], undefined, expected);
  }

  private insert(body: Fields): void {
    const table = this.keyOf(body.relation);
    const named = listOf(body.cols).map(
      (each) => (each as { ResTarget?: { name?: string } }).ResTarget?.name ?? '',
    );
    const all = tableOf(this.catalog, table);
    const columns = named.length > 0 ? named : (all?.columns ?? []).map(({ name }) => name);
    const expected = columns.map((column) => this.columnExpected(table, column));
    const query = (body.selectStmt as { SelectStmt?: SelectStmt } | undefined)?.SelectStmt;
    // Without a list of columns those that the history does not show come in an unknown order.
    if (query !== undefined)
      this.select(query, named.length === 0 && all?.complete !== true ? 'unknown' : expected);
    const conflict = body.onConflictClause as Fields | undefined;
    this.assignments(conflict?.targetList, table);
    this.visit(conflict?.whereClause, 'other');
    this.visit(body.withClause, 'other');
  }

  /** A query whose output columns are read as these types. */
  private select(query: SelectStmt, expected: readonly Expected[] | 'unknown'): void {
    const at = (i: number): Expected => (expected === 'unknown' ? expected : (expected[i] ?? 'other'));
    const { valuesLists, targetList, larg, rarg, ...rest } = query;
    for (const row of valuesLists ?? []) {
      if ('List' in row) for (const [i, value] of (row.List.items ?? []).entries()) this.visit(value, at(i));
    }
    for (const [i, target] of (targetList ?? []).entries()) {
      if ('ResTarget' in target) this.visit(target.ResTarget.val, at(i));
    }
    for (const side of [larg, rarg]) if (side !== undefined) this.select(side, expected);
    this.visit(rest, 'other');
  }

  private assignments(targets: unknown, table: string): void {
    for (const each of listOf(targets)) {
      const target = (each as { ResTarget?: { name?: string; val?: Node } }).ResTarget;
      this.visit(target?.val, this.columnExpected(table, target?.name ?? ''));
    }
  }

  /** What an operand's type is, where it is a column or a cast. */
  private typeOf(node: unknown): Expected | undefined {
    if (typeof node !== 'object' || node === null) return undefined;
    const { TypeCast: cast, ColumnRef: reference } = node as { TypeCast?: Fields; ColumnRef?: Fields };
    if (cast !== undefined) return this.typeExpected(cast.typeName as TypeNameNode | undefined);
    if (reference === undefined) return undefined;
    const names = stringsOf(reference.fields as Node[] | undefined);
    const name = names.at(-1) ?? '';
    if (this.defined.has(name)) return this.typeExpected(this.defined.get(name));
    const qualifier = names.at(-2);
    const tables = qualifier === undefined ? [...this.tables.values()] : [this.tables.get(qualifier) ?? ''];
    const found = tables.map((table) => this.columnExpected(table, name));
    return found.find((each) => each === 'enum') ?? found.find((each) => each === 'unknown') ?? 'other';
  }

  private columnExpected(key: string, name: string): Expected {
    const table = tableOf(this.catalog, key);
    const column = columnOf(table, name);
    if (column === undefined)
      return this.catalog.relations.has(key) && table?.complete !== false ? 'other' : 'unknown';
    if (column.type === undefined) return 'unknown';
    const type = typeKey(this.catalog, this.scope, column.type.schema, column.type.name);
    return type === this.wanted.type ? 'enum' : 'other';
  }

  private typeExpected(type: TypeNameNode | ColumnDef['typeName']): Expected {
    if (type?.names === undefined) return 'other';
    const { schema, name } = qualified(stringsOf(type.names));
    return typeKey(this.catalog, this.scope, schema, name) === this.wanted.type ? 'enum' : 'other';
  }

  private keyOf(relation: unknown): string {
    return keyOfRangeVar(this.catalog, this.scope, relation as RangeVar | undefined);
  }
}

function listOf(nodes: unknown): readonly unknown[] {
  return Array.isArray(nodes) ? nodes : [];
}
