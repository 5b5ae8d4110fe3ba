import type { FolderMigrations, MigrationState } from '../../../server/src/languageServer/protocol.ts';

/** How many migrations stand how, in words: "2 applied, 3 pending". */
export function counts({ known, migrations }: FolderMigrations): string {
  if (!known) return 'not asked yet';
  const many = (state: MigrationState['state']) => migrations.filter((one) => one.state === state).length;
  const parts = (['applied', 'pending', 'missing', 'failed'] as const).flatMap((state) =>
    many(state) > 0 || state === 'applied' || state === 'pending' ? [`${many(state)} ${state}`] : [],
  );
  return parts.join(', ');
}

/** The database and how the migrations stand to it, in one sentence. */
export function standing(found: FolderMigrations): string {
  const { database, withoutFile } = found;
  const lost = withoutFile.length === 0 ? '' : `, ${withoutFile.length} applied without a file`;
  return `${found.name}: ${counts(found)}${lost} (${database?.name ?? 'no database'}, ${database?.reason ?? ''}).`;
}

/** The item in the status bar; undefined when there is nothing to say. */
export function databaseItem(
  found: FolderMigrations | undefined,
): { readonly text: string; readonly tooltip: string } | undefined {
  if (!found?.database) return undefined;
  const { database, problem, known, migrations } = found;
  const short = database.embedded ? 'embedded' : database.name.split(' on ')[0];
  const waiting = migrations.filter(({ state }) => state !== 'applied').length;
  const count = problem ? '$(warning)' : known ? (waiting > 0 ? `${waiting} pending` : '$(check)') : '';
  return {
    text: `$(database) ${short}${count === '' ? '' : ` ${count}`}`,
    tooltip: problem ? `${database.name}: ${problem.message}. ${problem.advice}` : standing(found),
  };
}
