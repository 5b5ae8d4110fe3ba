import type { Node } from '@pgsql/types';

/**
 * A condition on a row, as far as Postgres's prover looks into it (predicate_implied_by, optimizer/util/predtest.c):
 * AND and OR over comparisons of a column with a constant and over tests for NULL. Anything else is `other`, which
 * proves only itself.
 */
export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Predicate[] }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly operator: Operator;
      readonly value: Constant;
    }
  | { readonly kind: 'null' | 'notNull'; readonly column: string }
  | { readonly kind: 'other'; readonly text: string };

export type Operator = '<' | '<=' | '=' | '>=' | '>' | '<>';

/** A constant that can be put in order with others of its column. */
export type Constant = number | string | boolean;

const NEGATED: Record<Operator, Operator> = {
  '<': '>=',
  '<=': '>',
  '=': '<>',
  '>=': '<',
  '>': '<=',
  '<>': '=',
};
const MIRRORED: Record<Operator, Operator> = {
  '<': '>',
  '<=': '>=',
  '=': '=',
  '>=': '<=',
  '>': '<',
  '<>': '<>',
};

/**
 * Whether the clauses, none of them false for any row, imply that the predicate is not false (weak implication, as
 * constraints need it: NULL passes a CHECK).
 */
export function implies(clauses: readonly Predicate[], predicate: Predicate): boolean {
  return impliedBy({ kind: 'and', parts: clauses }, predicate);
}

/** The recursion of predicate_implied_by_recurse: what has to be split first depends on which side is AND and OR. */
function impliedBy(clause: Predicate, predicate: Predicate): boolean {
  if (predicate.kind === 'and') return predicate.parts.every((part) => impliedBy(clause, part));
  if (clause.kind === 'or') return clause.parts.every((part) => impliedBy(part, predicate));
  if (predicate.kind === 'or' && predicate.parts.some((part) => impliedBy(clause, part))) return true;
  if (clause.kind === 'and') return clause.parts.some((part) => impliedBy(part, predicate));
  return predicate.kind !== 'or' && atomImplies(clause, predicate);
}

function atomImplies(clause: Predicate, predicate: Predicate): boolean {
  if (clause.kind === 'compare' && predicate.kind === 'compare') {
    return clause.column === predicate.column && compareImplies(clause, predicate);
  }
  if (clause.kind === 'other') return predicate.kind === 'other' && clause.text === predicate.text;
  return (
    clause.kind === predicate.kind &&
    'column' in clause &&
    'column' in predicate &&
    clause.column === predicate.column
  );
}

type Compare = Extract<Predicate, { kind: 'compare' }>;

/** operator_predicate_proof: `col < 3` implies `col < 5`, `col = 3` whatever is true of 3. */
function compareImplies(clause: Compare, predicate: Compare): boolean {
  const order = ordering(clause.value, predicate.value);
  if (order === undefined) return false;
  switch (clause.operator) {
    case '=':
      return holds(order, predicate.operator);
    case '<>':
      return predicate.operator === '<>' && order === 0;
    case '<':
      return predicate.operator === '<' || predicate.operator === '<=' || predicate.operator === '<>'
        ? order <= 0
        : false;
    case '<=':
      if (predicate.operator === '<=') return order <= 0;
      return (predicate.operator === '<' || predicate.operator === '<>') && order < 0;
    case '>':
      return predicate.operator === '>' || predicate.operator === '>=' || predicate.operator === '<>'
        ? order >= 0
        : false;
    case '>=':
      if (predicate.operator === '>=') return order >= 0;
      return (predicate.operator === '>' || predicate.operator === '<>') && order > 0;
  }
}

function holds(order: number, operator: Operator): boolean {
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    case '<>':
      return order !== 0;
  }
}

function ordering(a: Constant, b: Constant): number | undefined {
  if (typeof a !== typeof b) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NOT, pushed down to the comparisons (negate_clause, optimizer/prep/prepqual.c). */
export function negated(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind === 'and' ? 'or' : 'and', parts: predicate.parts.map(negated) };
    case 'null':
      return { kind: 'notNull', column: predicate.column };
    case 'notNull':
      return { kind: 'null', column: predicate.column };
    case 'compare':
      return { ...predicate, operator: NEGATED[predicate.operator] };
    case 'other':
      return { kind: 'other', text: `not ${predicate.text}` };
  }
}

