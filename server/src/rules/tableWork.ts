import { tableTree } from '../catalog/catalog.ts';
import { type ScanReason, scansOf } from '../effects/effect.ts';
import type { Step } from '../replay/step.ts';

/** Whether the statement reads the table, or one below it, for this reason. */
export function isScannedFor(step: Step, table: string, reason: ScanReason): boolean {
  return tableTree(step.before, table).some((each) =>
    scansOf(step.effect, each).some((scan) => scan.reason === reason),
  );
}

/** Whether the statement writes the table, or one below it, anew. */
export function isRewritten(step: Step, table: string): boolean {
  return tableTree(step.before, table).some((each) => step.effect.rewrites.includes(each));
}
