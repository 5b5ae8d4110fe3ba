import type { FileContent } from '../migrations/migration.ts';
import { type FailurePlace, placedIn } from './errorPlace.ts';

/** What alembic said before it ended without success. */
export interface AlembicFailure {
  /** One sentence without its full stop. */
  readonly title: string;
  readonly advice: string;
  readonly detail?: string;
  readonly hint?: string;
  /** The file of the last line of the traceback that is the project's own. */
  readonly path?: string;
  readonly place?: FailurePlace;
}

/** The revision that alembic has begun, as a line of its log says: "Running upgrade a -> b, message". */
export function revisionBegun(line: string): string | undefined {
  const [, verb, from, to] =
    /Running (upgrade|downgrade|stamp_revision) ([^>]*?)\s*-> ([^,]*?)(?:, |$)/.exec(line) ?? [];
  return verb === 'downgrade' ? from?.trim() : to?.split(/[ ,]/)[0];
}

/** What the output says of a failure. `files` are those that a place can be in, by their absolute paths. */
export function failureIn(stdout: string, stderr: string, files: readonly FileContent[]): AlembicFailure {
  const [, refusal] = /^\s*FAILED: (.*(?:\n {2}.*)*)/m.exec(stdout) ?? [];
  if (refusal !== undefined) {
    const title = oneLine(refusal);
    return { title: title.replace(/\.$/, ''), advice: adviceOnRefusal(title) };
  }
  const { message, body } = lastError(stderr);
  const own = ownFrame(stderr, files);
  // `sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) …`, which asyncpg's adapter names twice.
  const wrapped = /^[\w.]+: \([\w.]+\) (?:<class '[^']+'>: )?(.*)$/.exec(message)?.[1];
  const [, statement] = /\[SQL: ([\s\S]*?)\]\n(?:\[parameters|\(Background)/.exec(body) ?? [];
  return {
    title: (wrapped ?? message) || 'alembic ended without saying why',
    advice: own ? 'Correct it at this place, then run it again.' : 'The log has all that alembic said.',
    ...fieldOf('detail', /^DETAIL:\s+(.*)$/m, body),
    ...fieldOf('hint', /^HINT:\s+(.*)$/m, body),
    ...(own && { path: own.path, place: placedIn(own.text, placeOf(own, statement)) }),
  };
}

/** Takes out what may be a password: those of URLs and connection strings, and `secrets` wherever they stand. */
export function masked(text: string, secrets: readonly string[] = []): string {
  const known = secrets.filter((secret) => secret.length > 2);
  const hidden = known.reduce((left, secret) => left.replaceAll(secret, '***'), text);
  return hidden
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^:@/\s]*:)[^@/\s]+(?=@)/gi, '$1***')
    .replace(/(\bpassword\s*=\s*)('[^']*'|[^\s&'"]+)/gi, '$1***');
}

function adviceOnRefusal(message: string): string {
  if (message.startsWith('Multiple head')) {
    return 'Write the revision that merges them (skein merge), or name one; heads takes all.';
  }
  if (message.startsWith("Can't locate revision")) {
    return 'Look whether its file is there; if the database has it and no file does: skein stamp --purge REVISION.';
  }
  if (message.startsWith('Target database is not up to date')) return 'Apply what is pending first.';
  return 'Put it right, then run it again.';
}

/** The last exception: its first line, and all of it. */
function lastError(stderr: string): { readonly message: string; readonly body: string } {
  const start = stderr.lastIndexOf('Traceback (most recent call last):');
  const lines = stderr.slice(Math.max(start, 0)).split(/\r?\n/);
  const at = lines.findIndex((line, i) => i > 0 && /^\S/.test(line));
  if (start < 0)
    return {
      message:
        lines
          .filter((line) => line.trim() !== '')
          .at(-1)
          ?.trim() ?? '',
      body: '',
    };
  return { message: lines[at]?.trim() ?? '', body: lines.slice(Math.max(at, 0)).join('\n') };
}

interface Frame {
  readonly path: string;
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** The innermost line of the last traceback that stands in one of `files`. */
function ownFrame(stderr: string, files: readonly FileContent[]): Frame | undefined {
  const frames = [...stderr.matchAll(/^ {2}File "([^"]+)", line (\d+)/gm)].reverse();
  for (const [, path = '', line = ''] of frames) {
    const file = files.find((each) => sameFile(each.path, path));
    if (file) return { path: file.path, text: file.text, line: Number(line) };
  }
  return undefined;
}

function sameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => path.replaceAll('\\', '/'));
  return (
    one !== undefined &&
    other !== undefined &&
    (one === other || other.endsWith(`/${one.replace(/^\.\//, '')}`))
  );
}

/** The line, from its first character. */
function placeOf(
  { text, line }: Frame,
  statement: string | undefined,
): {
  readonly span: { readonly start: number; readonly end: number };
  readonly statement: string;
} {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((length, each) => length + each.length + 1, 0);
  const own = lines[line - 1] ?? '';
  const start = before + (own.length - own.trimStart().length);
  const written = own.trim();
  return { span: { start, end: start + written.length }, statement: (statement ?? written).trim() };
}

function fieldOf(name: 'detail' | 'hint', pattern: RegExp, body: string): { detail?: string; hint?: string } {
  const value = pattern.exec(body)?.[1];
  return value === undefined ? {} : { [name]: value };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
