import { existsSync, readFileSync } from 'node:fs';

export interface Results {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Prints what mocha wrote into `file` as json, a line for each test. A run that ended without results, or with an
 * exit code other than 0 though all its tests passed, counts as one failure more.
 */
export function printResults(file: string, exitCode: number): Results {
  const { tests, stats } = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as MochaResults)
    : { tests: [], stats: { passes: 0, failures: 0 } };
  for (const { fullTitle, duration, err } of tests) {
    if (err.message === undefined) console.log(`  ok      ${fullTitle} (${duration ?? 0} ms)`);
    else
      console.log(
        `  failed  ${fullTitle}\n          ${(err.stack ?? err.message).replaceAll('\n', '\n          ')}`,
      );
  }
  const ended = stats.failures > 0 || (stats.passes > 0 && exitCode === 0);
  if (!ended) console.log(`  failed  the run itself: exit code ${exitCode}, ${stats.passes} tests passed`);
  return { passed: stats.passes, failed: stats.failures + (ended ? 0 : 1) };
}

interface MochaResults {
  readonly stats: { readonly passes: number; readonly failures: number };
  readonly tests: readonly {
    readonly fullTitle: string;
    readonly duration?: number;
    readonly err: { readonly message?: string; readonly stack?: string };
  }[];
}
