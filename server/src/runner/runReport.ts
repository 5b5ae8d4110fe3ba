import type { Barrier, Plan } from './plan.ts';
import type { FinishedFile } from './runEvent.ts';
import type { RunFailure } from './runFailure.ts';

/** How a run ended. Whatever it says, the database is one that the tool would agree with, and another run can go on. */
export interface RunReport {
  /** `stopped`: in front of a barrier. */
  readonly outcome: 'done' | 'stopped' | 'failed' | 'cancelled';
  readonly plan: Plan;
  /** Run and recorded, in this order. */
  readonly finished: readonly FinishedFile[];
  readonly failure?: RunFailure;
  readonly barrier?: Barrier;
}
