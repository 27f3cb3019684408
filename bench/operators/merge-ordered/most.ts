import { fromPromise, mergeMapConcurrently, newStream, runEffects, tap } from '@most/core';
import { currentTime, newDefaultScheduler } from '@most/scheduler';

import { CONCURRENCY, Loop, type Run, work } from '../job.ts';

export const run: Run = async (n) => {
  const loop = new Loop(n);
  let sum = 0;
  const items = newStream<number>((sink, scheduler) => {
    const subscription = loop.items.subscribe({
      next: (item) => sink.event(currentTime(scheduler), item),
      complete: () => sink.end(currentTime(scheduler)),
    });
    return { dispose: () => subscription.unsubscribe() };
  });
  const each = (result: number): void => {
    sum += result;
    loop.more();
  };
  const results = mergeMapConcurrently((item) => fromPromise(work(item)), CONCURRENCY, items);
  const done = runEffects(tap(each, results), newDefaultScheduler());
  loop.start();
  await done;
  return sum;
};
