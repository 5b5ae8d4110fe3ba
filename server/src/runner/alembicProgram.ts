import { dirname } from 'node:path';
import { type DatabaseName, serverName } from '../database/databaseName.ts';
import type { AlembicRuntime } from '../migrations/alembicRuntime.ts';
import type { FileContent } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import { failureIn, masked, revisionBegun } from './alembicOutput.ts';
import { type AlembicDatabase, type AlembicStep, answerIn, parts, question } from './alembicQuestion.ts';
import { alembicStatus } from './alembicStatus.ts';
import type { Command, Plan, PlannedRun } from './plan.ts';
import { samePlan } from './plan.ts';
import type { PythonCommand } from './python.ts';
import { type PythonEnd, runPython } from './pythonProcess.ts';
import type { FinishedFile, RunEvent } from './runEvent.ts';
import type { RunFailure } from './runFailure.ts';
import type { Standing } from './runnableTool.ts';
import { RunRefused } from './runRefused.ts';
import type { RunReport } from './runReport.ts';

/** What a look or a run of the program is given. */
export interface ProgramInputs {
  readonly files: readonly FileContent[];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** How long alembic may take to roll back when it is interrupted, in milliseconds. */
const usualPatience = 10_000;

/**
 * The alembic of a project itself: `python -m alembic`, on the database that its env.py connects to. To ask it anything
 * runs the project's code.
 */
export class AlembicProgram {
  readonly python: PythonCommand;
  private readonly config: { readonly path: string; readonly section: string };
  private readonly environment: FileContent | undefined;
  private readonly secrets: readonly string[];
  private readonly patience: number;
  /** The database as it was last seen. */
  private seen: AlembicDatabase | undefined;

  /** Throws RunRefused where no configuration names the folder: alembic needs one. */
  constructor(python: PythonCommand, { config, environment }: AlembicRuntime, patience = usualPatience) {
    if (config === undefined) {
      throw new RunRefused(
        'tool',
        'No alembic.ini and no [tool.alembic] names this folder, so that alembic cannot be run on it',
        'Write one (alembic init), or run it with Skein (without --alembic).',
      );
    }
    this.python = python;
    this.config = config;
    this.environment = environment;
    this.patience = patience;
    this.secrets = [passwordOf(config.url), passwordOf(process.env.DATABASE_URL)].flatMap(
      (each) => each ?? [],
    );
  }

  /** Of the database that env.py connects to; before it was asked, what stands for it. */
  get name(): DatabaseName {
    const { seen } = this;
    if (seen === undefined) {
      return { ...serverName('', 0, '', ''), text: 'the database that env.py connects to' };
    }
    if (seen.dialect === 'postgresql') return serverName(seen.host, seen.port, seen.database, seen.user);
    return { ...serverName(seen.host, seen.port, seen.database, seen.user), text: masked(seen.url) };
  }

  /** Who runs and why, in words. */
  get reason(): string {
    const { release, program, args, reason } = this.python;
    return `as env.py says, run by alembic ${release}, ${[program, ...args].join(' ')} ${reason}`;
  }

  /** Where the database stands. Rejects with RunRefused. */
  async standing(inputs: ProgramInputs): Promise<Standing> {
    const { rows, tracked } = await this.look(inputs, undefined);
    return {
      status: (files) => alembicStatus(files, tracked ? rows : undefined),
      plan: (command, files) => this.plan(command, { files }),
      holds: () => false,
    };
  }

  /** Does what changes no database: `heads`, `merge`, `revision`. Gives what it prints. Rejects with RunRefused. */
  async print(told: readonly string[], inputs: ProgramInputs): Promise<string> {
    const end = await this.alembic(told, inputs);
    if (end.code === 0) return masked(end.stdout, this.secrets);
    throw this.refusal(end, inputs.files);
  }

  private refusal(end: PythonEnd, files: readonly FileContent[]): RunRefused {
    const known = this.known(files);
    const { title, advice, path, place } = failureIn(end.stdout, masked(end.stderr, this.secrets), known);
    const text = known.find((file) => file.path === path)?.text;
    const at =
      path !== undefined && place
        ? { path, span: place.span, ...(text !== undefined && { text }) }
        : undefined;
    return new RunRefused('program', title, advice, at);
  }

