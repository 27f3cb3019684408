import PQueue from 'p-queue';

import type { Run } from '../job.ts';
import { together } from '../troubled.ts';
import { ask } from './call.ts';

const each =
  (queue: PQueue): Run =>
  (n) =>
    together(n, (count) => void queue.add(ask).then(count));

export const runs: Readonly<Record<string, Run>> = {
  limitConcurrency: each(new PQueue({ concurrency: 1000 })),
  limitRate: each(new PQueue({ interval: 1000, intervalCap: 1e9 })),
};
