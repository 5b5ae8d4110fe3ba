import { explainError } from '../database/explainError.ts';
import { ConnectionFailed, ConnectionLost, type Database, ServerError } from '../database/session.ts';
import type { FolderOnDatabase } from '../runner/folderOnDatabase.ts';
import { RunRefused } from '../runner/runRefused.ts';
import { LineIndex } from '../workspace/lineIndex.ts';
import { CannotRun } from './cannotRun.ts';

/** Does something with a database; what keeps it from being done at all becomes one line for stderr. */
export async function orCannotRun<T>(
  folder: Pick<FolderOnDatabase, 'database' | 'files'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RunRefused) throw new CannotRun(refusalInWords(error, folder));
    const known =
      error instanceof ConnectionFailed || error instanceof ConnectionLost || error instanceof ServerError;
    throw known ? new CannotRun(errorInWords(error, folder.database)) : error;
  }
}

function errorInWords(error: unknown, { name }: Database): string {
  const { title, code, detail, advice } = explainError(error, name);
  const more = [code && `SQLSTATE ${code}`, detail].filter(Boolean).join(', ');
  const where = title.includes(name.text) ? '' : `${name.text}: `;
  return oneLine(`${where}${title}${more ? ` (${more})` : ''}. ${advice}`);
}

function refusalInWords(
  { message, advice, place }: RunRefused,
  { files }: Pick<FolderOnDatabase, 'files'>,
): string {
  const text = place?.text ?? files.find(({ path }) => path === place?.path)?.text;
  if (!place || text === undefined || place.span.end === 0) return oneLine(`${message}. ${advice}`);
  const { line, character } = new LineIndex(text).position(place.span.start);
  return oneLine(`${place.path}:${line + 1}:${character + 1}: ${message}. ${advice}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('..', '.');
}
