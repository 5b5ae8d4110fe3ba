import type { Environment } from '../migrations/formats/gooseEnvsub.ts';
import type { Direction, FileContent } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import { collectGooseFiles, type GooseFile, type GooseScript, gooseScript } from './gooseFiles.ts';
import { RunRefused } from './runRefused.ts';
import {
  currentVersion,
  freshRows,
  greatestVersion,
  isRecorded,
  type VersionRow,
} from './tracking/gooseVersionTable.ts';

/** What a person wants done. Versions are goose's. */
export type Command =
  /** All that is pending; up to `to` and no further; the next one only. */
  | {
      readonly kind: 'up';
      readonly to?: bigint;
      readonly onlyNext?: boolean;
      readonly allowMissing?: boolean;
    }
  /** The last applied one; or with `to` all that is after it. */
  | { readonly kind: 'down'; readonly to?: bigint }
  /** The last applied one, down and up again. */
  | { readonly kind: 'redo' };

/** One direction of one file, to be run. */
export interface PlannedRun {
  readonly path: string;
  readonly version: bigint;
  readonly direction: Direction;
  readonly file: GooseFile;
  readonly script: GooseScript;
}

/** What stops a run short: a migration that only goose can run, or one whose file is not there. */
export interface Barrier {
  readonly kind: 'go' | 'no-file';
  readonly version: bigint;
  readonly direction: Direction;
  /** Of the Go file. */
  readonly path?: string;
  readonly message: string;
}

/** What a command comes to on a database in a certain state. */
export interface Plan {
  readonly command: Command;
  /** Whether goose's version table is made first, as every command of goose does where there is none. */
  readonly makesVersionTable: boolean;
  /** In the order in which they run. */
  readonly runs: readonly PlannedRun[];
  /** After the last of `runs`. */
  readonly barrier?: Barrier;
}

/** A file and what to do with it, before anyone has read it. */
type Selected = { readonly file: GooseFile; readonly direction: Direction };

interface Selection {
  readonly files: readonly Selected[];
  readonly barrier?: Barrier;
}

/**
 * What goose's command line (v3.27.3) would run: which files count as applied, in what order the others come, when it
 * refuses. Unlike goose it reads all selected files before the first is run. `rows` are undefined when the database has
 * no version table. Throws RunRefused.
 */
export function planRun(
  command: Command,
  contents: readonly FileContent[],
  rows: readonly VersionRow[] | undefined,
  environment: Environment,
): Plan {
  const known = rows ?? freshRows;
  const upTo = command.kind === 'up' ? command.to : undefined;
  const files = collectGooseFiles(contents, upTo);
  if (files.length === 0) {
    throw new RunRefused('files', 'no migration files found', 'Look whether the folder is the right one.');
  }
  const current = currentVersion(known);
  if (current === undefined) {
    throw new RunRefused(
      'version-table',
      'goose\'s version table holds no applied version, not even 0: goose says "no next version found"',
      'Insert its first row, version 0, or drop the table if nothing has been applied.',
    );
  }
  const { files: selected, barrier } = upToBarrier(select(command, files, known, current));
  const runs = selected.map(({ file, direction }) => ({
    path: file.path,
    version: file.version,
    direction,
    file,
    script: gooseScript(file, direction, environment),
  }));
  return { command, makesVersionTable: rows === undefined, runs, barrier };
}

function select(
  command: Command,
  files: readonly GooseFile[],
  rows: readonly VersionRow[],
  current: bigint,
): Selection {
  switch (command.kind) {
    case 'up':
      return { files: selectUp(command, files, rows) };
    case 'down':
      return command.to === undefined
        ? { files: [{ file: currentFile(files, current), direction: 'down' }] }
        : selectDownTo(command.to, files, rows);
    case 'redo': {
      const file = currentFile(files, current);
      return {
        files: [
          { file, direction: 'down' },
          { file, direction: 'up' },
        ],
      };
    }
  }
}

