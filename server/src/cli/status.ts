import { parseArgs } from 'node:util';
import type { FolderOnDatabase } from '../runner/folderOnDatabase.ts';
import { readStatus } from '../runner/runMigrations.ts';
import type { FileStatus, MigrationStatus } from '../runner/status.ts';
import { orCannotRun } from './databaseErrors.ts';
import { databaseOptions, onDatabase } from './databaseOptions.ts';
import { type Look, paintFor, printable } from './paint.ts';
import { announced, databaseJson } from './runReport.ts';
import type { Terminal } from './terminal.ts';

/** `skein status`: which migrations a database has. Gives the exit code. */
export async function status(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: databaseOptions });
  return onDatabase(values, positionals, terminal, async (on) => {
    const onEvent = announced(on, terminal);
    const found = await orCannotRun(on, () => readStatus({ ...on, onEvent }));
    terminal.out(values.format === 'json' ? statusJson(on, found) : statusText(found, terminal));
    return 0;
  });
}

const words: Readonly<Record<FileStatus['state'], { readonly text: string; readonly look: Look }>> = {
  applied: { text: 'applied', look: 'green' },
  pending: { text: 'pending', look: 'yellow' },
  missing: { text: 'missing', look: 'red' },
  passedOver: { text: 'passed over', look: 'red' },
};

function statusText({ files, withoutFile, current }: MigrationStatus, terminal: Terminal): string {
  const paint = paintFor(terminal.colour);
  const lines = files.map(({ path, state, appliedAt = '' }) => {
    const { text, look } = words[state];
    return `${paint(look, text.padEnd(11))} ${appliedAt.slice(0, 19).padEnd(19)}  ${printable(path)}`;
  });
  for (const { version, appliedAt = '' } of withoutFile) {
    const state = paint('red', 'no file'.padEnd(11));
    lines.push(`${state} ${appliedAt.slice(0, 19).padEnd(19)}  version ${version}`);
  }
  const count = (state: FileStatus['state']) => files.filter((file) => file.state === state).length;
  const others = count('missing') > 0 ? `, ${count('missing')} missing before later ones` : '';
  const at = current === undefined ? 'no version' : `version ${current}`;
  return `${[...lines, '', `At ${at}: ${count('applied')} applied, ${count('pending')} pending${others}.`].join('\n')}\n`;
}

function statusJson(on: FolderOnDatabase, { files, withoutFile, current }: MigrationStatus): string {
  const value = {
    database: databaseJson(on),
    current: current ?? null,
    migrations: files.map(({ path, version, kind, state, appliedAt }) => ({
      path,
      version,
      kind,
      state,
      appliedAt: appliedAt ?? null,
    })),
    withoutFile: withoutFile.map(({ version, appliedAt }) => ({
      version,
      appliedAt: appliedAt ?? null,
    })),
  };
  return `${JSON.stringify(value)}\n`;
}
