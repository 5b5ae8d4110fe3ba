import type {
  PlannedFile,
  RunCommand,
  RunPlan,
  RunResult,
} from '../../../server/src/languageServer/protocol.ts';

/** More lines than this a dialog does not show well. */
const mostListed = 15;

/** What is asked before a run, and what the button says. */
export function question({ database, runs, barrier, notes = [], stamps }: RunPlan): {
  readonly message: string;
  readonly detail: string;
  readonly button: string;
} {
  const ups = runs.filter(({ direction }) => direction === 'up').length;
  const downs = runs.length - ups;
  const verb = stamps
    ? 'Record'
    : downs === 0
      ? 'Apply'
      : ups === 0
        ? 'Roll back'
        : 'Roll back and apply again';
  const what = `${migrations(Math.max(ups, downs))} ${downs > 0 || stamps ? 'in' : 'to'}`;
  const lines = [
    `Chosen ${database.reason}.`,
    ...notes.map((note) => `${note}.`),
    '',
    ...runs.slice(0, mostListed).map(fileLine),
    ...(runs.length > mostListed ? [`… and ${runs.length - mostListed} more`] : []),
    ...(barrier === undefined ? [] : ['', `It stops there: ${barrier}.`]),
  ];
  return { message: `${verb} ${what} ${database.name}?`, detail: lines.join('\n'), button: verb };
}

function fileLine({ name, direction, statements }: PlannedFile): string {
  const arrow = direction === 'up' ? '↑' : '↓';
  if (statements === undefined) return `${arrow} ${name}`;
  const count =
    statements === 0 ? 'nothing to send' : `${statements} statement${statements === 1 ? '' : 's'}`;
  return `${arrow} ${name} (${count})`;
}

/** Whether something may be lost: a person is warned then. */
export function isDestructive({ runs }: RunPlan): boolean {
  return runs.some(({ direction }) => direction === 'down');
}

/** What to say when there is nothing to run. */
export function nothingToDo(command: RunCommand, { database, barrier }: RunPlan): string {
  if (barrier !== undefined) return `Nothing to run on ${database.name}: ${barrier}.`;
  return command.kind === 'up'
    ? `Nothing to apply: ${database.name} has all of these migrations.`
    : `Nothing to roll back in ${database.name}.`;
}

/** The short words of a result; the log has the long ones. */
export function outcome({ outcome: ended, finished, barrier, failure }: RunResult, plan: RunPlan): string {
  const verb = plan.stamps ? 'Recorded' : isDestructive(plan) ? 'Rolled back' : 'Applied';
  const redone = isDestructive(plan) && plan.runs.some(({ direction }) => direction === 'up');
  switch (ended) {
    case 'done':
      return redone
        ? `Rolled back and applied again: ${plan.runs[0]?.name ?? ''}.`
        : `${verb} ${migrations(finished)}: ${plan.database.name}.`;
    case 'stopped':
      return `${verb} ${migrations(finished)}, then stopped: ${barrier ?? ''}.`;
    case 'cancelled':
      return `Cancelled after ${migrations(finished)}: ${plan.database.name}.`;
    case 'failed':
      return `${failure?.file === undefined ? '' : `${failure.file}: `}${failure?.message ?? 'failed'}. ${failure?.advice ?? ''}`;
  }
}

function migrations(count: number): string {
  return `${count === 0 ? 'no' : count} migration${count === 1 ? '' : 's'}`;
}
