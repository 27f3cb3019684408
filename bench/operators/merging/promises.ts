import PQueue from 'p-queue';

import { CONCURRENCY, range, type Run, work } from '../job.ts';
import { together } from '../troubled.ts';
import { levelOf } from './items.ts';

export const runs: Readonly<Record<string, Run>> = {
  async mergePriority(n) {
    const queue = new PQueue({ concurrency: CONCURRENCY });
    const add = (item: number) => queue.add(() => work(item), { priority: -levelOf(item) });
    const results = await Promise.all(Array.from(range(n), add));
    return results.reduce((sum, result) => sum + result, 0);
  },
  mergeFirst: (n) => together(n, (count) => void Promise.any([work(0), work(0), work(0)]).then(count)),
  combineCalls: (n) => together(n, (count) => void Promise.all([work(0), work(1), work(2)]).then(([a]) => count(a))),
};
