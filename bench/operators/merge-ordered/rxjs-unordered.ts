import { lastValueFrom, mergeMap, tap } from 'rxjs';

import { CONCURRENCY, Loop, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const loop = new Loop(n);
  let sum = 0;
  const each = tap((result: number) => {
    sum += result;
    loop.more();
  });
  const done = lastValueFrom(loop.items.pipe(mergeMap(work, CONCURRENCY), each));
  loop.start();
  await done;
  return sum;
};
