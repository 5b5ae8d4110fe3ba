import type { Environment } from '../migrations/formats/gooseEnvsub.ts';
import type { Direction, FileContent } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import { collectGooseFiles, type GooseFile, gooseScript } from './gooseFiles.ts';
import { goosePlace } from './goosePlace.ts';
import type { Barrier, Command, Plan, PlannedRun } from './plan.ts';
import { RunRefused } from './runRefused.ts';
import {
  currentVersion,
  freshRows,
  type GooseVersionTable,
  greatestVersion,
  isRecorded,
  type VersionRow,
} from './tracking/gooseVersionTable.ts';

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
export function planGoose(
  command: Command,
  contents: readonly FileContent[],
  rows: readonly VersionRow[] | undefined,
  environment: Environment,
  table: GooseVersionTable,
): Plan {
  const known = rows ?? freshRows;
  const upTo = command.kind === 'up' ? versionOf(command.to) : undefined;
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
  const runs = selected.map((each) => plannedRun(each, environment, table));
  const versionTable = rows === undefined ? table.creation : [];
  return { command, versionTable, transactions: 'each', runs, barrier };
}

function plannedRun(
  { file, direction }: Selected,
  environment: Environment,
  table: GooseVersionTable,
): PlannedRun {
  const { path, version, content } = file;
  const { statements, useTransaction } = gooseScript(file, direction, environment);
  const record = table.record(direction, version);
  return {
    path,
    version: String(version),
    direction,
    content,
    statements: statements.map((statement) => ({
      text: statement.text,
      span: statement.span,
      autocommit: !useTransaction,
      place: (position, names) => goosePlace(content.text, statement, position, names, environment),
    })),
    transactional: useTransaction,
    recording: {
      sql: [record],
      send: async (session) => {
        await session.run(record);
      },
    },
  };
}

/** goose's versions are positive 64-bit integers; 0 is before the first. */
function versionOf(written: string | undefined): bigint | undefined {
  if (written === undefined) return undefined;
  if (/^[0-9]{1,19}$/.test(written)) return BigInt(written);
  throw new RunRefused(
    'target',
    `"${written}" is no version: goose's are numbers`,
    'Name it by the number that its file begins with.',
  );
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
        : selectDownTo(versionOf(command.to) ?? 0n, files, rows);
    case 'redo': {
      const file = currentFile(files, current);
      return {
        files: [
          { file, direction: 'down' },
          { file, direction: 'up' },
        ],
      };
    }
    case 'stamp':
      throw new RunRefused(
        'tool',
        'goose has no stamp',
        'Apply the migrations, or insert their rows by hand.',
      );
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
  return { kind: 'no-file', version: String(version), direction: 'down', message: noFile(version) };
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
    version: String(file.version),
    direction,
    path: file.path,
    message: `${baseNameOf(file.path)} is a Go migration, which runs only in the program it is built into`,
  };
}
