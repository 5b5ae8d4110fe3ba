import type { AlterFunctionStmt, CreateFunctionStmt, DefineStmt, Node } from '@pgsql/types';
import type { Catalog, Routine } from './catalog.ts';
import type { ApplyScope } from './edit.ts';
import { expressionOf } from './expression.ts';
import { inlinedBody } from './inlinedBody.ts';
import { keyForNew, objectKeyParts, qualified, routineKey, stringsOf } from './resolve.ts';
import { routineSignature } from './typeText.ts';

/** CREATE FUNCTION and CREATE PROCEDURE. */
export function createRoutine(catalog: Catalog, scope: ApplyScope, statement: CreateFunctionStmt): Catalog {
  const options = optionsOf(statement.options);
  const language = options.get('language') ?? (statement.sql_body === undefined ? undefined : 'sql');
  const body = options.get('as');
  const inlined = language === 'sql' ? inlinedBody(statement, body) : undefined;
  return putRoutine(
    catalog,
    scope,
    stringsOf(statement.funcname),
    routineSignature(catalog, scope, statement),
    {
      kind: statement.is_procedure ? 'procedure' : 'function',
      volatility: volatilityOf(options.get('volatility')) ?? 'volatile',
      ...(language === undefined ? {} : { language }),
      ...(body === undefined ? {} : { body }),
      ...(inlined === undefined ? {} : { inlined: expressionOf(inlined) }),
    },
  );
}

/** CREATE AGGREGATE. */
export function createAggregate(catalog: Catalog, scope: ApplyScope, statement: DefineStmt): Catalog {
  const [inputs] = statement.args ?? [];
  const parameters = inputs !== undefined && 'List' in inputs ? (inputs.List.items ?? []) : [];
  const signature = routineSignature(catalog, scope, { parameters });
  return putRoutine(catalog, scope, stringsOf(statement.defnames), signature, { kind: 'aggregate' });
}

/** ALTER FUNCTION: what effects and rules ask of a routine is its volatility. */
export function alterRoutine(catalog: Catalog, scope: ApplyScope, statement: AlterFunctionStmt): Catalog {
  const { schema, name } = qualified(stringsOf(statement.func?.objname));
  const key = routineKey(catalog, scope, schema, name);
  const routine = catalog.routines.get(key);
  const volatility = volatilityOf(optionsOf(statement.actions).get('volatility'));
  if (routine === undefined || volatility === undefined) return catalog;
  return { ...catalog, routines: catalog.routines.set(key, { ...routine, volatility }) };
}

/** Puts one overload of a routine into the catalog, beside the others of its name. */
function putRoutine(
  catalog: Catalog,
  scope: ApplyScope,
  names: readonly string[],
  signature: string,
  { inlined, ...what }: Pick<Routine, 'kind' | 'volatility' | 'language' | 'body' | 'inlined'>,
): Catalog {
  const { schema, name } = qualified(names);
  const key = keyForNew(scope, schema, name);
  const others = catalog.routines.get(key)?.signatures ?? [];
  const signatures = others.includes(signature) ? others : [...others, signature];
  const only = inlined !== undefined && signatures.length === 1 ? { inlined } : {};
  const routine: Routine = { ...objectKeyParts(key), ...what, ...only, signatures, path: scope.path };
  return { ...catalog, routines: catalog.routines.set(key, routine), gone: catalog.gone.delete(key) };
}

function volatilityOf(word: string | undefined): Routine['volatility'] {
  return word === 'immutable' || word === 'stable' || word === 'volatile' ? word : undefined;
}

/** The options of a CREATE or ALTER that are one string each: of AS the first. */
export function optionsOf(nodes: readonly Node[] | undefined): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const node of nodes ?? []) {
    if (!('DefElem' in node)) continue;
    const { defname = '', arg } = node.DefElem;
    const text =
      arg === undefined ? undefined : 'List' in arg ? stringsOf(arg.List.items)[0] : stringsOf([arg])[0];
    if (text !== undefined) out.set(defname, text);
  }
  return out;
}
