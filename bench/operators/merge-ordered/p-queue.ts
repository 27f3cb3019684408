import PQueue from 'p-queue';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  const queue = new PQueue({ concurrency: CONCURRENCY });
  const results = await Promise.all(Array.from(range(n), (item) => queue.add(() => work(item))));
  for (const result of results) seen.take(result);
  return seen.sum;
};
