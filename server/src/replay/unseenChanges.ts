import type { Node } from '@pgsql/types';
import type { Catalog } from '../catalog/catalog.ts';
import { type NameScope, qualified, routineKey, stringsOf } from '../catalog/resolve.ts';
import { statementsOfRoutine } from '../effects/routineBody.ts';
import { readPlpgsql } from '../sql/plpgsql.ts';

/**
 * Whether a statement calls a routine that may change the schema out of our sight: one that the history does not make
 * (an extension's, that partitions a table or adds indexes), or one that makes things itself.
 */
export function changesUnseen(node: Node, catalog: Catalog, scope: NameScope): boolean {
  return calledBy(node).some((names) => {
    const { schema, name } = qualified(names);
    if (schema === 'pg_catalog' || (schema === undefined && isBuiltIn(name))) return false;
    const routine = catalog.routines.get(routineKey(catalog, scope, schema, name));
    if (routine?.body === undefined) return true;
    if (routine.language === 'plpgsql' && readPlpgsql(routine.body).runsUnknownCode) return true;
    return statementsOfRoutine(routine).some((each) => !ON_ROWS.some((kind) => kind in each.node));
  });
}

/** The routines that a statement is there to call: CALL, SELECT f(), SELECT … FROM f(). */
function calledBy(node: Node): readonly (readonly string[])[] {
  if ('CallStmt' in node) return [stringsOf(node.CallStmt.funccall?.funcname)];
  if (!('SelectStmt' in node)) return [];
  const values = (node.SelectStmt.targetList ?? []).map((each) =>
    'ResTarget' in each ? each.ResTarget.val : undefined,
  );
  const sources = (node.SelectStmt.fromClause ?? []).flatMap((each) =>
    'RangeFunction' in each
      ? (each.RangeFunction.functions ?? []).flatMap((list) => ('List' in list ? list.List.items : []))
      : [],
  );
  return [...values, ...sources].flatMap((each) =>
    each !== undefined && 'FuncCall' in each ? [stringsOf(each.FuncCall.funcname)] : [],
  );
}

const ON_ROWS = [
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TransactionStmt',
] as const;

/** Functions of pg_catalog that migrations select by themselves; none changes the schema. */
const BUILT_IN: ReadonlySet<string> = new Set(
  'array_agg avg clock_timestamp coalesce count current_setting currval format gen_random_uuid generate_series json_agg jsonb_agg lastval length lower max md5 min nextval now random row_number set_config setseed setval string_agg sum to_char to_regclass txid_current unnest upper version'.split(
    ' ',
  ),
);

function isBuiltIn(name: string): boolean {
  return name.startsWith('pg_') || BUILT_IN.has(name);
}
