import { parseArgs } from 'node:util';
import { graphOf } from '../migrations/revisionHistory.ts';
import { RunRefused } from '../runner/runRefused.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { CannotRun } from './cannotRun.ts';
import { alembicItself, contentsOf } from './databaseOptions.ts';
import { printable } from './paint.ts';
import { oneFolder } from './targets.ts';
import type { Terminal } from './terminal.ts';

/** `skein heads [PATH]`: the revisions that come last, a line each. Gives the exit code. */
export async function heads(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: revisionOptions,
  });
  const history = await revisionsIn(positionals, values.config, terminal);
  if (values.alembic) return printedByAlembic(['heads'], history, values, terminal);
  const files = history.paths.flatMap((path) => history.migration(path) ?? []);
  const graph = graphOf(files);
  for (const head of graph.heads) {
    const labels = head.labels.size > 0 ? ` (${[...head.labels].join(', ')})` : '';
    const kind = graph.effectiveHeads.includes(head) ? '' : ' (another depends on it)';
    const path = files.find(({ revision }) => revision?.id === head.id)?.path ?? '';
    terminal.out(`${printable(`${head.id}${labels}${kind} ${path}`)}\n`);
  }
  return 0;
}

/** What commands about revisions understand that touch no database, for parseArgs. */
export const revisionOptions = {
  config: { type: 'string' },
  alembic: { type: 'boolean', default: false },
  python: { type: 'string' },
} as const;

/** What alembic itself prints. Gives the exit code. */
export async function printedByAlembic(
  told: readonly string[],
  history: FolderHistory,
  values: { readonly python?: string },
  terminal: Terminal,
): Promise<number> {
  const program = await alembicItself(history.folder, values);
  terminal.error(`alembic ${program.python.release}, ${printable(program.python.program)}\n`);
  try {
    terminal.out(printable(await program.print(told, { files: contentsOf(history) })));
  } catch (error) {
    throw error instanceof RunRefused ? new CannotRun(`${error.message}. ${error.advice}`) : error;
  }
  return 0;
}

/** The one folder of alembic's revisions that the arguments name. */
export async function revisionsIn(
  paths: readonly string[],
  config: string | undefined,
  terminal: Terminal,
): Promise<FolderHistory> {
  const history = await oneFolder(paths, config, terminal);
  const { path, tool } = history.folder;
  if (tool !== 'alembic')
    throw new CannotRun(`${path} holds migrations of ${tool}: only alembic's have heads`);
  return history;
}
