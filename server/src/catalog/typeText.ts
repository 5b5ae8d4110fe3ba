import type { CreateFunctionStmt } from '@pgsql/types';
import { quotePath } from '../sql/names.ts';
import type { Catalog, TypeName } from './catalog.ts';
import { type NameScope, typeNameOf } from './resolve.ts';

/** A type as text, for comparing and for people: "sales.money_t", "numeric(10,2)", "text[]". Built-in names are Postgres's internal ones. */
export function typeText(type: TypeName | undefined): string {
  if (type === undefined) return '?';
  const name =
    type.schema === undefined || type.schema === 'public' ? type.name : `${type.schema}.${type.name}`;
  return `${name}${type.modifiers.length > 0 ? `(${type.modifiers.join(',')})` : ''}${type.array ? '[]' : ''}`;
}

/** A type as SQL. */
export function writtenType({ schema, name, modifiers, array }: TypeName): string {
  const path = name === 'char' ? '"char"' : quotePath(schema === 'public' ? undefined : schema, name);
  return `${path}${modifiers.length === 0 ? '' : `(${modifiers.join(', ')})`}${array ? '[]' : ''}`;
}

/** The input types of a function, which with its name make it one of its overloads. */
export function routineSignature(
  catalog: Catalog,
  scope: NameScope,
  { parameters }: Pick<CreateFunctionStmt, 'parameters'>,
): string {
  return (parameters ?? [])
    .flatMap((node) => {
      const parameter = 'FunctionParameter' in node ? node.FunctionParameter : undefined;
      const out = parameter?.mode === 'FUNC_PARAM_OUT' || parameter?.mode === 'FUNC_PARAM_TABLE';
      return parameter === undefined || out ? [] : [typeText(typeNameOf(catalog, scope, parameter.argType))];
    })
    .join(', ');
}
