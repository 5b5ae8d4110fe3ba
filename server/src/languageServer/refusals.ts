import { ConnectionStringError } from '../database/connectionString.ts';
import type { DatabaseName } from '../database/databaseName.ts';
import { explainError } from '../database/explainError.ts';
import { LockHeld } from '../database/lockFile.ts';
import { ConnectionFailed, ConnectionLost, ServerError } from '../database/session.ts';
import type { FileContent } from '../migrations/migration.ts';
import { RunRefused } from '../runner/runRefused.ts';
import type { Span } from '../sql/span.ts';
import { LineIndex } from '../workspace/lineIndex.ts';
import type { Place, Refusal } from './protocol.ts';

const wrongPassword = '28P01';

/** Why nothing was done, in the protocol's words; undefined for a mistake of ours. */
export function refusalOf(
  error: unknown,
  name: DatabaseName | undefined,
  files: readonly FileContent[],
  uri: (path: string) => string,
): Refusal | undefined {
  if (error instanceof RunRefused) {
    const { place: at } = error;
    const own = at?.text === undefined ? [] : [{ path: at.path, text: at.text }];
    const place = at && placeOf(at.path, at.span, [...own, ...files], uri);
    return { message: error.message, advice: error.advice, place };
  }
  if (error instanceof ConnectionStringError) {
    return { message: error.message, advice: 'Correct the connection string, or select another database.' };
  }
  if (error instanceof LockHeld) {
    return { message: error.message, advice: 'Wait until the other program has closed it.' };
  }
  const known =
    error instanceof ConnectionFailed || error instanceof ConnectionLost || error instanceof ServerError;
  if (!known || !name) return undefined;
  const { title, code, detail, advice } = explainError(error, name);
  const message = [title.includes(name.text) ? title : `${name.text}: ${title}`, code && `[${code}]`, detail]
    .filter((part) => part)
    .join(' ');
  return { message, advice, needsPassword: asksForPassword(error) ? name.text : undefined };
}

function asksForPassword(error: unknown): boolean {
  if (!(error instanceof ConnectionFailed)) return false;
  return error.reason === 'no-password' || error.server?.code === wrongPassword;
}

/** A span of one of `files`, as the protocol says it. */
export function placeOf(
  path: string,
  span: Span,
  files: readonly Pick<FileContent, 'path' | 'text'>[],
  uri: (path: string) => string,
): Place {
  const text = files.find((file) => file.path === path)?.text ?? '';
  return { uri: uri(path), range: new LineIndex(text).range(span) };
}
