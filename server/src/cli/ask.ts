import { createInterface } from 'node:readline/promises';

/** Puts a question to the person at the terminal. Undefined when they leave instead (Ctrl-C, Ctrl-D). */
export type Ask = (question: string) => Promise<string | undefined>;

/** Asks at a terminal, this process's own; undefined where there is none, or nobody to answer. */
export function terminalAsk({
  stdin,
  stderr,
}: Pick<NodeJS.Process, 'stdin' | 'stderr'> = process): Ask | undefined {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: stdin, output: stderr });
    try {
      return await lines.question(question);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'AbortError')) throw error;
      stderr.write('\n');
      return undefined;
    } finally {
      lines.close();
    }
  };
}
