import {
  bufferCount,
  bufferTime,
  concatMap,
  exhaustMap,
  finalize,
  from,
  mergeAll,
  mergeMap,
  type Observable,
  pipe,
  share,
  Subject,
  throttle,
  throttleTime,
} from 'rxjs';

import { CONCURRENCY, type Run, work } from '../job.ts';
import { over, same } from '../merging/items.ts';
import { FRAME_MS, inBursts, keyOf, load } from './bursts.ts';

/** One call for each key that is asked for while it runs. */
function coalesce() {
  const running = new Map<number, Observable<number>>();
  return mergeMap((item: number) => {
    const key = keyOf(item);
    const call = from(work(item)).pipe(
      finalize(() => running.delete(key)),
      share(),
    );
    const shared = running.get(key) ?? call;
    running.set(key, shared);
    return shared;
  }, CONCURRENCY);
}

const both = { leading: true, trailing: true };

/** What comes while one runs is kept, the newest only. */
function latest(source: Observable<number>): Observable<number> {
  const free = new Subject<void>();
  return source.pipe(
    throttle(() => free, both),
    exhaustMap((item) => from(work(item)).pipe(finalize(() => free.next()))),
  );
}

export const runs: Readonly<Record<string, Run>> = {
  coalesceMap: over(coalesce, () => 1),
  batchMap: over(() => pipe(bufferCount<number>(CONCURRENCY), mergeMap(load), mergeAll()), same),
  latestMap: inBursts(latest),
  throttleMap: inBursts(pipe(throttleTime(1, undefined, both), concatMap(work))),
  bufferFrame: inBursts(bufferTime(FRAME_MS)),
};
