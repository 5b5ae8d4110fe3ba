import { parseArgs } from 'node:util';
import { migrationTemplate, type NewFile } from '../runner/migrationTemplate.ts';
import { RunRefused } from '../runner/runRefused.ts';
import { absolutePath } from '../workspace/filePath.ts';
import { obstacleInWords } from '../workspace/fileSystem.ts';
import { createFile } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import { printedByAlembic, revisionOptions } from './heads.ts';
import { printable } from './paint.ts';
import { oneFolder } from './targets.ts';
import type { Terminal } from './terminal.ts';

/** `skein new NAME [PATH]`: makes the file of a new migration, after all others of its folder. Gives the exit code. */
export async function newMigration(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: revisionOptions,
  });
  const [name, ...paths] = positionals;
  if (name === undefined) throw new CannotRun('skein new needs a NAME, such as "add users"');
  const history = await oneFolder(paths, values.config, terminal);
  const { folder, format } = history;
  if (values.alembic) return printedByAlembic(['revision', `--message=${name}`], history, values, terminal);
  const files = history.paths.flatMap((path) => history.migration(path) ?? []);
  const allocate = { now: () => new Date() };
  try {
    return await writeNew(migrationTemplate(folder, format, files, name, allocate), terminal);
  } catch (error) {
    throw error instanceof RunRefused ? new CannotRun(`${error.message}. ${error.advice}`) : error;
  }
}

/** Writes new files, and prints their paths. Gives the exit code. */
export async function writeNew(files: readonly NewFile[], terminal: Terminal): Promise<number> {
  for (const { path, text } of files) {
    await createFile(absolutePath(path), Buffer.from(text)).catch((error) => {
      throw new CannotRun(`${path} cannot be written: ${obstacleInWords(error)}`);
    });
    terminal.out(`${printable(path)}\n`);
  }
  return 0;
}
