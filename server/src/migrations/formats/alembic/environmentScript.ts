import { Interpreter, type Outside } from '../../../python/interpreter.ts';
import { ParsedPython } from '../../../python/parsePython.ts';
import { type CallValue, isTrue, stringOf, truth, type Value } from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';
import { isNone, methodCallOf } from './arguments.ts';

/** What an env.py says of how revisions are run (alembic 1.20, runtime/environment.py: EnvironmentContext.configure). */
export interface EnvironmentScript {
  /** `one` for all, unless `transaction_per_migration` or `transactional_ddl=False` asks for one for `each`. */
  readonly transactions: 'one' | 'each';
  /** `version_table`, `version_table_schema`, `version_table_pk`, where they are given. */
  readonly table?: string;
  readonly schema?: string;
  readonly primaryKey?: boolean;
  /** Whether a `target_metadata` is given, which may hold a naming convention. */
  readonly hasMetadata: boolean;
  /** Whether the configuration could be seen: it may be made elsewhere. Then this is alembic's own. */
  readonly isSeen: boolean;
  /** What of it matters and cannot be known, or is done by it and by nobody else. */
  readonly obstacles: readonly { readonly span: Span; readonly message: string }[];
}

/** The version table where env.py names none (alembic 1.20, runtime/migration.py). */
export const USUAL_VERSION_TABLE = 'alembic_version';

/** How alembic runs revisions when env.py asks for nothing else. */
export const usualEnvironment: EnvironmentScript = {
  transactions: 'one',
  hasMetadata: false,
  isSeen: true,
  obstacles: [],
};

/** Reads an env.py as far as its text alone tells, for an online run. Never throws. */
export function readEnvironmentScript(text: string): EnvironmentScript {
  const module = ParsedPython.of(text);
  const listener = new Listener();
  new Interpreter(module, listener);
  const unread = module.errors.map((span) => ({ span, message: 'env.py is no Python here' }));
  const [first, ...others] = listener.configurations;
  if (first === undefined) {
    return { ...usualEnvironment, isSeen: false, obstacles: [...unread, ...listener.statements] };
  }
  const read = readConfiguration(first);
  const different = others.filter((other) => keyOf(readConfiguration(other)) !== keyOf(read));
  const several = different.map(({ span }) => ({
    span,
    message: 'env.py configures alembic in several ways, and which one runs cannot be seen',
  }));
  return { ...read, obstacles: [...unread, ...listener.statements, ...read.obstacles, ...several] };
}

/** Whether an env.py connects to what the configuration names: it mentions sqlalchemy.url, and does not set it. */
export function readsConfiguredUrl(text: string): boolean {
  return /["']sqlalchemy\./.test(text) && !/set_main_option\(\s*["']sqlalchemy\.url/.test(text);
}

function keyOf({ transactions, table, schema, primaryKey, hasMetadata }: EnvironmentScript): string {
  return JSON.stringify([transactions, table, schema, primaryKey, hasMetadata]);
}

function readConfiguration(call: CallValue): EnvironmentScript {
  const obstacles: { span: Span; message: string }[] = [];
  const unknown = (span: Span, name: string): undefined => {
    obstacles.push({ span, message: `the value of ${name} in env.py is not known before it runs` });
  };
  const given = (name: string) => {
    const item = call.keywords.find((keyword) => keyword.name === name);
    return item === undefined || isNone(item.value) ? undefined : item;
  };
  const text = (name: string): string | undefined => {
    const item = given(name);
    return item && (stringOf(item.value) ?? unknown(item.span, name));
  };
  const flag = (name: string, otherwise: boolean): boolean => {
    const item = given(name);
    return item === undefined ? otherwise : (isTrue(item.value) ?? unknown(item.span, name) ?? otherwise);
  };
  if (!call.complete) unknown(call.span, 'arguments of context.configure');
  const callback = given('on_version_apply');
  if (callback) {
    obstacles.push({ span: callback.span, message: 'env.py has a function of its own run for each version' });
  }
  const isWhole = flag('transactional_ddl', true) && !flag('transaction_per_migration', false);
  const [table, schema] = [text('version_table'), text('version_table_schema')];
  return {
    transactions: isWhole ? 'one' : 'each',
    ...(table !== undefined && { table }),
    ...(schema !== undefined && { schema }),
    ...(given('version_table_pk') && { primaryKey: flag('version_table_pk', true) }),
    hasMetadata: given('target_metadata') !== undefined,
    isSeen: true,
    obstacles,
  };
}

/** Hears what env.py does with alembic and with its connection. */
class Listener implements Outside {
  readonly configurations: CallValue[] = [];
  readonly statements: { readonly span: Span; readonly message: string }[] = [];
  readonly done = 0;

  called(call: CallValue): Value | undefined {
    const path = call.callee.kind === 'external' ? call.callee.path : undefined;
    if (path === 'alembic.context.is_offline_mode') return truth(false);
    if (path === 'alembic.context.configure') this.configurations.push(call);
    const method = methodCallOf(call)?.name ?? path?.split('.').at(-1) ?? '';
    if (/^(execute|exec_driver_sql|scalar|scalars)$/.test(method)) {
      this.statements.push({ span: call.span, message: 'env.py runs SQL of its own' });
    }
    // `connection.run_sync(do_run_migrations)`.
    for (const { value } of call.args) {
      if (value.kind === 'function' && value.definition !== undefined) {
        value.call({ args: [], keywords: [], complete: false });
      }
    }
    return undefined;
  }

  attribute(): undefined {
    return undefined;
  }

  entered({ value }: { readonly value: Value }): { readonly value: Value } {
    return { value };
  }

  discarded(): void {}

  guessed(): void {}

  stopped(): void {}
}
