import { parseArgs } from 'node:util';
import { readStatus } from '../runner/runMigrations.ts';
import { orCannotRun } from './databaseErrors.ts';
import { databaseOptions, onDatabase } from './databaseOptions.ts';
import { printable } from './paint.ts';
import { announced, databaseJson } from './runReport.ts';
import type { Terminal } from './terminal.ts';

/** `skein current`: the versions that a database is at, a line each. Gives the exit code. */
export async function current(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: databaseOptions });
  return onDatabase(values, positionals, terminal, async (on) => {
    const onEvent = announced(on, terminal);
    const { current: at } = await orCannotRun(on, () => readStatus({ ...on, onEvent }));
    const versions = at?.split(', ') ?? [];
    const json = { database: databaseJson(on), current: versions };
    terminal.out(values.format === 'json' ? `${JSON.stringify(json)}\n` : versions.map(line).join(''));
    return 0;
  });
}

function line(version: string): string {
  return `${printable(version)}\n`;
}
