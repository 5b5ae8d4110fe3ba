import { spawn } from 'node:child_process';
import type { PythonCommand } from './python.ts';

/** How a process of Python ended. */
export interface PythonEnd {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it did not end when it was asked to. */
  readonly killed: boolean;
}

export interface PythonOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** A line of its standard error, as it comes. */
  readonly onLine?: (line: string) => void;
  /** How long it may take to end once it is asked to, in milliseconds. */
  readonly patience: number;
}

/**
 * Runs Python. An aborted signal asks it to end as Ctrl-C does, so that it rolls back what is open; if it does not, it is
 * killed, with all that it started. Rejects when it cannot be started.
 */
export function runPython(
  { program, args }: PythonCommand,
  own: readonly string[],
  { cwd, signal, onLine, patience }: PythonOptions,
): Promise<PythonEnd> {
  return new Promise((done, fail) => {
    const child = spawn(program, [...args, ...own], {
      cwd,
      env: { ...process.env, PYTHONUNBUFFERED: '1', PYTHONIOENCODING: 'utf-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a manager's child is asked too, and a terminal's Ctrl-C comes once.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const output = { stdout: '', stderr: '' };
    let line = '';
    let killed = false;
    let waiting: NodeJS.Timeout | undefined;
    const send = (what: NodeJS.Signals) => {
      if (child.pid === undefined) return;
      try {
        process.kill(process.platform === 'win32' ? child.pid : -child.pid, what);
      } catch {
        // It has ended by now.
      }
    };
    const stop = () => {
      send('SIGINT');
      waiting = setTimeout(() => {
        killed = true;
        send('SIGKILL');
      }, patience);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const each of lines) onLine?.(each.trimEnd());
    });
    const ended = () => {
      clearTimeout(waiting);
      signal?.removeEventListener('abort', stop);
    };
    child.on('error', (error) => {
      ended();
      fail(error);
    });
    child.on('close', (code) => {
      ended();
      done({ code, ...output, killed });
    });
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
