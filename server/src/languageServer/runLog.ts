import type { RunEvent } from '../runner/runEvent.ts';
import { type RunFailure, remainsInWords } from '../runner/runFailure.ts';
import type { RunReport } from '../runner/runReport.ts';
import { baseNameOf } from '../workspace/filePath.ts';
import type { RunProgressParams } from './protocol.ts';

/** A line of the log for what a run tells; none for what only a progress notification shows. */
export function logLine(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'waiting':
      return `${event.sentence} …`;
    case 'finished': {
      const { path, direction, statements, duration } = event.file;
      const what = statements === 0 ? 'empty' : `${direction === 'up' ? 'applied' : 'rolled back'}`;
      return `${what} ${baseNameOf(path)} (${duration.toFixed(1)} ms)`;
    }
    case 'said':
      return event.line;
    case 'notice':
      return `${baseNameOf(event.path)}: ${event.notice.severity}: ${event.notice.message}`;
    case 'remark':
      return `${baseNameOf(event.path)}: ${event.sentence}`;
    default:
      return undefined;
  }
}

/** Keeps count of a run's files for its progress notification. */
export class RunProgress {
  private done = 0;
  private count = 0;
  private file = '';

  /** What to show after an event; undefined when that is what is shown already. */
  after(event: RunEvent): RunProgressParams | undefined {
    switch (event.kind) {
      case 'waiting':
        return this.shown(event.sentence);
      case 'file':
        this.count = event.count;
        this.file = `${baseNameOf(event.path)}${event.count > 1 ? ` (${event.index} of ${event.count})` : ''}`;
        return this.shown(this.file);
      case 'statement':
        return this.shown(
          event.count > 1 ? `${this.file}: statement ${event.index} of ${event.count}` : this.file,
        );
      case 'finished':
        this.done += 1;
        return this.shown(this.file);
      default:
        return undefined;
    }
  }

  private shown(text: string): RunProgressParams {
    return { text, done: this.done, count: this.count };
  }
}

/** All there is to say about a failure, a line each. */
export function failureLines(failure: RunFailure): string[] {
  const { path, place, title, code, detail, hint, where, advice } = failure;
  const at = [path, place?.line, place?.column].filter((part) => part !== undefined).join(':');
  return [
    `${at ? `${at}: ` : ''}${title}${code ? ` [SQLSTATE ${code}]` : ''}`,
    place && `statement: ${place.statement}`,
    detail && `detail: ${detail}`,
    hint && `hint: ${hint}`,
    where && `where: ${where}`,
    advice,
    remainsInWords(failure),
  ].flatMap((line) => line || []);
}

/** The same for a diagnostic at the failing token, which needs no place and no statement. */
export function failureMessage(failure: RunFailure): string {
  const { title, detail, hint, where, advice } = failure;
  return [
    title,
    detail && `Detail: ${detail}`,
    hint && `Hint: ${hint}`,
    where && `Where: ${where}`,
    advice,
    remainsInWords(failure),
  ]
    .filter((line) => line)
    .join('\n');
}

export function outcomeLine({ outcome, finished, barrier }: RunReport): string {
  const done = `${finished.length} migration${finished.length === 1 ? '' : 's'}`;
  switch (outcome) {
    case 'done':
      return `${done} run.`;
    case 'stopped':
      return `${done} run, then stopped: ${barrier?.message ?? ''}.`;
    case 'cancelled':
      return `Cancelled after ${done}.`;
    case 'failed':
      return `Failed after ${done}.`;
  }
}
