import type { Step } from './step.ts';

/**
 * A function of a step that works its answer out once. A step that is taken over after an edit has found the same as
 * before, so the answer still holds; it is forgotten with the step.
 */
export function perStep<Answer>(compute: (step: Step) => Answer): (step: Step) => Answer {
  const known = new WeakMap<Step, { readonly answer: Answer }>();
  return (step) => {
    let found = known.get(step);
    if (found === undefined) {
      found = { answer: compute(step) };
      known.set(step, found);
    }
    return found.answer;
  };
}