  /** What alembic says that a command would run. Rejects with RunRefused, in its words. */
  async plan(command: Command, inputs: ProgramInputs): Promise<Plan> {
    const { steps } = await this.look(inputs, command);
    return {
      command,
      versionTable: [],
      transactions: 'one',
      runs: steps.map((step) => plannedRun(step, inputs.files)),
    };
  }

  /** The SQL that alembic would send, from where the database stands: its offline mode. Rejects with RunRefused. */
  async script(command: Command, inputs: ProgramInputs): Promise<string> {
    const { steps, rows } = await this.look(inputs, command);
    if (command.kind !== 'up' && command.kind !== 'down') {
      throw new RunRefused(
        'tool',
        'alembic prints the SQL of upgrades and downgrades only',
        'Look at the plan.',
      );
    }
    const last = steps.at(-1);
    if (last === undefined) return '';
    if (rows.length > 1) {
      throw new RunRefused(
        'target',
        'alembic prints SQL from one revision on, and the database is at several',
        'Look at the SQL as Skein reads it (without --alembic).',
      );
    }
    const [from = 'base'] = rows;
    const told =
      command.kind === 'up'
        ? ['upgrade', `${from}:${command.to ?? 'head'}`]
        : ['downgrade', `${from}:${command.to ?? '-1'}`];
    return await this.print([...told, '--sql'], inputs);
  }

  /** Runs a command. Rejects with RunRefused where it does not begin; then it resolves, whatever became of it. */
  async run(
    command: Command,
    agreed: Plan | undefined,
    inputs: ProgramInputs,
    now: () => number,
  ): Promise<RunReport> {
    const shown = this.name.text;
    const plan = await this.plan(command, inputs);
    if (agreed && (shown !== this.name.text || !samePlan(agreed, plan))) {
      throw new RunRefused(
        'changed',
        `the files or the database have changed since the plan was shown: alembic connects to ${this.name.text} now`,
        'Look at the new plan, then run it.',
      );
    }
    inputs.signal?.throwIfAborted();
    inputs.onEvent?.({ kind: 'planned', plan });
    const start = now();
    const before = this.seen;
    for (const told of this.calls(command, plan)) {
      const end = await this.alembic(told, inputs, (line) => this.heard(line, plan, inputs));
      if (end.code === 0 && !inputs.signal?.aborted) continue;
      return await this.ended(end, plan, before, inputs, now() - start);
    }
    const finished = plan.runs.map((run) => finishedFile(run, (now() - start) / plan.runs.length));
    for (const file of finished) inputs.onEvent?.({ kind: 'finished', file });
    return { outcome: 'done', plan, finished };
  }

  /** What alembic is called with; up again means to what was rolled back. */
  private calls(command: Command, { runs }: Plan): readonly (readonly string[])[] {
    if (command.kind !== 'redo') return parts(command);
    const first = runs.find(({ direction }) => direction === 'down');
    return first === undefined
      ? []
      : [
          ['downgrade', '-1'],
          ['upgrade', first.version],
        ];
  }

  /** It did not end well: what of it is done, the version table tells. */
  private async ended(
    end: PythonEnd,
    plan: Plan,
    before: AlembicDatabase | undefined,
    inputs: ProgramInputs,
    duration: number,
  ): Promise<RunReport> {
    const after = await this.look({ files: inputs.files }, undefined).catch(() => undefined);
    const finished = doneBetween(plan, before, after, inputs.files).map((run) => finishedFile(run, duration));
    for (const file of finished) inputs.onEvent?.({ kind: 'finished', file });
    if (inputs.signal?.aborted) {
      if (end.killed) {
        inputs.onEvent?.({
          kind: 'waiting',
          sentence:
            'alembic did not end when it was interrupted, and was killed: the server may still be at its statement',
        });
      }
      return { outcome: 'cancelled', plan, finished };
    }
    const found = failureIn(end.stdout, masked(end.stderr, this.secrets), this.known(inputs.files));
    const next = plan.runs[finished.length];
    const failure: RunFailure = {
      ...found,
      ...(found.path === undefined && next ? { path: next.path } : {}),
      version: next?.version,
      direction: next?.direction,
      left: after === undefined ? 'unknown' : 'version-table-says',
    };
    return { outcome: 'failed', plan, finished, failure };
  }

  private heard(line: string, plan: Plan, { onEvent }: ProgramInputs): void {
    const begun = revisionBegun(line);
    const at = begun === undefined ? -1 : plan.runs.findIndex(({ version }) => version === begun);
    const run = plan.runs[at];
    if (run) {
      const { path, direction } = run;
      onEvent?.({ kind: 'file', path, direction, index: at + 1, count: plan.runs.length });
    } else if (line.trim() !== '') onEvent?.({ kind: 'said', line: masked(line, this.secrets) });
  }

