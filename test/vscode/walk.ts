import type { Page } from 'playwright-core';
import type { Results } from './results.ts';

/** What is seen when it holds, and what is done to see it. */
export type Step = readonly [string, () => Promise<unknown>];

/** Takes steps one after the other, each where the one before it ended: after a failure none of the others can pass. */
export async function walk(page: Page, steps: readonly Step[]): Promise<Results> {
  let passed = 0;
  for (const [name, step] of steps) {
    try {
      await step();
      passed += 1;
      console.log(`  ok      ${name}`);
    } catch (error) {
      console.log(`  failed  ${name}: ${error instanceof Error ? error.message : error}`);
      await page.screenshot({ path: `dist-test/vscode-window-failed-${name.replaceAll(/\W+/g, '-')}.png` });
      break;
    }
  }
  await page.close();
  return { passed, failed: steps.length - passed };
}
