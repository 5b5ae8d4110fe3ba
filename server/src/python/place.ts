import type { Span } from '../sql/span.ts';
import type { ImportedName, PythonModule, PythonStatement } from './syntax.ts';

/** A statement among those of its body. */
export interface Place {
  readonly statement: PythonStatement;
  readonly body: readonly PythonStatement[];
}

/** The statements that hold `span`, outermost first: functions, `if`, `with`, and at last the one that holds no other. */
export function placesOf(module: PythonModule, span: Span): readonly Place[] {
  const found: Place[] = [];
  let bodies: readonly (readonly PythonStatement[])[] = [module.body];
  for (;;) {
    const inside = bodies.flatMap((body) =>
      body
        .filter((statement) => statement.span.start <= span.start && span.end <= statement.span.end)
        .map((statement): Place => ({ statement, body })),
    )[0];
    if (inside === undefined) return found;
    found.push(inside);
    bodies = bodiesOf(inside.statement);
  }
}

function bodiesOf(statement: PythonStatement): readonly (readonly PythonStatement[])[] {
  switch (statement.kind) {
    case 'function':
      return [statement.definition.body];
    case 'if':
      return [...statement.branches.map(({ body }) => body), statement.otherwise];
    case 'for':
      return [statement.body, statement.otherwise];
    case 'while':
    case 'with':
      return [statement.body];
    case 'try':
      return [statement.body, ...statement.handlers, statement.otherwise, statement.finally];
    case 'other':
      return statement.bodies;
    default:
      return [];
  }
}

/** The name under which a file knows something of a module: `sa` of "sqlalchemy". Undefined where it does not import it. */
export function importedAs(module: PythonModule, path: string): string | undefined {
  const names = module.body.flatMap((each): readonly ImportedName[] =>
    each.kind === 'import' ? each.names : [],
  );
  const direct = names.find((each) => each.path === path && each.name !== undefined)?.name;
  if (direct !== undefined) return direct;
  const dot = path.lastIndexOf('.');
  const parent = dot < 0 ? undefined : importedAs(module, path.slice(0, dot));
  return parent === undefined ? undefined : `${parent}${path.slice(dot)}`;
}