  /** Goes through env.py, which connects. */
  private async look(inputs: ProgramInputs, command: Command | undefined): Promise<AlembicDatabase> {
    inputs.onEvent?.({ kind: 'waiting', sentence: 'Asking alembic' });
    const end = await this.call(question(this.config, command), inputs);
    inputs.signal?.throwIfAborted();
    const answer = answerIn(end.stdout);
    if (answer === undefined) throw this.refusal(end, inputs.files);
    const [database, ...others] = answer.databases;
    if (others.length > 0) {
      throw new RunRefused(
        'program',
        'env.py goes through several databases, which cannot be told apart here',
        'Run alembic itself.',
      );
    }
    if (database) this.seen = database;
    if (answer.refused !== undefined) {
      const { title, advice } = failureIn(`FAILED: ${answer.refused}`, '', []);
      throw new RunRefused('revisions', title, advice);
    }
    if (database === undefined) {
      throw new RunRefused(
        'program',
        'env.py runs no migrations, so that its database is not known',
        'Look at env.py: it must call context.run_migrations().',
      );
    }
    return database;
  }

  private alembic(
    told: readonly string[],
    inputs: ProgramInputs,
    onLine?: (line: string) => void,
  ): Promise<PythonEnd> {
    const { path, section } = this.config;
    const configured = path.endsWith('.toml') ? [] : ['-c', path];
    // A target such as -1 is no option.
    const [verb = '', ...rest] = told;
    const options = rest.filter((each) => each.startsWith('--'));
    const targets = rest.filter((each) => !each.startsWith('--'));
    const all = [
      '-m',
      'alembic',
      ...configured,
      '-n',
      section,
      verb,
      ...options,
      ...(targets.length > 0 ? ['--', ...targets] : []),
    ];
    return this.call(all, inputs, onLine);
  }

  private async call(
    args: readonly string[],
    { signal }: ProgramInputs,
    onLine?: (line: string) => void,
  ): Promise<PythonEnd> {
    const { patience } = this;
    const options = {
      cwd: dirname(this.config.path),
      patience,
      ...(signal && { signal }),
      ...(onLine && { onLine }),
    };
    return await runPython(this.python, args, options).catch((error: Error) => {
      throw new RunRefused(
        'program',
        `${this.python.program} cannot be run: ${error.message}`,
        'Select another Python.',
      );
    });
  }

  /** All that a traceback may point into. */
  private known(files: readonly FileContent[]): readonly FileContent[] {
    return this.environment === undefined ? files : [...files, this.environment];
  }
}

function plannedRun({ id, path, direction }: AlembicStep, files: readonly FileContent[]): PlannedRun {
  const content = files.find(
    (file) => path !== '' && (path === file.path || path.endsWith(`/${baseNameOf(file.path)}`)),
  );
  return {
    path: content?.path ?? (path || id || 'base'),
    version: id,
    direction,
    content: content ?? { path, text: '', byteOrderMark: false },
    statements: [],
    byAlembic: true,
    transactional: true,
    recording: { sql: [], send: async () => undefined },
  };
}

function finishedFile({ path, version, direction }: PlannedRun, duration: number): FinishedFile {
  return { path, version, direction, statements: undefined, duration };
}

/** Those of a plan, from its beginning, that the version table says are done. */
function doneBetween(
  { runs }: Plan,
  before: AlembicDatabase | undefined,
  after: AlembicDatabase | undefined,
  files: readonly FileContent[],
): PlannedRun[] {
  if (before === undefined || after === undefined) return [];
  const applied = (rows: readonly string[]) =>
    new Set(
      alembicStatus(files, rows)
        .files.filter(({ state }) => state === 'applied')
        .map(({ version }) => version),
    );
  const now = applied(after.rows);
  const done: PlannedRun[] = [];
  for (const run of runs) {
    if (now.has(run.version) !== (run.direction === 'up')) break;
    done.push(run);
  }
  return done;
}

function passwordOf(url: string | undefined): string | undefined {
  const found = /:\/\/[^:@/]*:([^@/]*)@/.exec(url ?? '')?.[1];
  try {
    return found === undefined ? undefined : decodeURIComponent(found);
  } catch {
    return found;
  }
}
