import { parseArgs } from 'node:util';
import { runCommand, runOptions } from './runCommand.ts';
import type { Terminal } from './terminal.ts';

/** `skein down`: rolls back the last migration, or with `--to` all after a version. Gives the exit code. */
export async function down(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...runOptions, to: { type: 'string' } },
  });
  return runCommand({ kind: 'down', to: values.to }, values, positionals, terminal);
}
