/**
 * What Node is told when it starts the language server: on how many threads V8 may compile and collect garbage beside the
 * one that answers. Node gives it four, which on two processors take that one's time: the first diagnostics come a fifth
 * later. Electron has threads of its own, and is told nothing. `versions` are those of the program that becomes Node.
 */
export function threadArguments(
  processors: number,
  versions: Readonly<Record<string, string | undefined>>,
): string[] {
  if (versions.electron !== undefined) return [];
  return [`--v8-pool-size=${Math.max(1, Math.min(processors - 1, NODES_OWN))}`];
}

/** What Node gives V8 when it is not told otherwise (documentation: --v8-pool-size). */
const NODES_OWN = 4;
