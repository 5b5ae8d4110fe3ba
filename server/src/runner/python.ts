import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RunRefused } from './runRefused.ts';

/** How Python is called, with alembic in it. */
export interface PythonCommand {
  readonly program: string;
  /** Before those of Python itself: `run python` of uv. */
  readonly args: readonly string[];
  /** Why this one, in words that follow its name. */
  readonly reason: string;
  /** Of alembic: "1.20.0". */
  readonly release: string;
}

/** What says which Python it is, the first that has alembic. */
export interface PythonWishes {
  /** The setting skein.python, or `python` of skein.json; relative to `root`. */
  readonly setting?: string;
  /** The interpreter that the editor's Python extension has selected. */
  readonly selected?: string;
  /** The outermost folder that is looked into. */
  readonly root: string;
}

type Candidate = Omit<PythonCommand, 'release'>;

/**
 * The Python that runs the alembic of a folder: the setting, the editor's, a virtual environment, uv's, poetry's, that of
 * PATH; the first that has alembic. Runs Python. Undefined where none has; rejects with RunRefused where the one that the
 * setting names has none.
 */
export async function findPython(folder: string, wishes: PythonWishes): Promise<PythonCommand | undefined> {
  const { setting, root } = wishes;
  if (setting) {
    const program = /[\\/]/.test(setting) ? resolve(root, setting) : setting;
    const candidate = { program, args: [], reason: 'from the setting skein.python' };
    const release = await releaseOf(candidate, folder);
    if (release !== undefined) return { ...candidate, release };
    throw new RunRefused(
      'tool',
      `${program}, which the setting skein.python names, has no alembic`,
      'Install alembic there, or correct the setting.',
    );
  }
  for (const candidate of candidates(folder, wishes)) {
    const release = await releaseOf(candidate, folder);
    if (release !== undefined) return { ...candidate, release };
  }
  return undefined;
}

function candidates(folder: string, { selected, root }: PythonWishes): Candidate[] {
  const folders = upTo(resolve(folder), resolve(root));
  const chosen = selected === undefined ? [] : [plain(selected, 'selected in the Python extension')];
  const environments = folders.flatMap((at) =>
    ['.venv', 'venv'].flatMap((name) => {
      const program = inEnvironment(join(at, name));
      return existsSync(program) ? [plain(program, `of ${name}`)] : [];
    }),
  );
  const locked = (file: string) => folders.some((at) => existsSync(join(at, file)));
  const managers = [
    ...(locked('uv.lock')
      ? [{ program: 'uv', args: ['run', '--no-sync', 'python'], reason: 'through uv' }]
      : []),
    ...(locked('poetry.lock')
      ? [{ program: 'poetry', args: ['run', 'python'], reason: 'through poetry' }]
      : []),
  ];
  const names = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
  return [...chosen, ...environments, ...managers, ...names.map((name) => plain(name, 'of PATH'))];
}

function plain(program: string, reason: string): Candidate {
  return { program, args: [], reason };
}

function inEnvironment(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** A folder and those above it, as far as `root`. */
function upTo(folder: string, root: string): string[] {
  const found = [folder];
  for (let at = folder; at !== root && dirname(at) !== at; at = dirname(at)) found.push(dirname(at));
  return found;
}

/** Long enough for a manager that looks at its project first, in milliseconds. */
const longest = 30_000;

function releaseOf({ program, args }: Candidate, cwd: string): Promise<string | undefined> {
  return new Promise((done) => {
    const script = 'import alembic; print(alembic.__version__)';
    const options = { cwd, timeout: longest, windowsHide: true };
    execFile(program, [...args, '-c', script], options, (error, stdout) => {
      const release = /^(\d+\.\d+\S*)\s*$/m.exec(stdout)?.[1];
      done(error === null ? release : undefined);
    });
  });
}
