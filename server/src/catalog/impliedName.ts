import type { Node } from '@pgsql/types';
import type { IndexElement } from './catalog.ts';
import { stringsOf } from './resolve.ts';

/** The name of an output column without AS (FigureColname, parser/parse_target.c). */
export function outputName(value: Node | undefined): string {
  return impliedName(value) ?? '?column?';
}

/** The names from which an index without one is named; undefined for an expression that implies none. */
export function indexElementNames(elements: readonly IndexElement[]): readonly (string | undefined)[] {
  return elements.map(({ column, expression }) => column ?? impliedName(expression?.node));
}

/** The name that an expression implies (FigureColnameInternal); undefined for operators and constants. */
function impliedName(value: Node | undefined): string | undefined {
  if (value === undefined) return undefined;
  if ('ColumnRef' in value) return stringsOf(value.ColumnRef.fields).at(-1);
  if ('FuncCall' in value) return stringsOf(value.FuncCall.funcname).at(-1);
  if ('A_Indirection' in value) {
    return stringsOf(value.A_Indirection.indirection).at(-1) ?? impliedName(value.A_Indirection.arg);
  }
  if ('CollateClause' in value) return impliedName(value.CollateClause.arg);
  if ('TypeCast' in value) {
    return impliedName(value.TypeCast.arg) ?? stringsOf(value.TypeCast.typeName?.names).at(-1);
  }
  if ('CaseExpr' in value) return impliedName(value.CaseExpr.defresult) ?? 'case';
  if ('CoalesceExpr' in value) return 'coalesce';
  if ('MinMaxExpr' in value) return value.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest';
  if ('A_ArrayExpr' in value) return 'array';
  if ('RowExpr' in value) return 'row';
  return undefined;
}
