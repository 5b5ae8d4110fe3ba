import type { MigrationFile, Script } from '../migrations/migration.ts';
import type { LineIndex } from '../workspace/lineIndex.ts';
import type { CodeLens } from './lsp.ts';
import type { FolderMigrations, LensCommand, LensTarget, MigrationState } from './protocol.ts';

/** The migrations that an action on one takes along, by their versions. */
export interface TakenAlong {
  /** What must be applied before it. */
  readonly before: ReadonlySet<string>;
  /** What must be rolled back before it. */
  readonly after: ReadonlySet<string>;
  /** What it is rolled back to: the target behind it. */
  readonly behind: string;
}

/** What can be done with a migration, and how it stands, over its Up and its Down section. */
export function codeLenses(
  { up, down, text, tool }: MigrationFile,
  lines: LineIndex,
  state: MigrationState,
  { folder, migrations, known }: FolderMigrations,
  along?: TakenAlong,
): CodeLens[] {
  // Without an annotation there is no section.
  if (tool === 'goose' && !/^--.*\+goose/im.test(text)) return [];
  const at = migrations.findIndex(({ uri }) => uri === state.uri);
  const isAfter = ({ version }: MigrationState, i: number) => along?.after.has(version) ?? i > at;
  const isBefore = ({ version }: MigrationState, i: number) => along?.before.has(version) ?? i < at;
  const later = migrations.filter((one, i) => isAfter(one, i) && one.state === 'applied').length;
  const before = migrations.filter((one, i) => isBefore(one, i) && isPending(one)).length;
  const lens = (script: Script, title: string, command: LensCommand, version = state.version): CodeLens => {
    // Of goose the annotation stands on the line before; of alembic the section begins at the end of its def.
    const above = tool === 'goose' ? 1 : 0;
    const line = Math.max(0, lines.position(script.span.start).line - above);
    const start = { line, character: 0 };
    return {
      range: { start, end: start },
      command: { title, command, arguments: [{ folder, version } satisfies LensTarget] },
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
    else if (along === undefined) lenses.push(lens(down, '$(discard) Roll back', 'skein.rollBackLast'));
    else lenses.push(lens(down, '$(discard) Roll back', 'skein.rollBackTo', along.behind));
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