function selectUp(
  { onlyNext, allowMissing }: Command & { kind: 'up' },
  files: readonly GooseFile[],
  rows: readonly VersionRow[],
): Selected[] {
  const unapplied = files.filter(({ version }) => !isRecorded(rows, version));
  const greatest = greatestVersion(rows);
  const missing = unapplied.filter(({ version }) => version < greatest);
  if (missing.length > 0 && !allowMissing) throw missingFiles(missing, greatest);
  const selected = unapplied.map((file) => ({ file, direction: 'up' as const }));
  return onlyNext ? selected.slice(0, 1) : selected;
}

function missingFiles(missing: readonly GooseFile[], greatest: bigint): RunRefused {
  const list = missing.map(({ version, path }) => `version ${version}: ${path}`).join('\n\t');
  const [first] = missing;
  return new RunRefused(
    'missing',
    `found ${missing.length} missing migrations before current version ${greatest}:\n\t${list}`,
    'Give them a version after the last applied one, or apply them out of order where that does no harm (skein up --allow-missing).',
    first && { path: first.path, span: { start: 0, end: 0 } },
  );
}

function currentFile(files: readonly GooseFile[], current: bigint): GooseFile {
  const file = files.find(({ version }) => version === current);
  if (file) return file;
  if (current === 0n) {
    throw new RunRefused('files', 'no migration is applied', 'There is nothing to roll back.');
  }
  throw new RunRefused('barrier', noFile(current), restoreFile);
}

/** Rolls back while the current version is greater than `to`; the rows tell which one is current next. */
function selectDownTo(to: bigint, files: readonly GooseFile[], rows: readonly VersionRow[]): Selection {
  const selected: Selected[] = [];
  let left = rows;
  for (;;) {
    const current = currentVersion(left);
    // goose looks for the file of the current version before it compares versions, except for 0.
    if (current === undefined || current === 0n) return { files: selected };
    const file = files.find(({ version }) => version === current);
    if (!file) return { files: selected, barrier: fileBarrier(current) };
    if (current <= to) return { files: selected };
    selected.push({ file, direction: 'down' });
    left = left.filter(({ version }) => version !== current);
  }
}

function fileBarrier(version: bigint): Barrier {
  return { kind: 'no-file', version, direction: 'down', message: noFile(version) };
}

function noFile(version: bigint): string {
  return `version ${version} is applied, and no file of the folder has this version`;
}

const restoreFile = 'Bring its file back: without it nobody knows how to undo it, and goose stops here too.';

/** A Go migration runs in a program of its own, which Skein does not have. */
function upToBarrier({ files, barrier }: Selection): Selection {
  const at = files.findIndex(({ file }) => file.kind === 'go');
  const found = files[at];
  const first = found ? goBarrier(found) : barrier;
  const selected = found ? files.slice(0, at) : files;
  if (first && selected.length === 0) {
    throw new RunRefused(
      'barrier',
      first.message,
      first.kind === 'go' ? 'Run it with the goose program it is built into, then go on here.' : restoreFile,
      first.path === undefined ? undefined : { path: first.path, span: { start: 0, end: 0 } },
    );
  }
  return { files: selected, barrier: first };
}

function goBarrier({ file, direction }: Selected): Barrier {
  return {
    kind: 'go',
    version: file.version,
    direction,
    path: file.path,
    message: `${baseNameOf(file.path)} is a Go migration, which runs only in the program it is built into`,
  };
}

/** What tells two plans apart for a person who has said yes to one of them. */
export function samePlan(a: Plan, b: Plan): boolean {
  const key = ({ runs, barrier }: Plan) =>
    JSON.stringify([
      runs.map(({ path, version, direction, script }) => [
        path,
        String(version),
        direction,
        script.useTransaction,
        script.statements.map(({ text }) => text),
      ]),
      barrier?.message,
    ]);
  return key(a) === key(b);
}
