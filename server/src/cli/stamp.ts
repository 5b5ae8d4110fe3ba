import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CannotRun } from './cannotRun.ts';
import { runCommand, runOptions } from './runCommand.ts';
import type { Terminal } from './terminal.ts';

/** `skein stamp REVISION… [PATH]`: records revisions without running them. Gives the exit code. */
export async function stamp(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...runOptions, purge: { type: 'boolean', default: false } },
  });
  const last = positionals.at(-1);
  // A revision's id is no path, unless someone has named a file so.
  const paths = positionals.length > 1 && last !== undefined && existsSync(last) ? [last] : [];
  const to = positionals.slice(0, positionals.length - paths.length);
  if (to.length === 0) throw new CannotRun('skein stamp needs a REVISION, or head, heads, base');
  return runCommand({ kind: 'stamp', to, purge: values.purge }, values, paths, terminal);
}
