import { mergeOrdered } from 'millrace/operators';
import { lastValueFrom, tap } from 'rxjs';

import { CONCURRENCY, Loop, Ordered, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const loop = new Loop(n);
  const seen = new Ordered();
  const each = tap((result: number) => {
    seen.take(result);
    loop.more();
  });
  const done = lastValueFrom(loop.items.pipe(mergeOrdered(work, { concurrency: CONCURRENCY }), each));
  loop.start();
  await done;
  return seen.sum;
};
