import type { FolderMigrations, MigrationState } from '../../../server/src/languageServer/protocol.ts';
import { counts } from './databaseText.ts';

/** A row of the Migrations view. */
export interface Row {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** Name of one of VS Code's icons, and the colour it has. */
  readonly icon: string;
  readonly colour?: string;
  /** What package.json's menus go by. */
  readonly context: string;
  /** What the commands of the menus are given, as RunTarget. */
  readonly folder: string;
  readonly version?: string;
  /** What a click opens. */
  readonly uri?: string;
  readonly children: readonly Row[];
}

/** The Migrations view, top rows first. */
export function migrationRows(folders: readonly FolderMigrations[]): Row[] {
  return folders.map((found) => ({
    label: found.name,
    description: found.tool === 'plain' ? 'not run by Skein' : shortName(found),
    tooltip: [
      found.database ? `${found.database.name}, ${found.database.reason}` : '',
      found.problem ? `${found.problem.message}. ${found.problem.advice}` : counts(found),
    ]
      .filter((line) => line !== '')
      .join('\n'),
    icon: found.problem ? 'warning' : 'folder',
    context: contextOf(found),
    folder: found.folder,
    children: [
      ...problemRows(found),
      ...found.migrations.map((one) => migrationRow(one, found)),
      ...lostRows(found),
    ],
  }));
}

/** What menus go by: who can be run, who has heads, who has a database that can be thrown away. */
function contextOf({ tool, database }: FolderMigrations): string {
  if (tool === 'plain') return 'folder.other';
  return `folder${tool === 'alembic' ? '.alembic' : ''}${database?.embedded ? '.embedded' : ''}`;
}

/** Rows are short. */
function shortName({ database }: FolderMigrations): string {
  return database?.embedded ? 'embedded' : (database?.name ?? '');
}

function problemRows({ problem, folder }: FolderMigrations): Row[] {
  if (!problem) return [];
  return [
    {
      label: problem.message,
      description: problem.advice,
      tooltip: `${problem.message}\n${problem.advice}`,
      icon: 'warning',
      colour: 'list.warningForeground',
      context: problem.needsPassword === undefined ? 'problem' : 'problem.password',
      folder,
      uri: problem.place?.uri,
      children: [],
    },
  ];
}

const looks: Readonly<Record<MigrationState['state'], { readonly icon: string; readonly colour?: string }>> =
  {
    applied: { icon: 'pass', colour: 'testing.iconPassed' },
    pending: { icon: 'circle-large-outline' },
    missing: { icon: 'warning', colour: 'list.warningForeground' },
    failed: { icon: 'error', colour: 'testing.iconFailed' },
    unknown: { icon: 'file-code' },
  };

function migrationRow(
  { name, state, version, uri, appliedAt, note }: MigrationState,
  { folder, tool }: FolderMigrations,
): Row {
  const said =
    state === 'applied' ? (appliedAt?.slice(0, 10) ?? 'applied') : state === 'unknown' ? '' : state;
  return {
    label: name,
    description: said,
    tooltip: [name, state === 'applied' ? `applied at ${appliedAt ?? 'an unknown time'}` : said, note]
      .filter((line) => line)
      .join('\n'),
    ...looks[state],
    context: tool === 'plain' ? 'migration' : `migration.${state}`,
    folder,
    version,
    uri,
    children: [],
  };
}

function lostRows({ withoutFile, folder }: FolderMigrations): Row[] {
  return withoutFile.map(({ version, appliedAt = '' }) => ({
    label: `version ${version}`,
    description: `no file, applied ${appliedAt}`.trim(),
    tooltip:
      'This version is applied, and no file of the folder has it. Bring its file back to roll it back.',
    icon: 'question',
    colour: 'list.warningForeground',
    context: 'lost',
    folder,
    version,
    children: [],
  }));
}
