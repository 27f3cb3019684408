import {
  BehaviorSubject,
  catchError,
  filter,
  first,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  pipe,
  race,
  repeat,
  ReplaySubject,
  retry,
  share,
  switchMap,
  take,
  takeUntil,
  tap,
  timeout,
  timer,
} from 'rxjs';

import type { Run } from '../job.ts';
import { together } from '../troubled.ts';
import { call, LONG_MS } from './call.ts';
import { bounded, breaker, paced, sheddingLoad } from './rxjs-by-hand.ts';

const each =
  (policy: MonoTypeOperatorFunction<number>): Run =>
  (n) =>
    together(n, (count) => void call.pipe(policy).subscribe(count));

const expired = (): never => {
  throw new Error('too late');
};
const total = <T>(): MonoTypeOperatorFunction<T> => takeUntil(timer(LONG_MS).pipe(map(expired)));
const paused = new BehaviorSubject(false);

const cached = share<number>({
  connector: () => new ReplaySubject(1),
  resetOnError: true,
  resetOnComplete: () => timer(LONG_MS),
  resetOnRefCountZero: () => timer(LONG_MS),
});
const answer = call.pipe(cached);

/** A failure goes on with what comes after the values that have come. */
function resuming(source: Observable<number>): Observable<number> {
  let count = 0;
  return source.pipe(
    tap(() => count++),
    catchError(() => of(count)),
  );
}

export const runs: Readonly<Record<string, Run>> = {
  breakCircuit: each(breaker()),
  limitConcurrency: each(bounded(1000)),
  limitRate: each(paced(1e9)),
  throttleClient: each(sheddingLoad()),
  hedge: each((source) => race(source, timer(LONG_MS).pipe(switchMap(() => source)))),
  timeoutEach: each(timeout({ first: LONG_MS })),
  timeoutIdle: each(timeout({ each: LONG_MS })),
  deadline: each(total()),
  fallbackTo: each(catchError(() => of(0))),
  pollUntil: each(
    pipe(
      repeat({ delay: 1000 }),
      first((value) => value === 1),
    ),
  ),
  pauseWhile: each((source) =>
    paused.pipe(
      filter((isPaused) => !isPaused),
      take(1),
      switchMap(() => source),
    ),
  ),
  resumeFrom: each(resuming),
  shareFor: (n) => together(n, (count) => void answer.subscribe(count)),
  standardPolicies: each(
    pipe(
      timeout({ first: LONG_MS }),
      bounded(1000),
      breaker(),
      retry({ count: 2, delay: (_error, attempt) => timer(100 * 2 ** attempt * Math.random()) }),
      total(),
    ),
  ),
};
