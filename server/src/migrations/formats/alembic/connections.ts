import type { Value } from '../../../python/value.ts';
import { bind, constructOf, type MethodCall, methodCallOf, stringArgument } from './arguments.ts';

/* What stands between a revision and the database besides `op`: connections, sessions, and code from elsewhere. */

/** Whether a method sends SQL that it is given. */
export function executes({ of, name }: MethodCall): boolean {
  return /^(execute|exec_driver_sql|scalar|scalars)$/.test(name) && reaches(of);
}

/**
 * Whether a string is sent to the driver as it is: by exec_driver_sql, and by a connection until SQLAlchemy 1.4. A
 * session, a context and `op` make text() of it.
 */
export function sendsAsItIs({ of, name }: MethodCall): boolean {
  return name === 'exec_driver_sql' || !(isSession(of) || isContext(of));
}

/** `op.get_context()`, and its `impl`. */
function isContext(value: Value): boolean {
  if (value.kind === 'attribute') return value.name === 'impl';
  return value.kind === 'call' && constructOf(value)?.name === 'get_context';
}

/** Whether a method of a session reads or changes rows through classes. */
export function changesRows({ of, name }: MethodCall): boolean {
  return /^(query|get|add|add_all|delete|merge|bulk_\w+)$/.test(name) && isSession(of);
}

/** Whether a call says, computes or looks something up, and leaves the database as it is. */
export function isHarmless(callee: Value): boolean {
  // `globals()["upgrade_" + name]()`
  if (callee.kind === 'item') return false;
  // Whoever a logger is got from, or a collection.
  if (callee.kind === 'attribute' && (LOGS.test(callee.name) || COLLECTS.test(callee.name))) return true;
  if (callee.kind === 'external' && LOGGER.test(callee.path)) return true;
  const root = rootOf(callee);
  if (root.kind === 'unknown') return false;
  return root.kind !== 'external' || HARMLESS.test(root.path) || (reaches(callee) && !isSession(callee));
}

const LOGS = /^(debug|info|warning|warn|error|exception|critical|log)$/;

const LOGGER = /log\w*\.(debug|info|warning|warn|error|exception|critical|log)$/i;

/** What Python's lists, sets and dictionaries are changed by. */
const COLLECTS = /^(append|discard|extend|pop|popitem|reverse|setdefault|sort)$/;

/** Modules of Python, SQLAlchemy and alembic, and of what talks with the person at the terminal. */
const HARMLESS =
  /^(bisect|calendar|click|csv|gzip|heapq|html|io|operator|pprint|shutil|statistics|tarfile|tempfile|tqdm|traceback|types|urllib|zipfile|zoneinfo|builtins|logging|warnings|time|datetime|sys|os|re|json|uuid|random|string|textwrap|itertools|functools|collections|pathlib|contextlib|typing|enum|decimal|secrets|hashlib|base64|math|copy|inspect|sqlalchemy|alembic|loguru|structlog)(\.|$)/;

/** Whether a value is `op`, alembic's `context`, a connection or a session, or was got from one: the way to the database. */
export function reaches(value: Value): boolean {
  switch (value.kind) {
    case 'external':
      return /^alembic\.(op|context)(\.(get_bind|get_context))?$/.test(value.path);
    case 'attribute':
      return reaches(value.of);
    case 'call':
      return reaches(value.callee) || isSession(value);
    default:
      return false;
  }
}

/** What was done to a connection before SQL is sent on it. */
interface Connection {
  /** It is another one than the revision's: `engine.connect()`, `engine.begin()`. */
  readonly isOther: boolean;
  /** Each statement is a transaction of its own. */
  readonly isAutocommit: boolean;
}

export function connectionOf(value: Value): Connection {
  if (value.kind === 'attribute') return connectionOf(value.of);
  const method = methodCallOf(value);
  if (method === undefined) return { isOther: false, isAutocommit: false };
  const { of, name } = method;
  const before = connectionOf(of);
  const isEngine = of.kind === 'attribute' && of.name === 'engine';
  return {
    isOther: before.isOther || name === 'connect' || (name === 'begin' && isEngine),
    isAutocommit:
      before.isAutocommit ||
      (name === 'execution_options' && stringArgument(bind(method, []), 'isolation_level') === 'AUTOCOMMIT'),
  };
}

/** Whether a method commits what the revision has sent; a session leaves that to the connection that it was given. */
export function commits({ of, name }: MethodCall): boolean {
  return name === 'commit' && reaches(of) && !isSession(of) && !connectionOf(of).isOther;
}

/** `Session(bind=op.get_bind())`, and what is got from it. */
export function isSession(value: Value): boolean {
  if (value.kind === 'attribute') return isSession(value.of);
  if (value.kind !== 'call') return false;
  if (isSession(value.callee)) return true;
  const given = [...value.args, ...value.keywords].some((item) => reaches(item.value));
  const name = constructOf(value)?.name ?? constructOf(value.callee)?.name;
  return given && /^(Session|sessionmaker|scoped_session)$/i.test(name ?? '');
}

/** What a chain of attributes and calls starts with. */
function rootOf(value: Value): Value {
  if (value.kind === 'attribute' || value.kind === 'item') return rootOf(value.of);
  return value.kind === 'call' ? rootOf(value.callee) : value;
}
