import { parseArgs } from 'node:util';
import { mergeTemplate } from '../runner/migrationTemplate.ts';
import { RunRefused } from '../runner/runRefused.ts';
import { CannotRun } from './cannotRun.ts';
import { printedByAlembic, revisionOptions, revisionsIn } from './heads.ts';
import { writeNew } from './new.ts';
import type { Terminal } from './terminal.ts';

/** `skein merge [PATH]`: writes the revision that comes after all heads. Gives the exit code. */
export async function merge(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...revisionOptions, message: { type: 'string', short: 'm' } },
  });
  const history = await revisionsIn(positionals, values.config, terminal);
  const { message } = values;
  if (values.alembic) {
    const said = message === undefined ? [] : [`--message=${message}`];
    return printedByAlembic(['merge', ...said, 'heads'], history, values, terminal);
  }
  const files = history.paths.flatMap((path) => history.migration(path) ?? []);
  const { folder, format } = history;
  try {
    return await writeNew(mergeTemplate(folder, format, files, message, { now: () => new Date() }), terminal);
  } catch (error) {
    throw error instanceof RunRefused ? new CannotRun(`${error.message}. ${error.advice}`) : error;
  }
}
