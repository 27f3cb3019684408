import { fromIterable } from 'millrace';
import { mergeOrdered } from 'millrace/operators';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  const results = fromIterable(range(n)).via(mergeOrdered(work, { concurrency: CONCURRENCY }));
  for await (const result of results) seen.take(result);
  return seen.sum;
};
