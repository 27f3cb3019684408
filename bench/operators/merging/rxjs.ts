import { catchError, concatMap, EMPTY, forkJoin, from, groupBy, map, mergeMap, of, take } from 'rxjs';

import { CONCURRENCY, type Run, work } from '../job.ts';
import { together } from '../troubled.ts';
import { keyOf, over, same } from './items.ts';

const mirrors = of(0, 0, 0);
const attempt = (item: number) => from(work(item)).pipe(catchError(() => EMPTY));
const settle = (item: number) =>
  from(work(item)).pipe(
    map((value) => ({ ok: true as const, value })),
    catchError((error: unknown) => of({ ok: false as const, error })),
  );

export const runs: Readonly<Record<string, Run>> = {
  mergeBounded: over(() => mergeMap(work, CONCURRENCY), same),
  mergeKeyed: over(
    () => (items) =>
      items.pipe(
        groupBy(keyOf),
        mergeMap((group) => group.pipe(concatMap(work))),
      ),
    same,
  ),
  mergeSettled: over(
    () => mergeMap(settle, CONCURRENCY),
    (result) => (result.ok ? result.value : NaN),
  ),
  mergeFirst: (n) => together(n, (count) => void mirrors.pipe(mergeMap(attempt), take(1)).subscribe(count)),
  combineCalls: (n) =>
    together(n, (count) => void forkJoin({ a: work(0), b: work(1), c: work(2) }).subscribe(({ a }) => count(a))),
};
