import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';

/** The steps of the history before a site's own, and those after it. */
export function aroundSite({ steps, step }: Site): {
  readonly earlier: readonly Step[];
  readonly later: readonly Step[];
} {
  const all = steps();
  const at = all.indexOf(step);
  return { earlier: all.slice(0, Math.max(at, 0)), later: all.slice(at + 1) };
}
