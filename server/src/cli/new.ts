import { parseArgs } from 'node:util';
import type { MigrationFile } from '../migrations/migration.ts';
import { migrationTemplate, type TemplateFile } from '../runner/migrationTemplate.ts';
import { RunRefused } from '../runner/runRefused.ts';
import type { MigrationFolder } from '../workspace/discovery.ts';
import { absolutePath, childOf } from '../workspace/filePath.ts';
import { obstacleInWords } from '../workspace/fileSystem.ts';
import { formatOf } from '../workspace/formatOf.ts';
import { createFile } from '../workspace/nodeFileSystem.ts';
import { CannotRun } from './cannotRun.ts';
import { printable } from './paint.ts';
import { oneFolder } from './targets.ts';
import type { Terminal } from './terminal.ts';

/** `skein new NAME [PATH]`: makes the file of a new migration, after all others of its folder. Gives the exit code. */
export async function newMigration(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string' } },
  });
  const [name, ...paths] = positionals;
  if (name === undefined) throw new CannotRun('skein new needs a NAME, such as "add users"');
  const history = await oneFolder(paths, values.config, terminal);
  const { folder } = history;
  const files = history.paths.flatMap((path) => {
    const content = history.content(path);
    return content ? [formatOf(folder).read(content)] : [];
  });
  for (const { baseName, text } of templates(folder, files, name)) {
    const path = childOf(folder.path, baseName);
    await createFile(absolutePath(path), Buffer.from(text)).catch((error) => {
      throw new CannotRun(`${path} cannot be written: ${obstacleInWords(error)}`);
    });
    terminal.out(`${printable(path)}\n`);
  }
  return 0;
}

function templates(
  folder: MigrationFolder,
  files: readonly MigrationFile[],
  name: string,
): readonly TemplateFile[] {
  try {
    return migrationTemplate(folder, files, name, new Date());
  } catch (error) {
    throw error instanceof RunRefused ? new CannotRun(`${error.message}. ${error.advice}`) : error;
  }
}
