import { parseArgs } from 'node:util';
import { runCommand, runOptions } from './runCommand.ts';
import type { Terminal } from './terminal.ts';

/** `skein up`: applies what is pending. Gives the exit code. */
export async function up(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...runOptions, to: { type: 'string' }, 'allow-missing': { type: 'boolean', default: false } },
  });
  const allowMissing = values['allow-missing'];
  return runCommand({ kind: 'up', to: values.to, allowMissing }, values, positionals, terminal);
}
