import { type FolderOnDatabase, isTyped } from '../runner/folderOnDatabase.ts';
import type { Command, Plan } from '../runner/plan.ts';
import { planScript } from '../runner/planScript.ts';
import type { RunEvent } from '../runner/runEvent.ts';
import { previewRun, runMigrations } from '../runner/runMigrations.ts';
import type { RunReport } from '../runner/runReport.ts';
import { type Ask, terminalAsk } from './ask.ts';
import { CannotRun } from './cannotRun.ts';
import { orCannotRun } from './databaseErrors.ts';
import { type DatabaseValues, databaseOptions, onDatabase } from './databaseOptions.ts';
import { printable } from './paint.ts';
import { announced, failureText, finishedText, planText, reportJson, reportText } from './runReport.ts';
import type { Terminal } from './terminal.ts';
import { amount } from './textReporter.ts';

/** What `up`, `down` and `redo` understand, for parseArgs. */
export const runOptions = {
  ...databaseOptions,
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

export interface RunValues extends DatabaseValues {
  readonly 'dry-run': boolean;
  readonly yes: boolean;
}

/** Shows the plan, asks where that is due, runs it. Gives the exit code: 1 when not all of the plan has been run. */
export function runCommand(
  command: Command,
  values: RunValues,
  positionals: readonly string[],
  terminal: Terminal,
): Promise<number> {
  return onDatabase(values, positionals, terminal, (on) => planAndRun(command, values, on, terminal));
}

async function planAndRun(
  command: Command,
  values: RunValues,
  on: FolderOnDatabase,
  terminal: Terminal,
): Promise<number> {
  const onEvent = announced(on, terminal);
  const plan = await orCannotRun(on, () => previewRun({ ...on, onEvent }, command));
  const json = values.format === 'json';
  if (values['dry-run']) {
    terminal.error(planText(plan));
    if (json) terminal.out(reportJson(on, plan, undefined));
    else terminal.out(printable(await scriptOf(plan, on)));
    return 0;
  }
  if (plan.runs.length > 0) {
    terminal.error(planText(plan));
    await confirm(plan, on, values.yes, terminalAsk());
  }
  const report = await run(on, plan, json ? () => undefined : shownOn(terminal));
  terminal.out(json ? reportJson(on, plan, report) : reportText(report));
  if (report.failure && !json) terminal.error(failureText(report.failure, on, terminal));
  return report.outcome === 'done' ? 0 : 1;
}

/** What would be sent: as it was planned, or as alembic itself prints it. */
async function scriptOf(plan: Plan, on: FolderOnDatabase): Promise<string> {
  const { program } = on;
  if (program === undefined) return planScript(plan);
  return await orCannotRun(on, () => program.script(plan.command, on));
}

/** Interrupting it once ends the run in order, twice at once. */
async function run(
  on: FolderOnDatabase,
  agreed: Plan,
  onEvent: (event: RunEvent) => void,
): Promise<RunReport> {
  const abort = new AbortController();
  const interrupt = () => abort.abort(new CannotRun('interrupted before anything was run'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await orCannotRun(on, () =>
      runMigrations({
        ...on,
        command: agreed.command,
        agreed,
        signal: abort.signal,
        onEvent,
        now: () => performance.now(),
      }),
    );
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

function shownOn(terminal: Terminal): (event: RunEvent) => void {
  let isTraceback = false;
  return (event) => {
    if (event.kind === 'said') {
      // Of a traceback the failure tells what matters.
      isTraceback ||= event.line.startsWith('Traceback');
      if (!isTraceback) terminal.error(`${printable(event.line)}\n`);
    }
    if (event.kind === 'finished') terminal.out(finishedText(event.file, terminal));
    if (event.kind === 'waiting') terminal.error(`${printable(event.sentence)} …\n`);
    if (event.kind === 'remark') terminal.error(`${printable(event.path)}: ${event.sentence}.\n`);
    if (event.kind === 'notice') {
      const { severity, message } = event.notice;
      terminal.error(`${severity}: ${printable(message)}\n`);
    }
  };
}

/** The embedded database can be made again, any other is asked about; a protected one by its name. */
async function confirm(plan: Plan, on: FolderOnDatabase, yes: boolean, ask: Ask | undefined): Promise<void> {
  const { name } = on.database;
  const what = `${taskInWords(plan)} on ${printable(name.text)}`;
  if (isTyped(on)) {
    if (!ask) {
      throw new CannotRun(
        `${name.text} is protected (skein.json): its name has to be typed, and there is no terminal`,
      );
    }
    const typed = await ask(`This database is protected. To ${what}, type the name of the database: `);
    if (typed?.trim() !== name.database) throw new CannotRun('that is not its name: nothing was run');
    return;
  }
  if (yes || name.kind === 'embedded') return;
  if (!ask) throw new CannotRun(`${what}? There is no terminal to ask at: say --yes`);
  const answer = await ask(`${what.charAt(0).toUpperCase()}${what.slice(1)}? [y/N] `);
  if (!/^\s*y(es)?\s*$/i.test(answer ?? '')) throw new CannotRun('nothing was run');
}

/** `apply 2 migrations`, `roll back 1 migration`. */
function taskInWords({ command, runs }: Plan): string {
  if (command.kind === 'stamp') return `record ${amount(runs.length, 'revision')} without running them`;
  const ups = runs.filter(({ direction }) => direction === 'up').length;
  const downs = runs.length - ups;
  if (downs === 0) return `apply ${amount(ups, 'migration')}`;
  return `roll back ${ups === 0 ? '' : 'and apply again '}${amount(downs, 'migration')}`;
}
