import { concatMap, from, lastValueFrom, map, mergeMap, scan, tap } from 'rxjs';

import { CONCURRENCY, Loop, Ordered, type Run, work } from '../job.ts';

/** Puts indexed results back into the order of their indexes. */
interface Desk {
  readonly waiting: Map<number, number>;
  next: number;
  ready: number[];
}

function sort(desk: Desk, [index, result]: readonly [number, number]): Desk {
  desk.ready = [];
  desk.waiting.set(index, result);
  for (let found = desk.waiting.get(desk.next); found !== undefined; found = desk.waiting.get(desk.next)) {
    desk.waiting.delete(desk.next++);
    desk.ready.push(found);
  }
  return desk;
}

export const run: Run = async (n) => {
  const loop = new Loop(n);
  const seen = new Ordered();
  const desk: Desk = { waiting: new Map(), next: 0, ready: [] };
  const indexed = (item: number, index: number) => from(work(item)).pipe(map((result) => [index, result] as const));
  const results = loop.items.pipe(
    mergeMap(indexed, CONCURRENCY),
    scan(sort, desk),
    concatMap(({ ready }) => ready),
  );
  const each = tap((result: number) => {
    seen.take(result);
    loop.more();
  });
  const done = lastValueFrom(results.pipe(each));
  loop.start();
  await done;
  return seen.sum;
};
