import { type MonoTypeOperatorFunction, Observable, share } from 'rxjs';

import { type Clock, systemClock } from '../lib/core/clock.js';
import { atLeast, positiveWhole } from '../lib/core/numbers.js';
import { readOptions } from '../lib/core/options.js';
import { KeptAnswer } from '../lib/core/policy/kept-answer.js';

/** Settings for {@link shareFor}. */
export interface ShareForOptions {
  /** How long what the source sent is given to late subscribers after it completed. Unit: milliseconds. @defaultValue 0 */
  readonly replayMs?: number;
  /** How long the source is kept running after the last subscriber left. Unit: milliseconds. @defaultValue 0 */
  readonly lingerMs?: number;
  /** How many of the last values a late subscriber is given. @defaultValue 1 */
  readonly capacity?: number;
  /** Where time comes from. @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Shares one subscription to the source among all subscribers, and its answer with those who come soon after.
 *
 * - next: passed to all; who comes late is given the last `capacity` values first.
 * - error: passed to all and forgotten: the next subscriber asks anew.
 * - complete: passed to all; for `replayMs` late subscribers are given the last values and completion.
 * - unsubscribe: the source goes on for the others, and for `lingerMs` after the last one left; then it is cancelled.
 *
 * Sharing is what it is for: it breaks the law that subscriptions share no state. What is shared belongs to the
 * Observable that the operator made: keep it, and subscribe to it again. It asks the source for everything; late
 * subscribers find only the last `capacity` values. With `replayMs`, a source that is left from within a value, as
 * `firstValueFrom` does, is cancelled when it does not complete in the same turn, or sends another value.
 *
 * @param options - see {@link ShareForOptions}; all times are milliseconds, `Infinity` is for good
 * @returns an operator whose result is shared
 * @throws ConfigError when an option is wrong
 * @throws the source's error, the same object for all
 * @see Rx.NET, "RefCount" with a disconnect delay
 *
 * @example
 * ```ts
 * import { shareFor } from 'millrace/operators';
 * import { defer, firstValueFrom } from 'rxjs';
 *
 * let calls = 0;
 * const rates$ = defer(async () => ++calls).pipe(shareFor({ replayMs: 50 }));
 * await Promise.all([firstValueFrom(rates$), firstValueFrom(rates$)]); // => [1, 1]
 * await firstValueFrom(rates$); // => 1
 * ```
 */
export function shareFor<T>(options: ShareForOptions = {}): MonoTypeOperatorFunction<T> {
  const given: ShareForOptions = readOptions(options, ['replayMs', 'lingerMs', 'capacity', 'clock'], 'shareFor');
  const replayMs = atLeast(0, given.replayMs ?? 0, 'shareFor.replayMs');
  const lingerMs = atLeast(0, given.lingerMs ?? 0, 'shareFor.lingerMs');
  const capacity = positiveWhole(given.capacity ?? 1, 'shareFor.capacity');
  const clock = given.clock ?? systemClock;
  return (source) => {
    let answer: KeptAnswer<T>;
    const shared = share<T>({
      connector: () => (answer = new KeptAnswer<T>(capacity)),
      resetOnError: true,
      resetOnComplete: after(replayMs, clock),
      resetOnRefCountZero: lingerMs === 0 && replayMs > 0 ? () => answer.left : after(lingerMs, clock),
    });
    return shared(source);
  };
}

/** When `share` lets go: at once, never, or when the time is over; the wait is cancelled when somebody comes. */
function after(ms: number, clock: Clock): boolean | (() => Observable<void>) {
  if (ms === 0) return true;
  if (ms === Infinity) return false;
  return () => new Observable((subscriber) => clock.after(ms, () => subscriber.next()));
}
