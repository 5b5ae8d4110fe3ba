import { createInterface } from 'node:readline/promises';

/** Puts a question to the person at the terminal. */
export type Ask = (question: string) => Promise<string>;

/** Asks at this process's terminal; undefined where there is none, or nobody to answer. */
export function terminalAsk(): Ask | undefined {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: stdin, output: stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}
