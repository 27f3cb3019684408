import {
  catchError,
  defer,
  EMPTY,
  mergeMap,
  type MonoTypeOperatorFunction,
  Observable,
  Subject,
  type Subscriber,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';

/** Opens after five failures in a row. */
export function breaker<T>(): MonoTypeOperatorFunction<T> {
  let failures = 0;
  let openUntil = 0;
  const error = (): void => {
    if (++failures >= 5) openUntil = Date.now() + 5000;
  };
  const complete = (): void => void (failures = 0);
  return (source) =>
    defer(() => (Date.now() < openUntil ? throwError(() => new Error('open')) : source.pipe(tap({ error, complete }))));
}

interface Waiting {
  readonly source: Observable<unknown>;
  readonly to: Subscriber<unknown>;
}

/** All calls go through one `mergeMap`, which bounds how many run at once. */
export function bounded<T>(limit: number): MonoTypeOperatorFunction<T> {
  const queue = new Subject<Waiting>();
  const run = ({ source, to }: Waiting): Observable<unknown> =>
    source.pipe(
      tap(to),
      catchError(() => EMPTY),
    );
  queue.pipe(mergeMap(run, limit)).subscribe();
  return (source) => new Observable<T>((to) => queue.next({ source, to: to as Subscriber<unknown> }));
}

/** Spaces starts evenly: GCRA. */
export function paced<T>(perSecond: number): MonoTypeOperatorFunction<T> {
  let nextMs = 0;
  return (source) =>
    defer(() => {
      const now = Date.now();
      const waitMs = Math.max(0, nextMs - now);
      nextMs = Math.max(nextMs, now) + 1000 / perSecond;
      return waitMs >= 1 ? timer(waitMs).pipe(switchMap(() => source)) : source;
    });
}

/** Turns calls away by chance, the more the fewer succeed; the counts are halved each ten seconds. */
export function sheddingLoad<T>(): MonoTypeOperatorFunction<T> {
  let requests = 0;
  let accepts = 0;
  let halvedMs = Date.now();
  return (source) =>
    defer(() => {
      const now = Date.now();
      if (now - halvedMs > 10_000) {
        requests /= 2;
        accepts /= 2;
        halvedMs = now;
      }
      if (Math.random() < (requests - 2 * accepts - 1000) / (requests + 1)) return throwError(() => new Error('shed'));
      requests++;
      return source.pipe(tap({ complete: () => accepts++ }));
    });
}
