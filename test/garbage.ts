import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Lets go of all that nothing holds any more. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
}

/** What is held, in bytes. */
export function heapInUse(): number {
  collectGarbage();
  return getHeapStatistics().used_heap_size;
}
