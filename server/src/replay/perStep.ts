import type { Step } from './step.ts';

/** How many questions there are: each has its number. */
let questions = 0;

/** Stands for an answer that is undefined. */
const NONE = Symbol('none');

/**
 * A function of a step that works its answer out once. A step that is taken over after an edit has found the same as
 * before, so the answer still holds; it is forgotten with the step. To be made when the program is loaded, once for each
 * question.
 */
export function perStep<Answer>(compute: (step: Step) => Answer): (step: Step) => Answer {
  const question = questions++;
  return (step) => {
    const known = step.answers[question];
    if (known !== undefined) return (known === NONE ? undefined : known) as Answer;
    const answer = compute(step);
    step.answers[question] = answer === undefined ? NONE : answer;
    return answer;
  };
}
