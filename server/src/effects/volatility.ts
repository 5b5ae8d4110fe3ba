import type { Catalog } from '../catalog/catalog.ts';
import { walk } from '../catalog/expression.ts';
import { type NameScope, qualified, routineKey, stringsOf } from '../catalog/resolve.ts';

/**
 * Built-in functions that are volatile (provolatile = 'v' in pg_proc.dat) and plausible in a default. All others of
 * pg_catalog that a default may name are immutable or stable, and a stable default is computed once (now()).
 */
const VOLATILE = new Set([
  'clock_timestamp',
  'currval',
  'gen_random_uuid',
  'lastval',
  'nextval',
  'pg_sleep',
  'random',
  'random_normal',
  'setseed',
  'setval',
  'timeofday',
  'txid_current_snapshot',
  'uuidv4',
  'uuidv7',
  // From uuid-ossp and pgcrypto, the extensions that defaults use.
  'gen_random_bytes',
  'gen_salt',
  'uuid_generate_v1',
  'uuid_generate_v1mc',
  'uuid_generate_v4',
]);

/** Stable or immutable although their names are not in every reader's head; documentation: Date/Time Functions. */
const NOT_VOLATILE = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'txid_current',
  'pg_current_xact_id',
  'current_setting',
]);

/**
 * The first function in an expression that may give another value for each row. A function that neither Postgres
 * nor the history is known to have counts as volatile, as CREATE FUNCTION's default is. One that the planner replaces by its body
 * counts as that.
 */
export function volatileFunction(
  catalog: Catalog,
  scope: NameScope,
  expression: unknown,
  replaced: ReadonlySet<string> = new Set(),
): string | undefined {
  let found: string | undefined;
  walk(expression, (kind, body) => {
    if (kind !== 'FuncCall' || found !== undefined) return;
    const { schema, name } = qualified(stringsOf(body.funcname as Parameters<typeof stringsOf>[0]));
    if (schema === undefined || schema === 'pg_catalog') {
      if (NOT_VOLATILE.has(name)) return;
      if (VOLATILE.has(name)) found = name;
    }
    const key = routineKey(catalog, scope, schema, name);
    const routine = catalog.routines.get(key);
    if (routine === undefined || routine.volatility === 'immutable' || routine.volatility === 'stable')
      return;
    const inlined = replaced.has(key) ? undefined : routine.inlined;
    const constant =
      inlined !== undefined &&
      volatileFunction(catalog, scope, inlined.node, new Set([...replaced, key])) === undefined;
    if (!constant) found = name;
  });
  return found;
}