/** An expression as a predicate. `constantFor` gives a constant of the column in an order, or undefined. */
export function predicateOf(
  node: Node,
  constantFor: (column: string, node: Node) => Constant | undefined,
): Predicate {
  const recurse = (each: Node): Predicate => predicateOf(each, constantFor);
  if ('BoolExpr' in node) {
    const parts = (node.BoolExpr.args ?? []).map(recurse);
    if (node.BoolExpr.boolop === 'NOT_EXPR') return negated(parts[0] ?? other(node));
    return { kind: node.BoolExpr.boolop === 'AND_EXPR' ? 'and' : 'or', parts };
  }
  if ('NullTest' in node) {
    const column = columnName(node.NullTest.arg);
    if (column === undefined) return other(node);
    return { kind: node.NullTest.nulltesttype === 'IS_NULL' ? 'null' : 'notNull', column };
  }
  if ('A_Expr' in node) return comparison(node, constantFor) ?? other(node);
  return other(node);
}

function comparison(
  node: Extract<Node, { A_Expr: unknown }>,
  constantFor: (column: string, node: Node) => Constant | undefined,
): Predicate | undefined {
  const { kind, lexpr, rexpr, name } = node.A_Expr;
  const operator = operatorOf(name);
  const column = columnName(lexpr);
  const list = rexpr !== undefined && 'List' in rexpr ? (rexpr.List.items ?? []) : [];
  const compare = (to: Operator, value: Node | undefined): Predicate | undefined => {
    const constant = column === undefined || value === undefined ? undefined : constantFor(column, value);
    return column === undefined || constant === undefined
      ? undefined
      : { kind: 'compare', column, operator: to, value: constant };
  };
  if (kind === 'AEXPR_OP' && operator !== undefined) {
    if (column !== undefined) return compare(operator, rexpr);
    const right = columnName(rexpr);
    const constant = right === undefined || lexpr === undefined ? undefined : constantFor(right, lexpr);
    if (right === undefined || constant === undefined) return undefined;
    return { kind: 'compare', column: right, operator: MIRRORED[operator], value: constant };
  }
  if (kind === 'AEXPR_BETWEEN') return combined('and', [compare('>=', list[0]), compare('<=', list[1])]);
  if (kind === 'AEXPR_IN' && operator === '=')
    return combined(
      'or',
      list.map((each) => compare('=', each)),
    );
  if (kind === 'AEXPR_IN' && operator === '<>')
    return combined(
      'and',
      list.map((each) => compare('<>', each)),
    );
  if (kind === 'AEXPR_OP_ANY' && operator !== undefined && rexpr !== undefined) {
    const array = 'TypeCast' in rexpr ? rexpr.TypeCast.arg : rexpr;
    if (array !== undefined && 'A_ArrayExpr' in array) {
      return combined(
        'or',
        (array.A_ArrayExpr.elements ?? []).map((each) => compare(operator, each)),
      );
    }
  }
  return undefined;
}

function combined(kind: 'and' | 'or', parts: readonly (Predicate | undefined)[]): Predicate | undefined {
  const known = parts.filter((each) => each !== undefined);
  return known.length === parts.length ? { kind, parts: known } : undefined;
}

function operatorOf(name: readonly Node[] | undefined): Operator | undefined {
  const last = name?.at(-1);
  const text = last !== undefined && 'String' in last ? last.String.sval : undefined;
  if (text === '!=') return '<>';
  return text !== undefined && text in NEGATED ? (text as Operator) : undefined;
}

/** The column that an operand is, also under a cast that is no conversion: `(kind)::text`. */
function columnName(node: Node | undefined): string | undefined {
  if (node === undefined || !('ColumnRef' in node)) return undefined;
  const last = node.ColumnRef.fields?.at(-1);
  return last !== undefined && 'String' in last ? last.String.sval : undefined;
}

function other(node: Node): Predicate {
  return {
    kind: 'other',
    text: JSON.stringify(node, (key, value: unknown) => (key === 'location' ? undefined : value)),
  };
}
