import { Observable } from 'rxjs';

import { NetworkError } from '../core/errors.js';

/**
 * Makes an Observable whose first subscriptions fail, to try out what repeats them.
 *
 * - next: `value`, from the subscription after the last failure on.
 * - error: `error` in the first `times` subscriptions.
 * - complete: right after the value.
 * - unsubscribe: nothing to stop: it answers at once.
 *
 * @param times - subscriptions that fail, counted over all subscribers
 * @param value - what the others get
 * @param error - what the failing ones get, the same object each time; else a new retryable NetworkError each time
 *
 * @example
 * ```ts
 * import { flaky } from 'millrace/testing';
 * import { lastValueFrom, retry } from 'rxjs';
 *
 * await lastValueFrom(flaky(2, 'fresh').pipe(retry(2))); // => 'fresh'
 * ```
 */
export function flaky<T>(times: number, value: T, ...error: [error?: unknown]): Observable<T> {
  let failed = 0;
  return new Observable<T>((subscriber) => {
    if (failed < times) {
      failed++;
      const lost = () => new NetworkError(`flaky: failure ${failed} of ${times}, on purpose`, 'receive');
      return subscriber.error(error.length > 0 ? error[0] : lost());
    }
    subscriber.next(value);
    subscriber.complete();
  });
}
