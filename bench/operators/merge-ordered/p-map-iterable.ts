import { pMapIterable } from 'p-map';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  for await (const result of pMapIterable(range(n), work, { concurrency: CONCURRENCY })) seen.take(result);
  return seen.sum;
};
