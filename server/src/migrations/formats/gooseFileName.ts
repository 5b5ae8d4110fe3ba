import type { FileProblem } from '../migration.ts';
import { goParseInt } from './goStrings.ts';

/** What goose reads in a base name. Without a version goose refuses the file, and with it the whole folder. */
export interface GooseFileName {
  /** Decimal, without leading zeros. */
  readonly version?: string;
  readonly name: string;
  /** goose's message when it refuses the name. */
  readonly error?: string;
}

/** Whether goose collects the file, or would if its extension were spelt so; helper Go files are none of goose's. */
export function isGooseFileName(baseName: string): boolean {
  if (/\.sql$/i.test(baseName)) return true;
  return isGoMigration(baseName) && readGooseFileName(baseName).version !== undefined;
}

export function isGoMigration(baseName: string): boolean {
  return baseName.endsWith('.go') && !baseName.endsWith('_test.go');
}

/** The version is what stands before the first `_`, as a positive int64 (goose v3.27.3, NumericComponent). */
export function readGooseFileName(baseName: string): GooseFileName {
  const separator = baseName.indexOf('_');
  const stem = baseName.replace(/\.(sql|go)$/i, '');
  if (separator < 0) return { name: stem, error: "no filename separator '_' found" };
  const name = stem.slice(separator + 1);
  const version = goParseInt(baseName.slice(0, separator), 'ParseInt');
  if (typeof version !== 'bigint') {
    return { name, error: `failed to parse version from migration file: ${baseName}: ${version.error}` };
  }
  if (version < 1n) return { name, error: 'migration version must be greater than zero' };
  return { version: version.toString(), name };
}

/** What is wrong with the name of a .sql file in a goose folder. */
export function gooseFileNameProblem(path: string, baseName: string): FileProblem | undefined {
  const refused = readGooseFileName(baseName).error;
  const ignored = !/\.(sql|go)$/.test(baseName);
  if (refused === undefined && !ignored) return undefined;
  return {
    rule: 'migration-file-name',
    message: ignored
      ? `goose reads only files that end in ".sql": it passes over "${baseName}" without a word.`
      : `could not parse SQL migration file "${path}": ${refused}`,
    why: `${
      ignored
        ? 'The migration never runs.'
        : 'Every goose command stops at this name, also for all other files of the folder.'
    } A goose migration is named by its version, an underscore and a name: "00012_add_users.sql".`,
    span: { start: 0, end: 0 },
    repair: renaming(baseName),
  };
}

/** A good name can be had where there is a number to start it with. */
function renaming(baseName: string): FileProblem['repair'] {
  const parts = /^(?:[a-zA-Z]{0,2}[-_. ]*)?0*([1-9][0-9]*)(?![0-9])[-_. ]*(.*)\.sql$/i.exec(baseName);
  const digits = /[0-9]+/.exec(baseName)?.[0];
  if (parts === null || digits === undefined) return undefined;
  const words = (parts[2] ?? '').replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^_+|_+$/g, '');
  const to = `${digits}_${words === '' ? 'migration' : words}.sql`;
  if (readGooseFileName(to).version === undefined || to === baseName) return undefined;
  return { title: `Rename the file to ${to}`, grade: 'review', changes: [{ kind: 'renameFile', to }] };
}
