import type { DatabaseName } from '../database/databaseName.ts';
import { baseNameOf } from '../migrations/paths.ts';
import type { FolderOnDatabase } from '../runner/folderOnDatabase.ts';
import type { Plan, PlannedRun } from '../runner/plan.ts';
import type { FinishedFile, RunEvent } from '../runner/runEvent.ts';
import { type RunFailure, remainsInWords } from '../runner/runFailure.ts';
import type { RunReport } from '../runner/runReport.ts';
import { LineIndex } from '../workspace/lineIndex.ts';
import { codeFrame } from './codeFrame.ts';
import { paintFor, printable } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { amount } from './textReporter.ts';

/** Says on stderr which database it is and why, and gives what says there what takes its time. */
export function announced(
  { database, reason }: FolderOnDatabase,
  terminal: Terminal,
): (event: RunEvent) => void {
  terminal.error(`Database: ${printable(database.name.text)} (${reason})\n`);
  return (event) => {
    if (event.kind === 'waiting') terminal.error(`${printable(event.sentence)} …\n`);
  };
}

export function databaseJson({ database, reason }: FolderOnDatabase): DatabaseName & { reason: string } {
  return { ...database.name, reason };
}

/** What is going to be run, a line per file. */
export function planText({ command, runs, barrier, notes = [] }: Plan): string {
  if (runs.length === 0 && !barrier) return 'Nothing to run.\n';
  const lines = runs.map(({ path, direction, statements, byAlembic }) => {
    if (byAlembic)
      return `  ${command.kind === 'stamp' ? 'stamp' : direction.padEnd(4)} ${printable(path)}\n`;
    if (command.kind === 'stamp') return `  stamp ${printable(path)}\n`;
    const count = statements.length;
    const alone = statements.filter(({ autocommit }) => autocommit).length;
    const how =
      alone === 0 ? 'in one transaction' : alone === count ? 'one by one' : `${alone} of them alone`;
    const what =
      count === 0 ? 'nothing to send' : `${amount(count, 'statement')}${count > 1 ? `, ${how}` : ''}`;
    return `  ${direction.padEnd(4)} ${printable(path)} (${what})\n`;
  });
  lines.push(...notes.map((note) => `  note: ${note}\n`));
  return lines.join('') + (barrier ? `  then stop: ${printable(barrier.message)}\n` : '');
}

export function finishedText(
  { path, direction, statements, duration }: FinishedFile,
  terminal: Terminal,
): string {
  const paint = paintFor(terminal.colour);
  const word = paint('green', statements === 0 ? 'empty' : 'ok   ');
  const what = direction === 'down' ? ' rolled back' : '';
  return `${word} ${printable(baseNameOf(path))}${what} ${paint('dim', `(${duration.toFixed(1)} ms)`)}\n`;
}

/** What went wrong, with the lines around it. */
export function failureText(failure: RunFailure, { files }: FolderOnDatabase, terminal: Terminal): string {
  const paint = paintFor(terminal.colour);
  const { path, place, title, code, detail, hint, where, advice } = failure;
  const head = `${paint('red', 'error')}: ${printable(title)}${code ? paint('dim', ` [SQLSTATE ${code}]`) : ''}`;
  const text = files.find((file) => file.path === path)?.text;
  const at = [path, place?.line, place?.column].filter((part) => part !== undefined).join(':');
  const frame = place && text !== undefined ? codeFrame(new LineIndex(text), place.span, 'red', paint) : [];
  const more = [detail && `detail: ${detail}`, hint && `hint: ${hint}`, where && `where: ${where}`].flatMap(
    (line) => (line ? [printable(line)] : []),
  );
  return `${[
    at && paint('bold', printable(at)),
    head,
    ...frame,
    ...more,
    printable(advice),
    remainsInWords(failure),
  ]
    .filter((line) => line)
    .join('\n')}\n`;
}

export function reportText({ outcome, finished, barrier, plan }: RunReport): string {
  const done = amount(finished.length, 'migration') || 'no migration';
  switch (outcome) {
    case 'done':
      return plan.runs.length === 0 ? 'Nothing to run.\n' : `${done} run.\n`;
    case 'stopped':
      return `${done} run, then stopped: ${printable(barrier?.message ?? '')}.\n`;
    case 'cancelled':
      return `Cancelled after ${done}.\n`;
    case 'failed':
      return `Failed after ${done}.\n`;
  }
}

export function reportJson(folder: FolderOnDatabase, plan: Plan, report: RunReport | undefined): string {
  const { finished = [], failure, outcome = 'planned' } = report ?? {};
  const value = {
    database: databaseJson(folder),
    command: plan.command.kind,
    outcome,
    plan: plan.runs.map(planned),
    barrier: plan.barrier?.message ?? null,
    finished: finished.map(({ path, version, direction, statements, duration }) => ({
      path,
      version,
      direction,
      statements,
      milliseconds: Math.round(duration * 10) / 10,
    })),
    failure: failure ? failureJson(failure) : null,
  };
  return `${JSON.stringify(value)}\n`;
}

function planned({ path, version, direction, statements, transactional }: PlannedRun): object {
  return {
    path,
    version,
    direction,
    transaction: transactional,
    statements: statements.map(({ text }) => text),
  };
}

function failureJson({ place, title: message, ...rest }: RunFailure): object {
  return {
    message,
    ...rest,
    line: place?.line,
    column: place?.column,
    statement: place?.statement,
  };
}
