import { batchMap, bufferFrame, coalesceMap, latestMap, throttleMap } from 'millrace/operators';

import { CONCURRENCY, type Run, work } from '../job.ts';
import { over, same } from '../merging/items.ts';
import { inBursts, keyOf, load } from './bursts.ts';

export const runs: Readonly<Record<string, Run>> = {
  coalesceMap: over(
    () => coalesceMap(work, keyOf, { concurrency: CONCURRENCY }),
    () => 1,
  ),
  batchMap: over(() => batchMap(load, { maxCount: CONCURRENCY }), same),
  latestMap: inBursts(latestMap(work)),
  throttleMap: inBursts(throttleMap(work, { windowMs: 1 })),
  bufferFrame: inBursts(bufferFrame({ capacity: 100_000_000 })),
};
