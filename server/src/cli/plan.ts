import { parseArgs } from 'node:util';
import { CannotRun } from './cannotRun.ts';
import { rewrite } from './rewriting.ts';
import type { Terminal } from './terminal.ts';

/** `skein plan FILE`: shows the migrations that do the same without standing in anyone's way. Gives the exit code. */
export async function plan(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rule: { type: 'string', multiple: true, default: [] },
      set: { type: 'string', multiple: true, default: [] },
      config: { type: 'string' },
      database: { type: 'string' },
      embedded: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) throw new CannotRun('skein plan needs a FILE');
  const { rule, set, config, ...database } = values;
  return rewrite({ paths: positionals, rules: rule, set, config, dryRun: true, database }, terminal);
}
