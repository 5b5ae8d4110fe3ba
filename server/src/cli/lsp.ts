import { parseArgs } from 'node:util';
import { loadParser } from '../sql/parser.ts';
import { CannotRun } from './cannotRun.ts';

/** `skein lsp`: serves an editor over stdin and stdout until it goes. Does not return before. */
export async function lsp(args: string[]): Promise<never> {
  const { values } = parseArgs({
    args,
    options: {
      stdio: { type: 'boolean', default: false },
      // Editors name their process, so that the server can end when they are gone.
      clientProcessId: { type: 'string' },
    },
  });
  if (!values.stdio) throw new CannotRun('skein lsp talks over stdin and stdout only: say skein lsp --stdio');
  // Loaded here: the other commands start faster without it.
  const { serve } = await import('../languageServer/serve.ts');
  serve(loadParser());
  return new Promise(() => {});
}
