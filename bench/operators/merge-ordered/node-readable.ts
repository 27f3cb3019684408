import { Readable } from 'node:stream';

import { CONCURRENCY, Ordered, range, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const seen = new Ordered();
  const results = Readable.from(range(n)).map(work, { concurrency: CONCURRENCY });
  for await (const result of results) seen.take(result as number);
  return seen.sum;
};
