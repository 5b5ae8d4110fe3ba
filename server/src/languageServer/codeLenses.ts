import type { CodeLens } from 'vscode-languageserver/node';
import type { MigrationFile, Script } from '../migrations/migration.ts';
import type { LineIndex } from '../workspace/lineIndex.ts';
import type { FolderMigrations, LensCommand, LensTarget, MigrationState } from './protocol.ts';

/** What can be done with a migration, and how it stands, over its Up and its Down section. */
export function codeLenses(
  { up, down, text }: MigrationFile,
  lines: LineIndex,
  state: MigrationState,
  { folder, migrations, known }: FolderMigrations,
): CodeLens[] {
  // Without an annotation there is no section.
  if (!/^--.*\+goose/im.test(text)) return [];
  const at = migrations.findIndex(({ uri }) => uri === state.uri);
  const later = migrations.slice(at + 1).filter((other) => other.state === 'applied').length;
  const before = migrations.slice(0, at).filter((other) => isPending(other)).length;
  const lens = (script: Script, title: string, command: LensCommand): CodeLens => {
    const line = Math.max(0, lines.position(script.span.start).line - 1);
    const start = { line, character: 0 };
    return {
      range: { start, end: start },
      command: { title, command, arguments: [{ folder, version: state.version } satisfies LensTarget] },
    };
  };
  const lenses: CodeLens[] = [];
  if (state.state !== 'applied') {
    const others = known && before > 0 ? ` (and ${before} before it)` : '';
    lenses.push(lens(up, `$(play) Apply up to here${others}`, 'skein.applyUpTo'));
  }
  lenses.push(lens(up, inWords(state), 'skein.showStatus'));
  if (down && state.state === 'applied') {
    if (later > 0)
      lenses.push(lens(down, `$(discard) Roll back to here (${later} after it)`, 'skein.rollBackTo'));
    else lenses.push(lens(down, '$(discard) Roll back', 'skein.rollBackLast'));
  }
  return lenses;
}

function isPending({ state }: MigrationState): boolean {
  return state === 'pending' || state === 'failed' || state === 'missing';
}

function inWords({ state, appliedAt }: MigrationState): string {
  switch (state) {
    case 'applied':
      return appliedAt === undefined ? 'applied' : `applied at ${appliedAt}`;
    case 'pending':
      return 'pending';
    case 'missing':
      return 'missing: a later one is applied';
    case 'failed':
      return 'pending: the last attempt failed';
    case 'unknown':
      return 'show status';
  }
}
