import { Effect } from 'effect';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  const each = (item: number) => Effect.promise(() => work(item));
  const results = await Effect.runPromise(Effect.forEach(range(n), each, { concurrency: CONCURRENCY }));
  for (const result of results) seen.take(result);
  return seen.sum;
};
