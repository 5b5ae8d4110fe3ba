import { parseArgs } from 'node:util';
import { runCommand, runOptions } from './runCommand.ts';
import type { Terminal } from './terminal.ts';

/** `skein redo`: rolls back the last migration and applies it again. Gives the exit code. */
export async function redo(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: runOptions });
  return runCommand({ kind: 'redo' }, values, positionals, terminal);
}
