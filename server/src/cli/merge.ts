import { parseArgs } from 'node:util';
import { graphOf } from '../migrations/revisionHistory.ts';
import { newRevision } from '../runner/migrationTemplate.ts';
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
  const ids = graphOf(files).heads.map(({ id }) => id);
  if (ids.length < 2) throw new CannotRun('there is nothing to merge: one revision comes last');
  const beside = files.find(({ revision }) => revision?.id === ids[0]);
  if (beside === undefined) throw new CannotRun('there is nothing to merge');
  const name = message ?? `merge ${ids.join(' and ')}`;
  const allocate = { now: () => new Date() };
  return writeNew(newRevision(history.format, files, beside, { name, parents: ids }, allocate), terminal);
}
