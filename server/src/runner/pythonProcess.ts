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
 * killed, with all that it started. It is asked too when this process ends. Rejects when it cannot be started.
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
    const ask = () => send('SIGINT');
    const stop = () => {
      ask();
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
      forget(ask);
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
    remember(ask);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

/** What asks each process that runs now to end. In groups of their own they do not hear what ends this one. */
const running = new Set<() => void>();

const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function remember(ask: () => void): void {
  if (running.size === 0) {
    process.on('exit', askAll);
    for (const signal of ENDINGS) process.on(signal, passOn);
  }
  running.add(ask);
}

function forget(ask: () => void): void {
  if (!running.delete(ask) || running.size > 0) return;
  process.removeListener('exit', askAll);
  for (const signal of ENDINGS) process.removeListener(signal, passOn);
}

function askAll(): void {
  for (const ask of running) ask();
}

/** A signal that nobody else listens to ends this process, as it would without this listener. */
function passOn(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  askAll();
  process.removeListener(signal, passOn);
  process.kill(process.pid, signal);
}
