import { combineCalls } from 'millrace';
import { mergeBounded, mergeFirst, mergeKeyed, mergePriority, mergeSettled } from 'millrace/operators';
import { of } from 'rxjs';

import { CONCURRENCY, type Run, work } from '../job.ts';
import { together } from '../troubled.ts';
import { keyOf, levelOf, over, same } from './items.ts';

const concurrency = CONCURRENCY;
const mirrors = of(0, 0, 0);
const first = mergeFirst(work);

export const runs: Readonly<Record<string, Run>> = {
  mergeBounded: over(() => mergeBounded(work, { concurrency }), same),
  mergeKeyed: over(() => mergeKeyed(work, keyOf, { concurrency }), same),
  mergePriority: over(() => mergePriority(work, levelOf, { concurrency }), same),
  mergeSettled: over(
    () => mergeSettled(work, { concurrency }),
    (result) => (result.status === 'fulfilled' ? result.value : NaN),
  ),
  mergeFirst: (n) => together(n, (count) => void mirrors.pipe(first).subscribe(count)),
  combineCalls: (n) =>
    together(n, (count) => {
      void combineCalls({ a: work(0), b: work(1), c: work(2) }).subscribe(({ a }) => count(a));
    }),
};
