/** Where a command prints, and what it may use there. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether what is printed on `out` may be coloured. */
  readonly colour: boolean;
  /** In characters. */
  readonly width: number;
}

const usualWidth = 100;
const widest = 120;
const narrowest = 60;

/** The terminal of this process. What is printed after its reader has gone is lost without complaint. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => stdout.write(text),
    error: (text) => stderr.write(text),
    colour: mayColour(env, stdout.isTTY),
    width: Math.max(narrowest, Math.min(widest, stdout.columns || usualWidth)),
  };
}

/** FORCE_COLOR (force-color.org), then NO_COLOR (no-color.org), then whether a person is looking. */
export function mayColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: kind } = env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal && kind !== 'dumb';
}
