import type { A_Expr, Node, TypeName as TypeNameNode } from '@pgsql/types';
import { quoteLiteral, quotePath } from '../sql/names.ts';
import { parseStatement } from '../sql/parser.ts';
import type { Expression } from './catalog.ts';
import { expressionOf } from './expression.ts';
import { stringsOf } from './resolve.ts';

/**
 * An expression as SQL, in parentheses where there could be doubt; undefined where it has something that is not
 * written here. What is written reads back as the same tree, or it is not given.
 */
export function printExpression(expression: Expression): string | undefined {
  const text = print(expression.node);
  if (text === undefined) return undefined;
  const { node } = parseStatement(`SELECT (${text})`);
  const [target] = node !== undefined && 'SelectStmt' in node ? (node.SelectStmt.targetList ?? []) : [];
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  return value !== undefined && expressionOf(value).fingerprint === expression.fingerprint ? text : undefined;
}

function print(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ('ColumnRef' in node) {
    const fields = node.ColumnRef.fields ?? [];
    const names = stringsOf(fields);
    return names.length === fields.length ? quotePath(...names) : undefined;
  }
  if ('A_Const' in node) return constant(node.A_Const);
  if ('TypeCast' in node) {
    const type = typeName(node.TypeCast.typeName);
    return joined`CAST(${print(node.TypeCast.arg)} AS ${type})`;
  }
  if ('A_Expr' in node) return operation(node.A_Expr);
  if ('BoolExpr' in node) {
    const { boolop, args = [] } = node.BoolExpr;
    if (boolop === 'NOT_EXPR') return joined`(NOT ${print(args[0])})`;
    return joined`(${list(args, boolop === 'AND_EXPR' ? ' AND ' : ' OR ')})`;
  }
  if ('NullTest' in node) {
    const test = node.NullTest.nulltesttype === 'IS_NULL' ? 'IS NULL' : 'IS NOT NULL';
    return joined`(${print(node.NullTest.arg)} ${test})`;
  }
  if ('FuncCall' in node) return call(node);
  if ('CoalesceExpr' in node) return joined`COALESCE(${list(node.CoalesceExpr.args, ', ')})`;
  if ('MinMaxExpr' in node) {
    const { op, args } = node.MinMaxExpr;
    return joined`${op === 'IS_LEAST' ? 'LEAST' : 'GREATEST'}(${list(args, ', ')})`;
  }
  if ('A_ArrayExpr' in node) return joined`ARRAY[${list(node.A_ArrayExpr.elements ?? [], ', ')}]`;
  if ('CollateClause' in node) {
    const collation = quotePath(...stringsOf(node.CollateClause.collname));
    return joined`(${print(node.CollateClause.arg)} COLLATE ${collation})`;
  }
  if ('SQLValueFunction' in node) return VALUES[node.SQLValueFunction.op ?? ''];
  return 'CaseExpr' in node ? choice(node) : undefined;
}

const VALUES: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: 'CURRENT_DATE',
  SVFOP_CURRENT_TIME: 'CURRENT_TIME',
  SVFOP_CURRENT_TIMESTAMP: 'CURRENT_TIMESTAMP',
  SVFOP_LOCALTIME: 'LOCALTIME',
  SVFOP_LOCALTIMESTAMP: 'LOCALTIMESTAMP',
  SVFOP_CURRENT_USER: 'CURRENT_USER',
  SVFOP_SESSION_USER: 'SESSION_USER',
};

function constant(value: Extract<Node, { A_Const: unknown }>['A_Const']): string | undefined {
  if (value.isnull) return 'NULL';
  if (value.sval !== undefined) return quoteLiteral(value.sval.sval ?? '');
  if (value.boolval !== undefined) return value.boolval.boolval ? 'true' : 'false';
  if (value.ival !== undefined) return number(String(value.ival.ival ?? 0));
  return value.fval?.fval === undefined ? undefined : number(value.fval.fval);
}

function number(text: string): string {
  return text.startsWith('-') ? `(${text})` : text;
}

/** Operators that are words; the others are written as they are called. */
const WORDS: Readonly<Record<string, string>> = {
  '~~': 'LIKE',
  '!~~': 'NOT LIKE',
  '~~*': 'ILIKE',
  '!~~*': 'NOT ILIKE',
};

function operation({ kind, name, lexpr, rexpr }: A_Expr): string | undefined {
  const operator = stringsOf(name);
  const [symbol = ''] = operator;
  if (operator.length !== 1) return undefined;
  const [left, right] = [print(lexpr), print(rexpr)];
  const members = rexpr !== undefined && 'List' in rexpr ? (rexpr.List.items ?? []) : [];
  switch (kind) {
    case 'AEXPR_OP':
      return lexpr === undefined ? joined`(${symbol} ${right})` : joined`(${left} ${symbol} ${right})`;
    case 'AEXPR_OP_ANY':
      return joined`(${left} ${symbol} ANY (${right}))`;
    case 'AEXPR_OP_ALL':
      return joined`(${left} ${symbol} ALL (${right}))`;
    case 'AEXPR_DISTINCT':
      return joined`(${left} IS DISTINCT FROM ${right})`;
    case 'AEXPR_NOT_DISTINCT':
      return joined`(${left} IS NOT DISTINCT FROM ${right})`;
    case 'AEXPR_NULLIF':
      return joined`NULLIF(${left}, ${right})`;
    case 'AEXPR_IN':
      return joined`(${left} ${symbol === '=' ? 'IN' : 'NOT IN'} (${list(members, ', ')}))`;
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return joined`(${left} ${WORDS[symbol]} ${right})`;
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
      return joined`(${left} ${symbol} ${list(members, ' AND ')})`;
    default:
      return undefined;
  }
}

function call({ FuncCall: node }: Extract<Node, { FuncCall: unknown }>): string | undefined {
  return joined`${quotePath(...stringsOf(node.funcname))}(${list(node.args ?? [], ', ')})`;
}

function choice({ CaseExpr: node }: Extract<Node, { CaseExpr: unknown }>): string | undefined {
  const arms = (node.args ?? []).map((each) =>
    'CaseWhen' in each
      ? joined`WHEN ${print(each.CaseWhen.expr)} THEN ${print(each.CaseWhen.result)}`
      : undefined,
  );
  const subject = node.arg === undefined ? '' : joined` ${print(node.arg)}`;
  const otherwise = node.defresult === undefined ? '' : joined` ELSE ${print(node.defresult)}`;
  return arms.includes(undefined) ? undefined : joined`CASE${subject} ${arms.join(' ')}${otherwise} END`;
}

function typeName(node: TypeNameNode | undefined): string | undefined {
  if (node?.names === undefined || node.setof || node.pct_type) return undefined;
  const modifiers = node.typmods === undefined ? '' : joined`(${list(node.typmods, ', ')})`;
  return joined`${quotePath(...stringsOf(node.names))}${modifiers}${'[]'.repeat(node.arrayBounds?.length ?? 0)}`;
}

function list(nodes: readonly Node[] | undefined, separator: string): string | undefined {
  const texts = (nodes ?? []).map(print);
  return texts.includes(undefined) ? undefined : texts.join(separator);
}

/** A template of parts, each of which may not be known: then the whole is not. */
function joined(
  strings: TemplateStringsArray,
  ...parts: readonly (string | undefined)[]
): string | undefined {
  return parts.includes(undefined) ? undefined : String.raw({ raw: strings }, ...parts);
}
