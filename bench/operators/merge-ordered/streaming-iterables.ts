import { parallelMap } from 'streaming-iterables';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  for await (const result of parallelMap(CONCURRENCY, work, range(n))) seen.take(result);
  return seen.sum;
};
