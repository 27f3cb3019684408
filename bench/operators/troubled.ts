import { Observable } from 'rxjs';

/** Subscriptions that run at once. */
const TOGETHER = 256;

/** A call that fails so often, then gives 1. */
export function troubled(failures: number): Observable<number> {
  let left = failures;
  return new Observable((subscriber) => {
    if (left-- > 0) return subscriber.error(new Error('unavailable'));
    subscriber.next(1);
    subscriber.complete();
  });
}

/** Starts `n` calls, a few hundred at once, and counts what they give. */
export function together(n: number, start: (done: (value: number) => void) => void): Promise<number> {
  return new Promise((resolve) => {
    let sum = 0;
    let started = 0;
    let ended = 0;
    const done = (value: number): void => {
      sum += value;
      if (++ended === n) return resolve(sum);
      if (ended % TOGETHER === 0) queueMicrotask(more);
    };
    const more = (): void => {
      for (const until = Math.min(n, started + TOGETHER); started < until; started++) start(done);
    };
    more();
  });
}
