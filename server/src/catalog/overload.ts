import type { Node } from '@pgsql/types';
import type { Catalog, Column, Routine } from './catalog.ts';
import { type NameScope, typeNameOf } from './resolve.ts';
import { typeText } from './typeText.ts';

/**
 * The overloads, by their input types, that a DROP or ALTER of one routine means. One that has to be there and is written
 * otherwise than its CREATE is the only one; with `tolerant` (IF EXISTS) it may be none.
 */
export function overloadsNamed(
  catalog: Catalog,
  scope: NameScope,
  { signatures }: Routine,
  object: Node,
  tolerant: boolean,
): readonly string[] {
  if (!('ObjectWithArgs' in object) || object.ObjectWithArgs.args_unspecified) return signatures;
  const named = (object.ObjectWithArgs.objargs ?? [])
    .map((each) => typeText('TypeName' in each ? typeNameOf(catalog, scope, each.TypeName) : undefined))
    .join(', ');
  if (signatures.includes(named)) return [named];
  return tolerant || signatures.length > 1 ? [] : signatures;
}

/**
 * The overload that a call with these arguments is of, as far as their types show it (func_select_candidate,
 * parser/parse_func.c): one of as many inputs, better with each type that is the very same. Undefined where the types
 * do not decide it. `columns` are those that the arguments may name.
 */
export function overloadCalled(
  catalog: Catalog,
  scope: NameScope,
  { signatures }: Routine,
  args: readonly Node[],
  columns: readonly Column[],
): string | undefined {
  if (signatures.length === 1) return signatures[0];
  const given = args.map((each) => typeOf(catalog, scope, each, columns));
  let best = -1;
  let found: string | undefined;
  for (const signature of signatures) {
    const inputs = signature === '' ? [] : signature.split(', ');
    if (inputs.length !== given.length || !inputs.every((input, i) => accepts(input, given[i]))) continue;
    const exact = inputs.filter((input, i) => input === given[i]).length;
    if (exact < best) continue;
    found = exact > best ? signature : undefined;
    best = exact;
  }
  return found;
}

/** Types that are cast to those behind them in their row without being asked (castcontext 'i', pg_cast.dat). */
const WIDENING = [
  ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'],
  ['varchar', 'bpchar', 'text'],
  ['date', 'timestamp', 'timestamptz'],
];

function accepts(input: string, given: string | undefined): boolean {
  if (given === undefined || input === given) return true;
  return WIDENING.some((row) => row.includes(given) && row.indexOf(given) < row.indexOf(input));
}

/** The type of a column, a cast or a constant, as text without its modifiers. A bare string counts as text. */
function typeOf(
  catalog: Catalog,
  scope: NameScope,
  node: Node,
  columns: readonly Column[],
): string | undefined {
  if ('TypeCast' in node) return bare(typeNameOf(catalog, scope, node.TypeCast.typeName));
  if ('ColumnRef' in node) {
    const last = node.ColumnRef.fields?.at(-1);
    const name = last !== undefined && 'String' in last ? last.String.sval : undefined;
    const types = new Set(columns.filter((each) => each.name === name).map((each) => bare(each.type)));
    return types.size === 1 ? [...types][0] : undefined;
  }
  if (!('A_Const' in node)) return undefined;
  const { ival, fval, boolval, sval } = node.A_Const;
  if (ival !== undefined) return 'int4';
  if (fval !== undefined) return 'numeric';
  if (boolval !== undefined) return 'bool';
  return sval === undefined ? undefined : 'text';
}

function bare(type: Column['type']): string | undefined {
  return type === undefined ? undefined : typeText({ ...type, modifiers: [] });
}
