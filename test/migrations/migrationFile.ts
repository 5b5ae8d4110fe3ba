import type { Change } from '../../server/src/migrations/change.ts';
import { applyEdits } from '../../server/src/migrations/edits.ts';
import type { MigrationFormat } from '../../server/src/migrations/format.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { type MigrationFile, type Script, statementsOf } from '../../server/src/migrations/migration.ts';

/* What the tests of this room say files with. */

export const noon = { now: () => new Date('2024-05-06T12:00:00Z') };

/** A file of a goose folder. */
export function goose(text: string, path = 'migrations/00001_test.sql'): MigrationFile {
  return gooseFormat.read({ path, text, byteOrderMark: false });
}

/** The statements of each unit's queries, after the unit's mode. */
export function unitsOf(script: Script | undefined): (string | string[])[][] | undefined {
  return script?.units.map(({ mode, queries }) => [
    mode,
    ...queries.map((query) => query.statements.map(({ parsed }) => parsed.text)),
  ]);
}

/** All statements of a file, up first. */
export function statementTexts(file: MigrationFile): string[] {
  return [file.up, ...(file.down ? [file.down] : [])].flatMap((script) =>
    statementsOf(script).map(({ parsed }) => parsed.text),
  );
}

/** The text after the changes. */
export function changed(
  format: MigrationFormat,
  file: MigrationFile,
  changes: readonly Change[],
  files: readonly MigrationFile[] = [file],
): string {
  const { edits } = format.apply(changes, file, files, noon);
  return applyEdits(
    file.text,
    edits.map(({ span, newText }) => ({ span, text: newText })),
  );
}
